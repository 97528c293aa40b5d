"""Dives by name, for the command line and keyword arguments."""

from collections.abc import Callable, Sequence

from boundwise.heuristics.by_name import make_named
from boundwise.heuristics.dives.active_constraint import ActiveConstraint
from boundwise.heuristics.dives.coefficient import Coefficient
from boundwise.heuristics.dives.distribution import Distribution
from boundwise.heuristics.dives.farkas import Farkas
from boundwise.heuristics.dives.fractional import Fractional
from boundwise.heuristics.dives.guided import Guided
from boundwise.heuristics.dives.line_search import LineSearch
from boundwise.heuristics.dives.pseudocost import Pseudocost
from boundwise.heuristics.dives.rule import DiveRule
from boundwise.heuristics.dives.vector_length import VectorLength

DIVES: dict[str, Callable[[], DiveRule]] = {
    "dive-active": ActiveConstraint,
    "dive-coefficient": Coefficient,
    "dive-distribution": Distribution,
    "dive-farkas": Farkas,
    "dive-fractional": Fractional,
    "dive-guided": Guided,
    "dive-line-search": LineSearch,
    "dive-pseudocost": Pseudocost,
    "dive-vector-length": VectorLength,
}


def make_dives(names: Sequence[str | DiveRule] | None = None) -> tuple[DiveRule, ...]:
    """Return the rules that ``names`` names.

    Parameters
    ----------
    names
        Names in `DIVES` or objects with ``name``, ``applies`` and ``rank``; None for
        all that are shipped.

    Raises
    ------
    InputError
        If a name is unknown, an object is no rule, two have the same name, or there
        is none.

    Examples
    --------
    >>> [rule.name for rule in make_dives(["dive-guided"])]
    ['dive-guided']
    """
    given = tuple(DIVES) if names is None else names
    return make_named("dives", given, DIVES, DiveRule, "name, applies and rank")
