"""Mixed-integer and combinatorial optimization around SCIP.

The public names are loaded when they are first used, so that importing the package
costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boundwise.core.errors import (
        BoundwiseError,
        InputError,
        NotAvailableError,
        SolverError,
        StageError,
    )
    from boundwise.core.result import Result
    from boundwise.core.status import Status, Termination
    from boundwise.heuristics.frank_wolfe.frank_wolfe import frank_wolfe
    from boundwise.instances.checker import check
    from boundwise.instances.reader import read
    from boundwise.solvers.convex.minimize import minimize
    from boundwise.solvers.dag import TopologicalDAG
    from boundwise.solvers.mip.solve import solve
    from boundwise.solvers.robust.solve import solve_robust
    from boundwise.solvers.scheduler.attach import attach
    from boundwise.solvers.submodular.exact import maximize_exact
    from boundwise.solvers.submodular.maximizer import DynamicMaximizer
    from boundwise.solvers.submodular.static import SubsetSelector, maximize
    from boundwise.solvers.vanishing import OAVI, ClasswiseOAVI

__version__ = "0.1.0"

_HOMES = {
    "OAVI": "boundwise.solvers.vanishing",
    "BoundwiseError": "boundwise.core.errors",
    "ClasswiseOAVI": "boundwise.solvers.vanishing",
    "DynamicMaximizer": "boundwise.solvers.submodular.maximizer",
    "InputError": "boundwise.core.errors",
    "NotAvailableError": "boundwise.core.errors",
    "Result": "boundwise.core.result",
    "SolverError": "boundwise.core.errors",
    "StageError": "boundwise.core.errors",
    "Status": "boundwise.core.status",
    "SubsetSelector": "boundwise.solvers.submodular.static",
    "Termination": "boundwise.core.status",
    "TopologicalDAG": "boundwise.solvers.dag",
    "attach": "boundwise.solvers.scheduler.attach",
    "check": "boundwise.instances.checker",
    "frank_wolfe": "boundwise.heuristics.frank_wolfe.frank_wolfe",
    "maximize": "boundwise.solvers.submodular.static",
    "maximize_exact": "boundwise.solvers.submodular.exact",
    "minimize": "boundwise.solvers.convex.minimize",
    "read": "boundwise.instances.reader",
    "solve": "boundwise.solvers.mip.solve",
    "solve_robust": "boundwise.solvers.robust.solve",
}

__all__ = [
    "OAVI",
    "BoundwiseError",
    "ClasswiseOAVI",
    "DynamicMaximizer",
    "InputError",
    "NotAvailableError",
    "Result",
    "SolverError",
    "StageError",
    "Status",
    "SubsetSelector",
    "Termination",
    "TopologicalDAG",
    "__version__",
    "attach",
    "check",
    "frank_wolfe",
    "maximize",
    "maximize_exact",
    "minimize",
    "read",
    "solve",
    "solve_robust",
]


def __getattr__(name: str) -> Any:
    try:
        home = _HOMES[name]
    except KeyError:
        raise AttributeError(f"module 'boundwise' has no attribute {name!r}") from None
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
