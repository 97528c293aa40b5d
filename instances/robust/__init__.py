"""Two-stage robust problems as data, and readers of published sets."""
