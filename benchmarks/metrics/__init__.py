"""The figures by which solvers are compared; every shift and tolerance is stated."""
