"""Two-stage robust capital budgeting and its exact worst case."""

from boundwise.solvers.robust.budgeting.problem import RobustCapitalBudgeting

__all__ = ["RobustCapitalBudgeting"]
