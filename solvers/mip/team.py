"""Who takes part in a run, and what each is given whatever it earns."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from boundwise.heuristics.protocols import MipView
from boundwise.solvers.mip.lns import AdaptiveLns
from boundwise.solvers.mip.parameters import LnsParameters
from boundwise.solvers.mip.partners import Partner
from boundwise.solvers.mip.presolved import PresolvedProblem
from boundwise.solvers.mip.search import Search
from boundwise.solvers.mip.shares import Claim
from boundwise.solvers.mip.trees import (
    FeasibilityTree,
    ObjectiveFreeTree,
    ProvingTree,
)

#: Partner -> its claim; partners that stall together share what is left to prove.
CLAIMS = {
    "feasibility": Claim(floor=0.1, stalled=8.0),
    "lns": Claim(floor=0.1, stalled=2.0),
    "objective-free": Claim(floor=0.1, stalled=1.0),
    "tree": Claim(floor=0.1, stalled=8.0),
}


def make_partners(
    search: Search,
    problem: PresolvedProblem,
    view: MipView,
    lns: AdaptiveLns,
    parameters: LnsParameters,
    rng: np.random.Generator,
    options: Mapping[str, Any] | None,
) -> tuple[Sequence[Partner], Mapping[str, Claim]]:
    """Return the partners of a run, in the order of their first turns, and claims.

    Parameters
    ----------
    search, problem, view, parameters
        What all of them share.
    lns
        The neighbourhoods.
    rng
        Source of seeds.
    options
        The user's own SCIP parameters, for the proving tree.
    """
    feasibility = FeasibilityTree(search, problem, view, parameters, rng)
    free = ObjectiveFreeTree(search, problem, view, parameters, rng, feasibility)
    proving = ProvingTree(
        search,
        problem,
        parameters,
        rng,
        options,
        feasibility,
        alongside=search.limits.threads > 1,
    )
    return (feasibility, lns, free, proving), CLAIMS
