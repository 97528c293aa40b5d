"""Constraint-graph ball: free the integers near a random variable, fix the rest.

Two variables are neighbours if a constraint holds both. From a random variable the
ball grows layer by layer until it holds as many integer variables as the rate leaves
free. In every layer a constraint with r variables is followed with probability
min(1, share * n / r): a constraint over most variables would otherwise put everything
at distance one.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from boundwise.core.arguments import as_number
from boundwise.heuristics.neighbourhoods.fixing import count_to_fix, fix_to
from boundwise.heuristics.neighbourhoods.graph import ConstraintGraph, members
from boundwise.heuristics.protocols import BoolVector, SearchState, Subproblem


@dataclass(slots=True)
class GraphBall:
    """Free a connected part of the problem.

    Parameters
    ----------
    share
        A constraint over more than this share of all variables is only sometimes
        followed.
    """

    share: float = 0.1
    name: str = "graph-ball"
    _graph: ConstraintGraph = field(
        default_factory=ConstraintGraph, init=False, repr=False
    )

    def __post_init__(self) -> None:
        """Validate the share."""
        as_number("share", self.share, above=0, at_most=1)

    def propose(
        self, state: SearchState, fixing_rate: float, rng: np.random.Generator
    ) -> Subproblem | None:
        """Return the neighbourhood, or None without constraints."""
        problem = state.problem
        n_free = len(problem.integers) - count_to_fix(state, fixing_rate)
        if problem.incidence.nnz == 0 or n_free >= len(problem.integers):
            return None
        ball = self._grow(problem.incidence, problem.is_integer, n_free, rng)
        fixed = np.flatnonzero(problem.is_integer & ~ball)
        return fix_to(fixed, state.current, state)

    def _grow(
        self,
        rows: sparse.csr_array,
        is_integer: BoolVector,
        n_free: int,
        rng: np.random.Generator,
    ) -> BoolVector:
        columns = self._graph.columns(rows)
        lengths = np.diff(rows.indptr)
        follow = np.minimum(1.0, self.share * rows.shape[1] / np.maximum(lengths, 1))
        inside = np.zeros(rows.shape[1], dtype=bool)
        layer = rng.choice(np.flatnonzero(is_integer), size=1)
        n_inside = 0
        while True:
            layer = layer[~inside[layer]]
            integers = layer[is_integer[layer]]
            if n_inside + len(integers) >= n_free:
                taken = rng.permutation(integers)[: n_free - n_inside]
                inside[taken] = True
                return inside
            inside[layer] = True
            n_inside += len(integers)
            touched = np.unique(members(columns, layer))
            touched = touched[rng.random(len(touched)) < follow[touched]]
            layer = np.unique(members(rows, touched))
            if np.all(inside[layer]):
                # The component is exhausted: go on from somewhere else.
                layer = rng.choice(np.flatnonzero(is_integer & ~inside), size=1)
