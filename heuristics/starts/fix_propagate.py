"""Start: fix the integers one by one, propagate, repair what is left, solve the LP.

Several orders and preferred values are tried in turn: towards the better objective,
away from locks (towards where fewer rows can be violated), towards the worse objective,
from the LP solution if there is one, and at random. Where conflicts remain, local
search repairs the point. Salvagnin, Roberti, Fischetti (2025), A
fix-propagate-repair heuristic for mixed integer programming, hdl:11577/3541116.
"""

import math
from collections.abc import Callable, Iterator

import numpy as np

from boundwise.core.clock import now
from boundwise.core.errors import InputError
from boundwise.heuristics.continuous_part import ContinuousPart
from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.local_search import ready
from boundwise.heuristics.local_search.search import (
    LocalSearch,
    nonzeros_of,
    work_of_nonzeros,
)
from boundwise.heuristics.protocols import FloatVector, IntVector, StartContext
from boundwise.heuristics.scip.rows import linear_mip

#: Effort between two looks at the limits.
_CHUNK = 2_000_000
#: Effort of the local search that repairs a point.
_REPAIR = 4_000_000
#: Number of random orders.
_RANDOM = 3

#: Order in which to fix the integers, and the values to fix to.
Plan = tuple[IntVector, FloatVector]


class FixPropagate:
    """Fix, propagate and repair.

    All orders are tried, but after the first solution only those that cost one dive
    and no repair. A later run goes on with the orders that are left.

    Parameters
    ----------
    mip
        The presolved problem as linear rows, or None to take it from the context.
    lp_solution
        Solution of the LP relaxation, shape (n,), or None.

    Raises
    ------
    InputError
        If the LP solution is given without a problem or does not fit it.
    """

    name = "fix-propagate"

    def __init__(
        self, mip: LinearMip | None = None, lp_solution: FloatVector | None = None
    ) -> None:
        if lp_solution is not None:
            n = None if mip is None else mip.n_variables
            if np.shape(lp_solution) != (n,) or not np.isfinite(lp_solution).all():
                raise InputError(
                    f"lp_solution must hold finite values of mip's {n} variables, got "
                    f"shape {np.shape(lp_solution)}."
                )
        self._mip = mip
        self._lp_solution = lp_solution
        self._plans: Iterator[Plan] | None = None
        self._completion: ContinuousPart | None = None
        self._best = math.inf
        self._is_over = False

    def run(self, context: StartContext) -> None:
        """Try one order after the other until a limit.

        A problem with constraints that are not linear is left alone.
        """
        clock = _Clock(context)
        if self._is_over or not ready.propagation.wait(
            clock.left(), context.interrupter
        ):
            return
        if self._mip is None:
            self._mip = linear_mip(context.source)
        if self._mip is None:
            self._is_over = True
            return
        if self._plans is None:
            self._plans = plans(self._mip, self._lp_solution, context.seed)
            self._completion = ContinuousPart(self._mip)
        while not clock.is_over():
            plan = next(self._plans, None)
            if plan is None:
                self._is_over = True
                return
            solution = self._attempt(self._mip, plan, clock)
            if solution is not None and self._mip.value(solution) < self._best:
                self._best = self._mip.value(solution)
                context.on_solution(solution)

    def _attempt(
        self, mip: LinearMip, plan: Plan, clock: "_Clock"
    ) -> FloatVector | None:
        """Fix by one plan and complete, or repair."""
        point, n_conflicts = fix(mip, *plan, charge=clock.charge, is_over=clock.is_over)
        if point is None:
            return None
        assert self._completion is not None
        if n_conflicts == 0:
            before = self._completion.effort
            solution = self._completion.complete(point, clock.left())
            clock.charge(self._completion.effort - before)
            if solution is not None:
                return solution
        return self._repair(mip, point, clock) if math.isinf(self._best) else None

    def _repair(
        self, mip: LinearMip, point: FloatVector, clock: "_Clock"
    ) -> FloatVector | None:
        if not ready.loop.wait(clock.left(), clock.context.interrupter):
            return None
        search = LocalSearch(mip, seed=clock.context.seed)
        report = search.run(
            seconds=clock.left(),
            effort=min(_REPAIR, clock.effort_left()),
            on_solution=lambda x: None,
            start=point,
            interrupter=clock.context.interrupter,
            until=lambda: search.best is not None or clock.is_over(),
        )
        clock.charge(report.effort)
        return search.best


