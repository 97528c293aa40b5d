"""Step rules by name."""

from collections.abc import Callable
from typing import Final

from boundwise.core.errors import InputError
from boundwise.heuristics.frank_wolfe.functions import as_quadratic
from boundwise.heuristics.frank_wolfe.line_searches.adaptive import Adaptive
from boundwise.heuristics.frank_wolfe.line_searches.agnostic import Agnostic
from boundwise.heuristics.frank_wolfe.line_searches.backtracking import Backtracking
from boundwise.heuristics.frank_wolfe.line_searches.exact import Exact
from boundwise.heuristics.frank_wolfe.line_searches.golden_section import GoldenSection
from boundwise.heuristics.frank_wolfe.line_searches.line import LineSearch
from boundwise.heuristics.frank_wolfe.line_searches.monotonic import Monotonic
from boundwise.heuristics.frank_wolfe.line_searches.secant import Secant
from boundwise.heuristics.frank_wolfe.protocols import Objective

_MADE_BY: Final[dict[str, Callable[[], LineSearch]]] = {
    "adaptive": Adaptive,
    "agnostic": Agnostic,
    "backtracking": Backtracking,
    "exact": Exact,
    "golden_section": GoldenSection,
    "monotonic": Monotonic,
    "secant": Secant,
}

LINE_SEARCHES: Final = tuple(_MADE_BY)


def make_line_search(chosen: str | LineSearch, objective: Objective) -> LineSearch:
    """Return a step rule by name, or the object given.

    Parameters
    ----------
    chosen
        A name of `LINE_SEARCHES`, or an object with ``choose``. ``"secant"`` becomes
        the exact step where the objective is a quadratic that tells its curvature.
    objective
        The objective it will serve.

    Raises
    ------
    InputError
        If the name is unknown, or needs a constant that no name can carry.
    """
    if not isinstance(chosen, str):
        if isinstance(chosen, LineSearch):
            return chosen
        raise InputError(f"line_search must be a name or have choose, got {chosen!r}.")
    if chosen == "short_step":
        raise InputError(
            "line_search 'short_step' needs a constant: pass ShortStep(smoothness)."
        )
    if chosen not in _MADE_BY:
        raise InputError(f"line_search must be one of {LINE_SEARCHES}, got {chosen!r}.")
    if chosen == "secant" and as_quadratic(objective) is not None:
        return Exact()
    return _MADE_BY[chosen]()
