"""The relaxation of one node, by a Frank-Wolfe method that stops when it knows enough.

With U the bound that would close the node, x the iterate and L the bound so far, the
method stops as soon as

    L >= U                           the node is closed;
    f(x) < U,  f(x) - L <= U - f(x)
                                     the node cannot be closed: its optimum is at most
                                     f(x), and a finer one would hardly move L;
    f(x) - L <= tolerance            what is left is below the gap of the run.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from boundwise.core.limits import Deadline
from boundwise.heuristics.frank_wolfe.active_set import ActiveSet
from boundwise.heuristics.frank_wolfe.domain import enter_domain
from boundwise.heuristics.frank_wolfe.frank_wolfe import frank_wolfe
from boundwise.heuristics.frank_wolfe.protocols import Floats
from boundwise.heuristics.frank_wolfe.restricted import Restricted
from boundwise.heuristics.frank_wolfe.result import (
    FrankWolfeResult,
    FrankWolfeState,
    Reason,
)
from boundwise.heuristics.frank_wolfe.shadow_set import ShadowSet
from boundwise.solvers.convex.settings import TreeSettings
from boundwise.solvers.convex.space import ConvexSpace

#: Share of the distance to the closing bound within which a surviving node's gap is.
_SURVIVAL = 1.0
#: Share of the run's gap that a node may leave open.
_SHARE_OF_GAP = 0.1
#: Gap of a node while there is no incumbent, relative to its value.
_FIRST_GAP = 1e-2
#: Least gap that is asked for: below it, differences are rounding.
_FLOOR = 1e-10
SHADOW_CAPACITY = 100
_PROBE_STEPS = 10
#: Vertices whose average is tried as a point of the domain, per variable.
_DOMAIN_TRIES = 3


@dataclass(frozen=True, slots=True)
class Cutoff:
    """State what closes a node.

    Parameters
    ----------
    objective
        Objective of the incumbent, ``inf`` without one.
    threshold
        Bound from which the gap to it is closed.
    """

    objective: float
    threshold: float

    def tolerance(self, value: float) -> float:
        """Return the gap that a node with this value need not close."""
        scale = max(1.0, abs(value))
        if math.isinf(self.threshold):
            return _FIRST_GAP * scale
        left = self.objective - self.threshold
        return max(_SHARE_OF_GAP * left, _FLOOR * scale)

    def is_enough(self, value: float, bound: float) -> bool:
        """Tell whether a node's relaxation is solved well enough."""
        if bound >= self.threshold:
            return True
        gap = value - bound
        if gap <= self.tolerance(value):
            return True
        return gap <= _SURVIVAL * (self.threshold - value) < math.inf


