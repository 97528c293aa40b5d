"""Exact maximization of monotone submodular functions on SCIP."""

from boundwise.solvers.submodular.exact.maximize import maximize_exact

__all__ = ["maximize_exact"]
