"""Local search on linear rows: weighted violations, one variable moved at a time."""
