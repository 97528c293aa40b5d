"""Frank-Wolfe methods: minimise a smooth convex f over a set given by its oracle.

    v = argmin <grad f(x), v> over the set,   x <- x + t d,   d from v and the atoms

x is a convex combination of vertices throughout, and every call of the oracle proves
a lower bound of the minimum: the run ends with both.

References
----------
Frank, Wolfe (1956), doi:10.1002/nav.3800030109. Jaggi (2013), ICML. Tsuji, Tanaka,
Pokutta (2022), ICML, arXiv:2110.12650. Braun, Carderera, Combettes, Hassani, Karbasi,
Mokhtari, Pokutta (2022), arXiv:2211.14103 (survey).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from boundwise.core.arguments import as_number
from boundwise.core.errors import InputError, SolverError
from boundwise.core.limits import Deadline
from boundwise.heuristics.frank_wolfe.active_set import ActiveSet
from boundwise.heuristics.frank_wolfe.functions import as_objective
from boundwise.heuristics.frank_wolfe.line_searches.factory import make_line_search
from boundwise.heuristics.frank_wolfe.line_searches.line import LineSearch
from boundwise.heuristics.frank_wolfe.protocols import (
    FeasibleSet,
    Floats,
    InexactSet,
    Objective,
    Oracle,
)
from boundwise.heuristics.frank_wolfe.restricted import Restricted
from boundwise.heuristics.frank_wolfe.result import (
    FrankWolfeResult,
    FrankWolfeState,
    Reason,
    StepKind,
)
from boundwise.heuristics.frank_wolfe.search import Search
from boundwise.heuristics.frank_wolfe.shadow_set import ShadowSet
from boundwise.heuristics.frank_wolfe.variants.factory import make_variant
from boundwise.heuristics.frank_wolfe.variants.moves import Variant

#: Iterations after which rounding errors of the weights are removed.
_RENORMALISE = 1000
#: Iterations in a row that may bring neither a lower value nor a better bound.
_MOST_IDLE = 100
#: A recomputed iterate this far from the running one has its objective recomputed.
_DRIFT = 1e-12

Callback = Callable[[FrankWolfeState], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stops:
    """State when a run ends.

    Parameters
    ----------
    gap, relative_gap
        Absolute gap, and gap relative to the larger of |value| and |bound|.
    max_iterations
        Largest number of iterations.
    cutoff
        The run ends when its bound exceeds this; a function is asked each time.
    deadline
        The run ends when it has expired.

    Raises
    ------
    InputError
        If a value is out of range.
    """

    gap: float
    relative_gap: float
    max_iterations: int
    cutoff: float | Callable[[], float]
    deadline: Deadline

    def __post_init__(self) -> None:
        """Check the numbers."""
        for name in ("gap", "relative_gap"):
            as_number(name, getattr(self, name), at_least=0, finite=False)
        as_number("max_iterations", self.max_iterations, at_least=0, finite=False)

    def reason(self, search: Search) -> Reason | None:
        """Return why to stop now, or None."""
        limit = self.cutoff() if callable(self.cutoff) else self.cutoff
        if search.bound > limit:
            return Reason.CUTOFF
        gap = search.value - search.bound
        if gap <= self.gap:
            return Reason.GAP
        if self.relative_gap and math.isfinite(gap):
            scale = max(abs(search.value), abs(search.bound))
            if gap <= self.relative_gap * scale:
                return Reason.GAP
        if search.is_stalled:
            return Reason.STALLED
        if search.iteration >= self.max_iterations:
            return Reason.ITERATION_LIMIT
        if self.deadline.expired():
            return Reason.TIME_LIMIT
        return None


def frank_wolfe(
    f: Objective | Callable[[Floats], float],
    grad: Callable[[Floats], Any] | None,
    oracle: Oracle | FeasibleSet | InexactSet,
    x0: Floats | ActiveSet | None = None,
    *,
    variant: str = "bpcg",
    line_search: str | LineSearch = "secant",
    lazy: bool = True,
    lazy_factor: float = 2.0,
    corrective: bool = True,
    gap: float = 1e-7,
    relative_gap: float = 0.0,
    max_iterations: int = 10_000,
    cutoff: float | Callable[[], float] = math.inf,
    deadline: Deadline | None = None,
    shadow: ShadowSet | None = None,
    domain_oracle: Callable[[Floats], bool] | None = None,
    callback: Callback | None = None,
    on_vertex: Callable[[Floats], object] | None = None,
) -> FrankWolfeResult:
    """Minimise a smooth convex function over a compact convex set.

    Parameters
    ----------
    f, grad
        The function and its gradient; or an `Objective` and None. One that also is a
        `QuadraticObjective` or `TwiceDifferentiable` makes far better steps.
    oracle
        An `Oracle`, or a set, taken with its global bounds.
    x0
        A point of the set, an `ActiveSet` (copied) to go on from, or None for a vertex.
    variant
        ``"fw"`` (standard), ``"afw"`` (away steps), ``"pairwise"``, ``"bpcg"`` (blended
        pairwise), ``"bcg"`` (blended), ``"dicg"`` (decomposition-invariant).
    line_search
        ``"secant"``, ``"adaptive"``, ``"agnostic"``, ``"backtracking"``, ``"exact"``,
        ``"golden_section"``, ``"monotonic"``, or a `LineSearch` such as `ShortStep`.
    lazy
        Whether any vertex that gains enough will do, old ones first.
    lazy_factor
        Enough is the expected gain over this.
    corrective
        Whether blended variants solve for the weights by second derivatives: those of
        f where it tells them, else differences of its gradients.
    gap, relative_gap
        Stop when value and bound are this close, absolutely or relatively.
    max_iterations
        Largest number of iterations.
    cutoff
        Stop when the bound exceeds this; a function is asked each time.
    deadline
        Stop when it has expired.
    shadow
        Further feasible vertices to try before the oracle; changed by the run.
    domain_oracle
        Tells whether f is defined at a point; the start must be in the domain.
    callback
        Sees the state after each iteration; a true answer ends the run.
    on_vertex
        Sees each vertex that the oracle brings and the run did not know.

    Returns
    -------
    FrankWolfeResult
        The last iterate and the best bound of the whole run.

    Raises
    ------
    InputError
        If an argument is out of range, f or its gradient is not finite or of the wrong
        shape at the start or at an iterate, or f turns out not to be convex.
    SolverError
        If the oracle or the line search breaks its contract.

    Examples
    --------
    >>> import numpy as np
    >>> from boundwise.heuristics.frank_wolfe.protocols import OracleAnswer
    >>> class Simplex:
    ...     def minimize(self, direction, *, target=None, start=None):
    ...         vertex = np.eye(len(direction))[direction.argmin()]
    ...         return OracleAnswer(vertex, float(direction.min()))
    >>> result = frank_wolfe(
    ...     lambda x: float(x @ x), lambda x: 2 * x, Simplex(), np.array([1.0, 0.0])
    ... )
    >>> result.x.round(3), round(result.bound, 3)
    (array([0.5, 0.5]), 0.5)
    """
    objective = as_objective(f, grad)
    if not hasattr(oracle, "minimize"):
        oracle = Restricted(oracle)
    oracle = cast("Oracle", oracle)
    lazy_factor = as_number("lazy_factor", lazy_factor, at_least=1, finite=False)
    for name, hook in (
        ("domain_oracle", domain_oracle),
        ("callback", callback),
        ("on_vertex", on_vertex),
    ):
        if hook is not None and not callable(hook):
            raise InputError(f"{name} must be callable, got {hook!r}.")
    stops = Stops(
        gap=gap,
        relative_gap=relative_gap,
        max_iterations=max_iterations,
        cutoff=cutoff,
        deadline=Deadline() if deadline is None else deadline,
    )
    rule = make_line_search(line_search, objective)
    advance = make_variant(variant, objective, oracle, corrective=corrective)
    active, first = _start(oracle, x0)
    if active is None:
        return _empty(shadow)
    if domain_oracle is not None and not domain_oracle(active.x):
        raise InputError(
            "x0 must lie in the domain of f; see domain.enter_domain for a way there."
        )
    search = Search(
        objective,
        oracle,
        rule,
        active,
        ShadowSet(len(active.x)) if shadow is None else shadow,
        lazy=lazy,
        factor=lazy_factor,
        in_domain=domain_oracle,
        on_vertex=on_vertex,
    )
    search.oracle_calls = int(first is not None)
    if first is not None and on_vertex is not None:
        on_vertex(first)
    reason = _iterate(search, advance, stops, callback, variant)
    return _finish(search, stops, reason, keeps_atoms=variant != "dicg")


def _start(
    oracle: Oracle, x0: Floats | ActiveSet | None
) -> tuple[ActiveSet | None, Floats | None]:
    """Return the first active set, and the vertex the oracle was asked for, if any."""
    if isinstance(x0, ActiveSet):
        if isinstance(oracle, Restricted):
            oracle.require_within_box(x0.x)
        return x0.copy(), None
    if x0 is not None:
        try:
            point = np.array(x0, dtype=np.float64)
        except (TypeError, ValueError):
            raise InputError(f"x0 must be a vector, got {x0!r}.") from None
        if point.ndim != 1 or not len(point) or not np.isfinite(point).all():
            raise InputError(f"x0 must be a finite vector, got {x0!r}.")
        if isinstance(oracle, Restricted):
            oracle.require_within_box(point)
        return ActiveSet.from_vertex(point), None
    if not isinstance(oracle, Restricted):
        raise InputError("x0 must be given: only a set tells how long it is.")
    count = len(oracle.lower)
    # Distinct entries: with equal ones the oracle would have to choose.
    answer = oracle.minimize(np.arange(1, count + 1) / count)
    if answer.is_empty:
        return None, None
    if answer.vertex is None:
        raise SolverError("the oracle must find a first vertex, got none.")
    return ActiveSet.from_vertex(answer.vertex), answer.vertex


def _iterate(
    search: Search,
    advance: Variant,
    stops: Stops,
    callback: Callback | None,
    variant: str,
) -> Reason:
    lowest, highest, promise, idle = search.value, search.bound, search.promise, 0
    while (reason := stops.reason(search)) is None:
        step = advance(search)
        search.iteration += 1
        idle += 1
        if search.value < lowest or search.bound > highest or search.promise < promise:
            idle = 0
            lowest = min(lowest, search.value)
            highest, promise = search.bound, min(promise, search.promise)
        search.is_stalled |= idle >= _MOST_IDLE
        if search.bound > search.value:
            search.check_convexity(search.value, search.bound)
        if search.iteration % _RENORMALISE == 0:
            search.active.renormalise()
            search.refresh()
        if callback is not None and callback(_state(search, step, variant)):
            return stops.reason(search) or Reason.CALLBACK
    return reason


def _state(search: Search, step: StepKind, variant: str) -> FrankWolfeState:
    return FrankWolfeState(
        iteration=search.iteration,
        step=step,
        x=search.x,
        value=search.value,
        gradient=search.gradient,
        bound=search.bound,
        oracle_calls=search.oracle_calls,
        active_set=None if variant == "dicg" else search.active,
        shadow=search.shadow,
    )


def _finish(
    search: Search, stops: Stops, reason: Reason, *, keeps_atoms: bool
) -> FrankWolfeResult:
    running = search.x
    search.active.renormalise()
    drift = float(np.abs(search.active.x - running).max())
    if drift > _DRIFT * max(1.0, float(np.abs(running).max())):
        search.refresh()
    search.x = search.active.x
    if reason in {Reason.ITERATION_LIMIT, Reason.STALLED}:
        # Lazy answers may have left the bound behind: one proof at the last iterate.
        search.ask(-math.inf)
        search.is_stalled = False
        reason = stops.reason(search) or reason
    return FrankWolfeResult(
        x=search.x,
        value=search.value,
        bound=search.bound,
        reason=reason,
        iterations=search.iteration,
        oracle_calls=search.oracle_calls,
        oracle_seconds=search.oracle_seconds,
        gradient=search.gradient,
        active_set=search.active if keeps_atoms else None,
        shadow=search.shadow,
    )


def _empty(shadow: ShadowSet | None) -> FrankWolfeResult:
    return FrankWolfeResult(
        x=None,
        value=math.inf,
        bound=math.inf,
        reason=Reason.EMPTY,
        iterations=0,
        oracle_calls=1,
        oracle_seconds=0.0,
        gradient=None,
        active_set=None,
        shadow=ShadowSet(1) if shadow is None else shadow,
    )
