"""Feasible sets whose linear minimisation has a direct method, and sets of solvers."""
