"""Arms by name: dives, neighbourhoods and local search, in one index space."""

from collections.abc import Iterable, Sequence
from typing import Any

from boundwise.core.errors import InputError
from boundwise.heuristics.by_name import check_distinct
from boundwise.heuristics.dives.factory import DIVES
from boundwise.heuristics.dives.rule import DiveRule
from boundwise.heuristics.neighbourhoods.factory import NEIGHBOURHOODS
from boundwise.heuristics.neighbourhoods.rens import Rens
from boundwise.heuristics.protocols import Neighbourhood
from boundwise.heuristics.scheduling.arm import TreeArm
from boundwise.heuristics.scheduling.dive_arm import DiveArm
from boundwise.heuristics.scheduling.local_search_arm import LocalSearchArm
from boundwise.heuristics.scheduling.neighbourhood_arm import NeighbourhoodArm

#: Names that stand for several arms.
GROUPS = {
    # Each has to be tried before the bandit knows it, in this order, and most solves
    # have time for some twenty calls: the best of each kind, those first that have
    # found most per call where SCIP needs seconds. Local search is not among them, for
    # its compiled code takes a second to load.
    "default": (
        "rins",
        "reduced-cost",
        "rens",
        "graph-ball",
        "crossover",
        "dins",
        "mutation",
        "dive-guided",
        "dive-pseudocost",
        "dive-coefficient",
        "dive-line-search",
        "dive-vector-length",
        "dive-fractional",
    ),
    "all": (*DIVES, *NEIGHBOURHOODS, "local-search"),
    "dives": tuple(DIVES),
    "neighbourhoods": tuple(NEIGHBOURHOODS),
}

#: What ``arms`` may hold.
ArmLike = str | TreeArm | DiveRule | Neighbourhood


def make_arms(arms: str | Sequence[ArmLike]) -> tuple[TreeArm, ...]:
    """Return the arms that ``arms`` names.

    Parameters
    ----------
    arms
        A name in `GROUPS`, or a sequence of names of dives and neighbourhoods, dive
        rules, neighbourhoods and arms.

    Raises
    ------
    InputError
        If a name is unknown, an object is none of these, two have the same name, or
        there is none.

    Examples
    --------
    >>> [arm.name for arm in make_arms(["rins", "dive-guided"])]
    ['rins', 'dive-guided']
    """
    if isinstance(arms, str):
        if arms not in GROUPS:
            raise InputError(
                f"arms must be one of {', '.join(GROUPS)} or a sequence, got {arms!r}."
            )
        arms = GROUPS[arms]
    if not isinstance(arms, Iterable):
        raise InputError(
            f"arms must be a name or a sequence, got {type(arms).__name__}."
        )
    made = [_make(arm) for arm in arms]
    check_distinct("arms", made)
    return tuple(made)


def _searching(neighbourhood: Neighbourhood) -> NeighbourhoodArm:
    needs_solution = not isinstance(neighbourhood, Rens)
    return NeighbourhoodArm(neighbourhood, needs_solution=needs_solution)


def _make(arm: Any) -> TreeArm:
    if isinstance(arm, str):
        if arm in DIVES:
            return DiveArm(DIVES[arm](), spares_cuts=True)
        if arm in NEIGHBOURHOODS:
            return _searching(NEIGHBOURHOODS[arm]())
        if arm == "local-search":
            return LocalSearchArm()
        known = ", ".join(GROUPS["all"])
        raise InputError(f"arms must be among {known}, got {arm!r}.")
    if not isinstance(arm, type):
        if isinstance(arm, TreeArm):
            return arm
        if isinstance(arm, DiveRule):
            return DiveArm(arm, spares_cuts=True)
        if isinstance(arm, Neighbourhood):
            return _searching(arm)
    raise InputError(
        "an arm must be a name, or have name, is_available and run, or be a dive rule "
        f"or a neighbourhood, got {arm!r}."
    )
