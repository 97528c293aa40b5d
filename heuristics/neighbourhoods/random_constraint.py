"""Random constraints: free all variables of some constraints, fix the rest.

Either the constraints are drawn independently, or each one shares a variable with one
that was drawn before, so that the freed part of the problem hangs together.
"""

from dataclasses import dataclass, field

import numpy as np

from boundwise.heuristics.neighbourhoods.fixing import count_to_fix, fix_to
from boundwise.heuristics.neighbourhoods.graph import (
    ConstraintGraph,
    in_order_of_appearance,
    members,
)
from boundwise.heuristics.protocols import IntVector, SearchState, Subproblem


@dataclass(slots=True)
class RandomConstraint:
    """Free whole constraints.

    Parameters
    ----------
    neighbouring
        Whether the constraints are to share variables.
    """

    neighbouring: bool = False
    name: str = "random-constraint"
    _graph: ConstraintGraph = field(
        default_factory=ConstraintGraph, init=False, repr=False
    )

    def propose(
        self, state: SearchState, fixing_rate: float, rng: np.random.Generator
    ) -> Subproblem | None:
        """Return the neighbourhood, or None without constraints over integers."""
        problem = state.problem
        n_free = len(problem.integers) - count_to_fix(state, fixing_rate)
        if problem.incidence.nnz == 0 or n_free >= len(problem.integers):
            return None
        draw = self._connected if self.neighbouring else self._independent
        chosen = draw(state, n_free, rng)[:n_free]
        if len(chosen) == 0:
            return None
        fixed = problem.is_integer.copy()
        fixed[chosen] = False
        # All constraints together may hold fewer integers than are to be free.
        rest = np.flatnonzero(fixed)
        fixed[rng.permutation(rest)[: n_free - len(chosen)]] = False
        return fix_to(np.flatnonzero(fixed), state.current, state)

    def _independent(
        self, state: SearchState, n_free: int, rng: np.random.Generator
    ) -> IntVector:
        """Return the integers of random constraints, in the order they were drawn."""
        rows, is_integer = state.problem.incidence, state.problem.is_integer
        order = rng.permutation(rows.shape[0])
        taken = 8
        while True:
            touched = members(rows, order[:taken])
            found = in_order_of_appearance(touched[is_integer[touched]])
            if len(found) >= n_free or taken >= len(order):
                return found
            taken *= 2

    def _connected(
        self, state: SearchState, n_free: int, rng: np.random.Generator
    ) -> IntVector:
        """Return the integers of constraints that hang together."""
        rows, is_integer = state.problem.incidence, state.problem.is_integer
        columns = self._graph.columns(rows)
        used = np.diff(rows.indptr) == 0
        found = np.empty(0, dtype=np.int64)
        front = rng.choice(np.flatnonzero(~used), size=1)
        while len(found) < n_free:
            taken = rng.permutation(front)[: max(1, len(found) // 10)]
            used[taken] = True
            touched = members(rows, taken)
            new = touched[is_integer[touched]]
            found = in_order_of_appearance(np.concatenate([found, new]))
            near = np.unique(members(columns, np.unique(touched)))
            front = np.union1d(front, near)
            front = front[~used[front]]
            if len(front) == 0:
                left = np.flatnonzero(~used)
                if len(left) == 0:
                    break
                front = rng.choice(left, size=1)
        return found
