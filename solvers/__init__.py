"""Solvers, one subpackage for each problem class."""
