"""Submodular maximization under a cardinality constraint, also on changing sets."""

from boundwise.solvers.submodular.maximizer import Checkpoint, DynamicMaximizer

__all__ = ["Checkpoint", "DynamicMaximizer"]
