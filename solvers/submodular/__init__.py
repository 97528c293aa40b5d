"""Submodular maximization under a cardinality constraint, also on changing sets.

The public names are loaded when they are first used: SCIP, scikit-learn and the
compiler only by those that need them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boundwise.solvers.submodular.exact import maximize_exact
    from boundwise.solvers.submodular.maximizer import Checkpoint, DynamicMaximizer
    from boundwise.solvers.submodular.objectives import (
        ConcaveOverModular,
        Counterexample,
        Coverage,
        FacilityLocation,
        FeatureBased,
        GraphCut,
        Influence,
        LogDeterminant,
        Mixture,
        Objective,
        SetFunction,
        Stack,
        check_objective,
    )
    from boundwise.solvers.submodular.static.maximize import Maximum, maximize
    from boundwise.solvers.submodular.static.selector import SubsetSelector

#: Where a name lives, if not among the objectives.
_HOMES = {
    "Checkpoint": "maximizer",
    "DynamicMaximizer": "maximizer",
    "Maximum": "static.maximize",
    "SubsetSelector": "static.selector",
    "maximize": "static.maximize",
    "maximize_exact": "exact",
}

__all__ = [
    "Checkpoint",
    "ConcaveOverModular",
    "Counterexample",
    "Coverage",
    "DynamicMaximizer",
    "FacilityLocation",
    "FeatureBased",
    "GraphCut",
    "Influence",
    "LogDeterminant",
    "Maximum",
    "Mixture",
    "Objective",
    "SetFunction",
    "Stack",
    "SubsetSelector",
    "check_objective",
    "maximize",
    "maximize_exact",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = import_module(f"{__name__}.{_HOMES.get(name, 'objectives')}")
    value = getattr(home, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
