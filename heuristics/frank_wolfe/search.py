"""The state of one Frank-Wolfe run and the moves that its variants are made of.

With x the iterate, g its gradient, v a vertex, and ``bound`` what the oracle proves,

    f(y) >= f(x) - <g, x> + bound   for all y in the set, f convex;

the best of these over all iterations is kept, whatever the steps do. ``promise`` is an
estimate of the Frank-Wolfe gap; a lazy run accepts any vertex or local step that gains
``promise / factor``, and only a proof of the oracle lowers it.

References
----------
Braun, Pokutta, Zink (2017), ICML, arXiv:1610.05120 (lazy oracles).
"""

import math
import time
from collections.abc import Callable

import numpy as np

from boundwise.core.errors import InputError, SolverError
from boundwise.core.tolerances import FEAS_TOL, OBJ_TOL
from boundwise.heuristics.frank_wolfe.active_set import ActiveSet
from boundwise.heuristics.frank_wolfe.functions import checked_gradient, checked_value
from boundwise.heuristics.frank_wolfe.line_searches.line import Line, LineSearch
from boundwise.heuristics.frank_wolfe.protocols import (
    Floats,
    Objective,
    Oracle,
    OracleAnswer,
)
from boundwise.heuristics.frank_wolfe.shadow_set import ShadowSet

#: A step this close to the end of its ray, relatively, is the end.
_FULL_STEP = 1e-12
#: An oracle that lowers the promise by less than this share has proven nothing.
_PROGRESS = 1e-6


