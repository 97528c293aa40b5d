"""Neighbourhoods by name, for the command line and keyword arguments."""

from collections.abc import Callable, Sequence

from boundwise.heuristics.by_name import make_named
from boundwise.heuristics.neighbourhoods.combination import Combination
from boundwise.heuristics.neighbourhoods.crossover import Crossover
from boundwise.heuristics.neighbourhoods.dins import Dins
from boundwise.heuristics.neighbourhoods.graph_ball import GraphBall
from boundwise.heuristics.neighbourhoods.local_branching import LocalBranching
from boundwise.heuristics.neighbourhoods.mutation import Mutation
from boundwise.heuristics.neighbourhoods.objective_guided import ObjectiveGuided
from boundwise.heuristics.neighbourhoods.proximity import Proximity
from boundwise.heuristics.neighbourhoods.random_constraint import RandomConstraint
from boundwise.heuristics.neighbourhoods.reduced_cost import ReducedCost
from boundwise.heuristics.neighbourhoods.rens import Rens
from boundwise.heuristics.neighbourhoods.rins import Rins
from boundwise.heuristics.neighbourhoods.trust_region import TrustRegion
from boundwise.heuristics.neighbourhoods.zero_objective import ZeroObjective
from boundwise.heuristics.protocols import Neighbourhood

NEIGHBOURHOODS: dict[str, Callable[[], Neighbourhood]] = {
    "rins": Rins,
    "rens": Rens,
    "mrens": lambda: Rens(references=3, name="mrens"),
    "crossover": Crossover,
    "crossover-3": lambda: Crossover(parents=3, weighted=True, name="crossover-3"),
    "mutation": Mutation,
    "graph-ball": GraphBall,
    "random-constraint": RandomConstraint,
    "linked-constraints": lambda: RandomConstraint(
        neighbouring=True, name="linked-constraints"
    ),
    "objective-guided": ObjectiveGuided,
    "reduced-cost": ReducedCost,
    "dins": Dins,
    "local-branching": LocalBranching,
    "proximity": Proximity,
    "trust-region": TrustRegion,
    "zero-objective": ZeroObjective,
    "random-objective": lambda: ZeroObjective(noise=1.0, name="random-objective"),
    "rins|graph-ball": lambda: Combination(Rins(), GraphBall()),
    "objective-guided|rins": lambda: Combination(ObjectiveGuided(), Rins()),
}
#: Used unless the user names others.
DEFAULT_ARMS = (
    "rins",
    "rens",
    "reduced-cost",
    "dins",
    "crossover",
    "mutation",
    "graph-ball",
    "linked-constraints",
    "local-branching",
)


def make_neighbourhoods(
    arms: Sequence[str | Neighbourhood] | None,
) -> tuple[Neighbourhood, ...]:
    """Return the neighbourhoods that ``arms`` names.

    Parameters
    ----------
    arms
        Names in `NEIGHBOURHOODS` or objects with ``name`` and ``propose``; None for
        `DEFAULT_ARMS`.

    Raises
    ------
    InputError
        If a name is unknown, an object is no neighbourhood, two have the same name,
        or there is none.

    Examples
    --------
    >>> [arm.name for arm in make_neighbourhoods(["rins", "mutation"])]
    ['rins', 'mutation']
    """
    given = DEFAULT_ARMS if arms is None else arms
    return make_named("arms", given, NEIGHBOURHOODS, Neighbourhood, "name and propose")
