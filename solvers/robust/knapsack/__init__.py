"""The two-stage robust knapsack and what makes it fast."""

from boundwise.solvers.robust.knapsack.problem import RobustKnapsack

__all__ = ["RobustKnapsack"]