class _Clock:
    """Look at the limits of a context."""

    def __init__(self, context: StartContext) -> None:
        self.context = context
        self._end = now() + context.seconds
        self._work_left = context.work

    def left(self) -> float:
        """Return the seconds left; no number of them if the run is limited by work."""
        if self.context.meter.is_limited:
            return math.inf
        return max(0.0, self._end - now())

    def effort_left(self) -> float:
        """Return the effort left."""
        return max(0.0, nonzeros_of(self._work_left))

    def charge(self, effort: int) -> None:
        """Charge effort to the context."""
        work = work_of_nonzeros(effort)
        self._work_left -= work
        self.context.meter.charge(work)

    def is_over(self) -> bool:
        """Tell whether the start must end."""
        context = self.context
        if context.interrupter.requested or self._work_left <= 0.0:
            return True
        if context.meter.is_limited:
            return False
        return self.left() == 0.0 or context.until()


def fix(
    mip: LinearMip,
    order: IntVector,
    wishes: FloatVector,
    *,
    charge: Callable[[int], object] = lambda effort: None,
    is_over: Callable[[], bool] = lambda: False,
) -> tuple[FloatVector | None, int]:
    """Fix the integers in an order, propagating bounds.

    Parameters
    ----------
    mip
        The problem.
    order
        Integer variables in the order in which to fix them.
    wishes
        Values to fix to, shape (n,).
    charge
        Receives the effort of each chunk.
    is_over
        Asked between two chunks.

    Returns
    -------
    tuple
        The point (continuous variables as near to their wishes as the propagated
        bounds allow) and the number of conflicts; None in place of the point if it
        was over before.
    """
    from boundwise.heuristics.propagation import fix_all, make_domains

    domains = make_domains(mip, order, wishes)
    own = domains.own[0]
    finished = False
    while not finished:
        if is_over():
            return None, 0
        before = int(own["effort"])
        finished = fix_all(domains, _CHUNK)
        charge(int(own["effort"]) - before)
    bound = domains.bound
    return np.clip(wishes, bound["lower"], bound["upper"]), int(own["n_conflicts"])


def plans(mip: LinearMip, lp_solution: FloatVector | None, seed: int) -> Iterator[Plan]:
    """Yield orders and preferred values, the most promising first."""
    integers = mip.integers
    rng = np.random.default_rng(seed)
    lower, upper = mip.integral_bounds
    up, down = _locks(mip)
    size = np.diff(mip.columns.indptr)
    cost = mip.objective
    # Where the objective says nothing, locks decide, and the other way round.
    by_cost = np.where(cost != 0.0, np.sign(cost), np.sign(up - down))
    by_locks = np.where(up != down, np.sign(up - down), np.sign(cost))
    long_first = integers[np.argsort(-size[integers], kind="stable")]
    cheap_first = integers[np.argsort(np.abs(cost[integers]), kind="stable")]
    if lp_solution is not None:
        distance = np.abs(lp_solution - np.round(lp_solution))[integers]
        yield integers[np.argsort(distance, kind="stable")], np.array(lp_solution)
    yield long_first, _towards(-by_locks, lower, upper)
    yield cheap_first[::-1], _towards(-by_cost, lower, upper)
    yield cheap_first, _towards(by_cost, lower, upper)
    for _ in range(_RANDOM):
        low = np.maximum(lower, np.minimum(upper, 0.0) - 10.0)
        high = np.minimum(upper, np.maximum(lower, 0.0) + 10.0)
        drawn = low + rng.random(len(low)) * (high - low)
        yield rng.permutation(integers), drawn


def _locks(mip: LinearMip) -> tuple[FloatVector, FloatVector]:
    """Return in how many rows each variable can do harm upwards and downwards."""
    positive = mip.matrix > 0
    negative = mip.matrix < 0
    above = np.isfinite(mip.row_upper).astype(np.float64)
    below = np.isfinite(mip.row_lower).astype(np.float64)
    up = positive.T @ above + negative.T @ below
    down = positive.T @ below + negative.T @ above
    return np.asarray(up, dtype=np.float64), np.asarray(down, dtype=np.float64)


def _towards(
    direction: FloatVector, lower: FloatVector, upper: FloatVector
) -> FloatVector:
    """Return the bound in a direction, or the finite value nearest to 0."""
    nearest = np.clip(0.0, lower, upper)
    wishes = np.where(direction > 0.0, upper, lower)
    return np.where(np.isfinite(wishes), wishes, nearest)
