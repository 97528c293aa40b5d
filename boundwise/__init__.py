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
    from boundwise.instances.checker import check
    from boundwise.instances.reader import read
    from boundwise.solvers.mip.solve import solve
    from boundwise.solvers.vanishing import OAVI, ClasswiseOAVI

__version__ = "0.1.0"

_HOMES = {
    "OAVI": "boundwise.solvers.vanishing",
    "BoundwiseError": "boundwise.core.errors",
    "ClasswiseOAVI": "boundwise.solvers.vanishing",
    "InputError": "boundwise.core.errors",
    "NotAvailableError": "boundwise.core.errors",
    "SolverError": "boundwise.core.errors",
    "StageError": "boundwise.core.errors",
    "Result": "boundwise.core.result",
    "Status": "boundwise.core.status",
    "Termination": "boundwise.core.status",
    "check": "boundwise.instances.checker",
    "read": "boundwise.instances.reader",
    "solve": "boundwise.solvers.mip.solve",
}

__all__ = [
    "OAVI",
    "BoundwiseError",
    "ClasswiseOAVI",
    "InputError",
    "NotAvailableError",
    "Result",
    "SolverError",
    "StageError",
    "Status",
    "Termination",
    "__version__",
    "check",
    "read",
    "solve",
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
