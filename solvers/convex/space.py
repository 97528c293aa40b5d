"""A convex mixed-integer problem as the tree sees it.

    min f(x)   subject to   x in X,  x_j integer for j in I

X is known through the oracle of its integer points. Bounds may come from that oracle or
from a relaxation of it, and from f or from a function F that equals f on the integer
points and exceeds it elsewhere.
"""

from collections.abc import Callable

import numpy as np

from boundwise.core.limits import Deadline
from boundwise.heuristics.frank_wolfe.active_set import ActiveSet
from boundwise.heuristics.frank_wolfe.domain import enter_domain
from boundwise.heuristics.frank_wolfe.frank_wolfe import frank_wolfe
from boundwise.heuristics.frank_wolfe.protocols import (
    FeasibleSet,
    Floats,
    Indices,
    InexactSet,
    Objective,
)
from boundwise.heuristics.frank_wolfe.restricted import Restricted

#: Relative gap to which the continuous variables of a solution are optimised.
_POLISH_GAP = 1e-7
_POLISH_STEPS = 2000


class ConvexSpace:
    """Hold objective and sets of one problem, and count what is asked of them.

    Parameters
    ----------
    objective
        The function f.
    feasible_set
        Oracle of the integer points.
    integers
        Indices of the integer variables.
    value
        Evaluates f; ``inf`` outside its domain.
    relaxed_objective
        The function F for bounds.
    domain
        Tells whether f is defined at a point; None if it is everywhere.
    deadline
        Clock of the run.
    """

    def __init__(
        self,
        objective: Objective,
        feasible_set: FeasibleSet | InexactSet,
        integers: Indices,
        *,
        value: Callable[[Floats], float],
        relaxed_objective: Objective,
        domain: Callable[[Floats], bool] | None = None,
        deadline: Deadline,
    ) -> None:
        self.objective = objective
        self.value = value
        self.relaxed = relaxed_objective
        self.feasible_set = feasible_set
        #: What bounds are computed over, and what equals the set once the integers are
        #: fixed: both may be relaxations of it.
        self.relaxation: FeasibleSet | InexactSet = feasible_set
        self.polishing: FeasibleSet | InexactSet = feasible_set
        self.integers = np.asarray(integers, dtype=np.intp)
        self.domain = domain
        self.lower = np.array(feasible_set.lower, dtype=np.float64)
        self.upper = np.array(feasible_set.upper, dtype=np.float64)
        self._deadline = deadline
        self.oracle_calls = 0
        self.oracle_seconds = 0.0

    @property
    def n_variables(self) -> int:
        """Number of variables."""
        return len(self.lower)

    @property
    def has_integral_vertices(self) -> bool:
        """Whether every vertex that bounds use is an integer point of the set."""
        return self.relaxation is self.feasible_set

    def is_defined(self, x: Floats) -> bool:
        """Tell whether f is defined at a point."""
        return self.domain is None or self.domain(x)

    def gradient(self, x: Floats) -> Floats:
        """Return the gradient of f at x."""
        return self.objective.gradient(x)

    def oracle(self, lower: Floats, upper: Floats) -> Restricted:
        """Return the oracle of the integer points within a box."""
        return Restricted(self.feasible_set, lower, upper)

    def relaxed_oracle(self, lower: Floats, upper: Floats) -> Restricted:
        """Return the oracle of the relaxation within a box."""
        return Restricted(self.relaxation, lower, upper)

    def random_direction(self, rng: np.random.Generator) -> Floats:
        """Return a direction along which every set with finite rows is bounded.

        It is zero at variables without finite bounds, such as the slacks that SCIP adds
        for indicators.
        """
        direction = rng.standard_normal(self.n_variables)
        direction[np.isinf(self.lower) | np.isinf(self.upper)] = 0.0
        return direction

    def minimize_continuous(
        self, lower: Floats, upper: Floats, start: Floats, cutoff: float
    ) -> Floats | None:
        """Minimise f over a box that fixes all integers; None if nothing is better."""
        active = ActiveSet.from_vertex(start)
        oracle = Restricted(self.polishing, lower, upper)
        if self.domain is not None:
            inside = enter_domain(active, self.domain, oracle)
            if inside is None:
                return None
            active = inside
        result = frank_wolfe(
            self.objective,
            None,
            oracle,
            active,
            gap=0.0,
            relative_gap=_POLISH_GAP,
            max_iterations=_POLISH_STEPS,
            cutoff=cutoff,
            domain_oracle=self.domain,
            deadline=self._deadline,
        )
        self.oracle_calls += result.oracle_calls
        self.oracle_seconds += result.oracle_seconds
        return result.x
