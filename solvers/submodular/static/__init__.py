"""Maximization on a fixed ground set: greedy methods, and a selector of rows.

The selector, which needs scikit-learn, is loaded when it is first asked for.
"""

from typing import TYPE_CHECKING, Any

from boundwise.solvers.submodular.static.maximize import Maximum, maximize

if TYPE_CHECKING:
    from boundwise.solvers.submodular.static.selector import SubsetSelector

__all__ = ["Maximum", "SubsetSelector", "maximize"]


def __getattr__(name: str) -> Any:
    if name == "SubsetSelector":
        from boundwise.solvers.submodular.static.selector import SubsetSelector

        return SubsetSelector
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
