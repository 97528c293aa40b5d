"""Maximization on a fixed ground set: greedy methods, and a selector of rows."""

from boundwise.solvers.submodular.static.maximize import Maximum, maximize
from boundwise.solvers.submodular.static.selector import SubsetSelector

__all__ = ["Maximum", "SubsetSelector", "maximize"]
