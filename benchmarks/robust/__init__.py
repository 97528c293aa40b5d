"""What the robust suite measures, and the tables of published sets."""