class NodeRelaxation:
    """Solve the relaxations of nodes.

    Parameters
    ----------
    space
        The problem.
    settings
        Frank-Wolfe variant and its options.
    deadline
        Clock of the run.
    is_stopped
        Tells whether the run was asked to end.
    rng
        Directions of the vertices that look for the domain.
    """

    def __init__(
        self,
        space: ConvexSpace,
        settings: TreeSettings,
        deadline: Deadline,
        is_stopped: Callable[[], bool],
        rng: np.random.Generator,
    ) -> None:
        self._space = space
        self._settings = settings
        self._deadline = deadline
        self._is_stopped = is_stopped
        self._rng = rng
        self.n_outside = 0

    def solve(
        self,
        lower: Floats,
        upper: Floats,
        active: ActiveSet | None,
        shadow: ShadowSet | None,
        cutoff: Callable[[], Cutoff],
        on_vertex: Callable[[Floats], object],
    ) -> FrankWolfeResult:
        """Minimise over the relaxation within a box.

        Parameters
        ----------
        lower, upper
            The box.
        active, shadow
            Feasible vertices to start from, or None.
        cutoff
            Returns what closes the node; asked at every step, since the vertices of
            the run itself may improve the incumbent.
        on_vertex
            Sees each new vertex.
        """

        def knows_enough(state: FrankWolfeState) -> bool:
            return self._is_stopped() or cutoff().is_enough(state.value, state.bound)

        return self._run(
            lower,
            upper,
            active,
            shadow,
            callback=knows_enough,
            on_vertex=on_vertex,
            max_iterations=self._settings.max_iterations,
        )

    def probe(self, lower: Floats, upper: Floats, active: ActiveSet | None) -> float:
        """Return what a few steps reach in a box: nearly its optimum, if warm.

        The bound after so few steps says little; ``inf`` for an empty box.
        """
        result = self._run(
            lower,
            upper,
            active,
            None,
            callback=lambda state: self._is_stopped(),
            on_vertex=None,
            max_iterations=_PROBE_STEPS,
        )
        return result.value

    def _run(
        self,
        lower: Floats,
        upper: Floats,
        active: ActiveSet | None,
        shadow: ShadowSet | None,
        *,
        callback: Callable[[FrankWolfeState], bool],
        on_vertex: Callable[[Floats], object] | None,
        max_iterations: int,
    ) -> FrankWolfeResult:
        space, settings = self._space, self._settings
        oracle = space.relaxed_oracle(lower, upper)
        if shadow is None:
            shadow = ShadowSet(space.n_variables, SHADOW_CAPACITY)
        if space.domain is not None:
            active = enter_domain_by_vertices(space, oracle, active, self._rng)
            if active is None:
                self.n_outside += 1
                return _nothing(shadow)
        result = frank_wolfe(
            space.relaxed,
            None,
            oracle,
            active,
            variant=settings.variant,
            line_search=settings.line_search,
            lazy=settings.lazy,
            gap=0.0,
            relative_gap=_FLOOR,
            max_iterations=max_iterations,
            deadline=self._deadline,
            shadow=shadow,
            domain_oracle=space.domain,
            callback=callback,
            on_vertex=on_vertex,
        )
        space.oracle_calls += result.oracle_calls
        space.oracle_seconds += result.oracle_seconds
        return result


def enter_domain_by_vertices(
    space: ConvexSpace,
    oracle: Restricted,
    active: ActiveSet | None,
    rng: np.random.Generator,
) -> ActiveSet | None:
    """Return a start in the domain of f.

    Beyond `enter_domain`, the average of vertices in random directions is tried: it
    lies inside the set, where a log-determinant is defined if it is anywhere.

    Returns
    -------
    ActiveSet or None
        None if no combination was in the domain, or the set is empty.
    """
    assert space.domain is not None
    vertices: list[Floats] = []
    if active is not None:
        inside = enter_domain(active, space.domain, oracle)
        if inside is not None:
            return inside
        vertices = list(active.atoms)
    for _ in range(_DOMAIN_TRIES * space.n_variables):
        answer = oracle.minimize(space.random_direction(rng))
        space.oracle_calls += 1
        if answer.vertex is None:
            return None
        vertices.append(answer.vertex)
        found = ActiveSet(np.array(vertices), np.ones(len(vertices)))
        if space.domain(found.x):
            return found
    return None


def some_point(space: ConvexSpace, rng: np.random.Generator) -> Floats | None:
    """Return a point of the relaxation where f is defined, None if none was found."""
    oracle = space.relaxed_oracle(space.lower, space.upper)
    if space.domain is None:
        return oracle.minimize(space.random_direction(rng)).vertex
    found = enter_domain_by_vertices(space, oracle, None, rng)
    return None if found is None else found.x


def _nothing(shadow: ShadowSet) -> FrankWolfeResult:
    """Return the result of a box without a point in the domain."""
    return FrankWolfeResult(
        x=None,
        value=math.inf,
        bound=math.inf,
        reason=Reason.EMPTY,
        iterations=0,
        oracle_calls=0,
        oracle_seconds=0.0,
        gradient=None,
        active_set=None,
        shadow=shadow,
    )
