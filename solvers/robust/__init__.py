"""Two-stage robust optimization: decide, meet the worst case, react."""

from boundwise.solvers.robust.budgeting import RobustCapitalBudgeting
from boundwise.solvers.robust.knapsack import RobustKnapsack
from boundwise.solvers.robust.linear import LinearTwoStage
from boundwise.solvers.robust.location import RobustFacilityLocation
from boundwise.solvers.robust.problem import (
    Recourse,
    RobustResult,
    ScenarioFeatures,
    TwoStageProblem,
    WorstCase,
)
from boundwise.solvers.robust.solve import solve_robust
from boundwise.solvers.robust.stages import FirstStage, Policy, SecondStage
from boundwise.solvers.robust.uncertainty import BoxSet, BudgetSet, PolyhedralSet

__all__ = [
    "BoxSet",
    "BudgetSet",
    "FirstStage",
    "LinearTwoStage",
    "Policy",
    "PolyhedralSet",
    "Recourse",
    "RobustCapitalBudgeting",
    "RobustFacilityLocation",
    "RobustKnapsack",
    "RobustResult",
    "ScenarioFeatures",
    "SecondStage",
    "TwoStageProblem",
    "WorstCase",
    "solve_robust",
]