class Search:
    """Hold the iterate, its bound and its sets, and move it.

    Parameters
    ----------
    objective, oracle, line_search
        The three plug-ins.
    active
        Atoms and weights of the first iterate.
    shadow
        Vertices to try before the oracle.
    lazy
        Whether to accept vertices that gain a share of the promise.
    factor
        That share is one over this.
    in_domain
        Tells where f is defined, or None if everywhere.
    on_vertex
        Sees each vertex that the oracle finds and the sets do not hold, or None.
    """

    def __init__(
        self,
        objective: Objective,
        oracle: Oracle,
        line_search: LineSearch,
        active: ActiveSet,
        shadow: ShadowSet,
        *,
        lazy: bool,
        factor: float,
        in_domain: Callable[[Floats], bool] | None,
        on_vertex: Callable[[Floats], object] | None,
    ) -> None:
        self.objective = objective
        self.line_search = line_search
        self.active = active
        self.shadow = shadow
        self.lazy = lazy
        self._oracle = oracle
        self._factor = factor
        self._in_domain = in_domain
        self._on_vertex = on_vertex
        self.iteration = 0
        self.oracle_calls = 0
        self.oracle_seconds = 0.0
        self.bound = -math.inf
        self.promise = math.inf
        self.is_stalled = False
        self.is_blocked = False
        self.x = active.x
        self.value = checked_value(objective, self.x)
        self.gradient = self.x
        self.level = 0.0
        self._take_gradient(None)

    @property
    def needed(self) -> float:
        """What a lazy step has to gain, by first order."""
        return self.promise / self._factor

    def extremes(self) -> tuple[int, int, float]:
        """Return the worst and the best atom and the local gap between them."""
        away, towards, highest, lowest = self.active.extremes(self.gradient)
        return away, towards, highest - lowest

    def forward_vertex(self) -> Floats | None:
        """Return a vertex worth a step; None if the promise was lowered instead."""
        if self.lazy and self.promise < math.inf:
            row, score = self.shadow.best(self.gradient)
            if self.level - score >= self.needed:
                return self.shadow.take(row)
        target = self.level - self.needed if self.lazy else -math.inf
        answer = self.ask(target)
        gap = max(0.0, self.level - answer.bound)
        vertex = answer.vertex
        gain = -math.inf
        if vertex is not None:
            gain = self.level - float(self.gradient @ vertex)
        was = self.promise
        if not self.lazy or was == math.inf:
            self.promise = gap
            return self._worth(vertex, gain, 0.0)
        if gain >= self.needed:
            return vertex
        if gap <= (1.0 - _PROGRESS) * was:
            # A dual step: what was found may be wanted under the smaller promise.
            self.promise = gap
            if vertex is not None:
                self.shadow.add(vertex)
            return None
        return self._worth(vertex, gain, self._noise())

    def _worth(self, vertex: Floats | None, gain: float, floor: float) -> Floats | None:
        if vertex is not None and gain > floor:
            return vertex
        self.is_stalled = True
        return None

    def ask(self, target: float) -> OracleAnswer:
        """Call the oracle at the gradient and keep what it finds and proves.

        Raises
        ------
        SolverError
            If the answer contradicts the iterate: a bound above <g, x>, or an empty
            set.
        """
        _, towards, _, _ = self.active.extremes(self.gradient)
        start = self.active.atoms[towards].copy()
        answer = self.timed(self.gradient, target, start)
        for vertex in (answer.vertex, *answer.others):
            if vertex is not None:
                self._require_point(vertex)
        # Vertices may miss rows and bounds by the tolerance, relative to their entries.
        size = float(np.abs(self.gradient) @ np.maximum(1.0, np.abs(self.x)))
        slack = FEAS_TOL * max(1.0, size)
        if not answer.bound <= self.level + slack:
            raise SolverError(
                f"the oracle's bound must not exceed {self.level!r}, the value of "
                f"<direction, x> at a point of the set, got {answer.bound!r}."
            )
        gap = max(0.0, self.level - answer.bound)
        self.bound = max(self.bound, self.value - gap)
        for vertex in (answer.vertex, *answer.others):
            if vertex is not None:
                self._show(vertex)
        for vertex in answer.others:
            self.shadow.add(vertex)
        return answer

    def timed(
        self, direction: Floats, target: float, start: Floats | None
    ) -> OracleAnswer:
        """Call the oracle; count the call and its seconds."""
        began = time.perf_counter()
        answer = self._oracle.minimize(direction, target=target, start=start)
        self.oracle_seconds += time.perf_counter() - began
        self.oracle_calls += 1
        return answer

    def _require_point(self, vertex: Floats) -> None:
        if np.shape(vertex) != self.x.shape or not math.isfinite(float(vertex.sum())):
            raise SolverError(
                f"the oracle must return finite vertices of shape {self.x.shape}, got "
                f"{vertex!r}."
            )

    def _show(self, vertex: Floats) -> None:
        if self._on_vertex is None:
            return
        if self.active.find(vertex) < 0 and self.shadow.find(vertex) < 0:
            self._on_vertex(vertex)

    def line(self, direction: Floats, slope: float) -> Line:
        """Return the ray from the iterate."""
        return Line(
            self.objective,
            self.x,
            self.value,
            direction,
            slope,
            self.iteration,
            self._in_domain,
        )

    def is_defined(self, point: Floats) -> bool:
        """Ask the domain oracle about a point."""
        return self._in_domain is None or bool(self._in_domain(point))

    def step_length(self, line: Line, largest: float) -> float:
        """Return the step of the line search; the whole ray if it is as good as that.

        Raises
        ------
        SolverError
            If the rule answers with something outside the ray.
        """
        if line.slope >= 0.0 or largest <= 0.0:
            return 0.0
        step = float(self.line_search.choose(line, largest))
        if not 0.0 <= step <= largest * (1.0 + _FULL_STEP):
            raise SolverError(
                f"the line search must choose a step in [0, {largest!r}], got {step!r}."
            )
        if 0.0 < largest - step <= _FULL_STEP * largest and line.value(largest) <= (
            line.value(step)
        ):
            return largest
        return min(step, largest)

    def arrive(self, line: Line, step: float, dropped: list[Floats]) -> None:
        """Take over the point of a step that the active set has made.

        Raises
        ------
        InputError
            If f lies below its own linearisation there: it is not convex, or the
            gradient is wrong.
        """
        for vertex in dropped:
            self.shadow.add(vertex)
        if step == 0.0:
            self.is_stalled = self.is_blocked
            self.is_blocked = True
            return
        self.is_blocked = False
        value = line.value(step)
        if not math.isfinite(value):
            checked_value(self.objective, line.point(step))
        linear = self.value + step * line.slope
        if value < linear:
            self.check_convexity(value, linear)
        self.x = self.active.x
        self.value = value
        self._take_gradient(line.known_gradient(step))

    def refresh(self) -> None:
        """Evaluate everything anew after the active set has changed by itself."""
        self.x = self.active.x
        self.value = checked_value(self.objective, self.x)
        self._take_gradient(None)

    def check_convexity(self, value: float, linear: float) -> None:
        """Compare a value with one that a linearisation proves it is not below.

        Raises
        ------
        InputError
            If it is below, beyond rounding.
        """
        scale = max(1.0, abs(value), abs(linear), abs(self.value))
        if value < linear - 10.0 * OBJ_TOL * scale:
            raise InputError(
                f"f must be convex and grad its gradient: f is {value!r} where its "
                f"linearisation proves at least {linear!r}."
            )

    def _take_gradient(self, known: Floats | None) -> None:
        gradient = self.objective.gradient(self.x) if known is None else known
        self.gradient, self.level = checked_gradient(gradient, self.x)

    def _noise(self) -> float:
        terms = float(np.abs(self.gradient) @ np.abs(self.x))
        return 1e-15 * max(abs(self.value), terms)
