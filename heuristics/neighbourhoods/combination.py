"""Two neighbourhoods as one: fix what both fix, or what either fixes.

    fix-both:    F = F_1 and F_2, both asked for about half the free variables
    fix-either:  F = F_1 or F_2, both asked for the root of the free share

With more fixed than the rate asks, some are freed again at random.
"""

import math
from dataclasses import dataclass

import numpy as np

from boundwise.core.errors import InputError
from boundwise.heuristics.neighbourhoods.fixing import count_to_fix, fix_to
from boundwise.heuristics.protocols import Neighbourhood, SearchState, Subproblem


@dataclass(frozen=True, slots=True)
class Combination:
    """Combine the fixings of two neighbourhoods that only fix to the current solution.

    Parameters
    ----------
    one, other
        The neighbourhoods.
    either
        Whether to fix what either of them fixes (which frees what both free), or
        only what both fix (which frees what either frees).
    """

    one: Neighbourhood
    other: Neighbourhood
    either: bool = False

    @property
    def name(self) -> str:
        """Names of both."""
        return f"{self.one.name}{'&' if self.either else '|'}{self.other.name}"

    def propose(
        self, state: SearchState, fixing_rate: float, rng: np.random.Generator
    ) -> Subproblem | None:
        """Return the neighbourhood, or None if one of the two has nothing to propose.

        Raises
        ------
        InputError
            If one of the two does more than fix to the current solution.
        """
        free = 1.0 - fixing_rate
        share = math.sqrt(max(0.0, free)) if self.either else 0.5 * free
        proposals = [
            neighbourhood.propose(state, 1.0 - share, rng)
            for neighbourhood in (self.one, self.other)
        ]
        if proposals[0] is None or proposals[1] is None:
            return None
        for proposal in proposals:
            _check_plain(proposal, state)
        first, second = proposals[0].fixed, proposals[1].fixed
        fixed = (np.union1d if self.either else np.intersect1d)(first, second)
        n_fixed = count_to_fix(state, fixing_rate)
        if len(fixed) > n_fixed:
            fixed = np.sort(rng.choice(fixed, size=n_fixed, replace=False))
        return fix_to(fixed, state.current, state)


def _check_plain(proposal: Subproblem | None, state: SearchState) -> None:
    assert proposal is not None
    extras = (proposal.bounds, proposal.rows, proposal.objective)
    plain = fix_to(proposal.fixed, state.current, state)
    at_current = plain is None or bool(np.all(plain.values == proposal.values))
    if any(extra is not None for extra in extras) or not at_current:
        raise InputError(
            "a combination takes neighbourhoods that only fix variables to the "
            "current solution."
        )
