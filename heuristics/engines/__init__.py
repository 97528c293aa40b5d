"""Other solvers as partners of the search: children that run in slices of time."""
