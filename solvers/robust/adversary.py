"""The exact adversary of a fixed x where only the objective is uncertain.

Q(x, xi) is a minimum of functions that are linear in xi, so the worst case is a linear
program with a row for each reaction y, found one after the other:

    max z   s.t.   z <= cost_y + slope_y xi  for the reactions y so far,  xi in Xi

Its value bounds the worst case from above, the recourse in any xi from below. Reactions
are sought between the program's xi and the worst one so far (Ben-Ameur, Neto 2007,
Acceleration of cutting-plane and column generation algorithms, doi:10.1002/net.20137).
"""

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from boundwise.core.errors import InputError, SolverError
from boundwise.instances.robust.arrays import Floats
from boundwise.solvers.robust.clock import Clock
from boundwise.solvers.robust.problem import WorstCase
from boundwise.solvers.robust.stages import Policy
from boundwise.solvers.robust.uncertainty import UncertaintySet

#: Relative difference at which upper and lower value meet.
_CLOSED = 1e-8
_LP_TOLERANCE = 1e-9
#: Share of the worst scenario so far in the next one to look at.
_INWARD = 0.5

#: The best reaction to a scenario, with the total cost that no other goes below.
Reaction = Callable[[Floats], tuple[float, Policy]]


def worst_case_by_rows(
    react: Reaction,
    uncertainty: UncertaintySet,
    *,
    clock: Clock,
    cutoff: float = math.inf,
    policies: Iterable[Policy] = (),
    start: Floats | None = None,
) -> WorstCase:
    """Return the worst case of a decision by row generation.

    Parameters
    ----------
    react
        Returns the cheapest reaction to a scenario, with what is proven to be the
        least cost there.
    uncertainty
        The scenarios.
    clock
        When to stop with what is known.
    cutoff
        Stop as soon as the cost is proven to exceed this.
    policies
        Feasible reactions that are known, to start with.
    start
        First scenario to look at; the nominal one if None.

    Returns
    -------
    WorstCase
        Exact, unless stopped, or the reactions were not the best.
    """
    worst = uncertainty.nominal if start is None else start
    cost, policy = react(worst)
    if cost > cutoff or cost == math.inf:
        return WorstCase(cost, math.inf, worst)
    relaxation = _Rows(uncertainty)
    for known in (policy, *policies):
        relaxation.add(known)
    while True:
        bound, extreme = relaxation.solve()
        slack = _CLOSED * max(1.0, abs(cost))
        if bound <= cost + slack or cost > cutoff or clock.expired():
            return WorstCase(cost, max(cost, bound), worst)
        # Between the extreme scenario and the worst one so far reactions cut deeper;
        # if one does not cut off the extreme scenario, the best there does.
        for scenario in (_INWARD * worst + (1.0 - _INWARD) * extreme, extreme):
            value, policy = react(scenario)
            relaxation.add(policy)
            if value > cost:
                worst, cost = scenario, value
            if policy.cost_at(extreme) < bound - slack:
                break
        else:
            # The least cost there is the bound, up to the recourse's error.
            return WorstCase(cost, max(cost, bound), worst)


class _Rows:
    """The linear program of the adversary."""

    def __init__(self, uncertainty: UncertaintySet) -> None:
        from pyscipopt import LP, SCIP_LPPARAM

        self._set = uncertainty
        self._lp = LP(sense="maximize")
        for parameter in (SCIP_LPPARAM.FEASTOL, SCIP_LPPARAM.DUALFEASTOL):
            self._lp.setRealParam(parameter, _LP_TOLERANCE)
        q = uncertainty.dimension
        infinity = self._lp.infinity()
        self._lp.addCols(
            [[] for _ in range(q + 1)],
            objs=[0.0] * q + [1.0],
            lbs=[*uncertainty.lower.tolist(), -infinity],
            ubs=[*uncertainty.upper.tolist(), infinity],
        )
        for row, side in zip(uncertainty.matrix, uncertainty.rhs, strict=True):
            self._add(row, 0.0, float(side))

    def add(self, policy: Policy) -> None:
        """Add the row of a reaction."""
        self._add(-policy.slope, 1.0, policy.cost)

    def solve(self) -> tuple[float, Floats]:
        """Return the value and its scenario.

        Raises
        ------
        SolverError
            If the linear program fails.
        """
        self._lp.solve()
        if not self._lp.isOptimal():
            raise SolverError("the linear program of the adversary was not solved.")
        point: Floats = np.array(self._lp.getPrimal())
        scenario = np.clip(point[:-1], self._set.lower, self._set.upper)
        return float(point[-1]), scenario

    def _add(self, row: Floats, z: float, side: float) -> None:
        entries: list[Any] = [
            (int(j), float(row[j])) for j in np.flatnonzero(row).tolist()
        ]
        if z:
            entries.append((len(row), z))
        elif not entries:
            if side < 0.0:
                raise InputError("the uncertainty set is empty.")
            return
        self._lp.addRows([entries], lhss=[-self._lp.infinity()], rhss=[side])
