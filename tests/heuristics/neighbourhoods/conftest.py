"""States of a search, made by hand."""

import math

import numpy as np
import pytest
from scipy import sparse

from boundwise.heuristics.protocols import MipView, Relaxation, SearchState


@pytest.fixture
def state_of():
    """Return a maker of states of which every part may be given."""

    def make(
        current,
        *,
        is_integer=None,
        lower=0.0,
        upper=1.0,
        costs=1.0,
        rows=(),
        pool=(),
        lp=None,
        reduced_costs=None,
        node=None,
        bound=-math.inf,
    ):
        x = np.asarray(current, dtype=float)
        n = len(x)
        incidence = np.zeros((len(rows), n), dtype=np.int8)
        for number, members in enumerate(rows):
            incidence[number, list(members)] = 1

        def full(value):
            return np.broadcast_to(np.asarray(value, dtype=float), n).copy()

        view = MipView(
            lower=full(lower),
            upper=full(upper),
            objective=full(costs),
            is_integer=np.ones(n, dtype=bool)
            if is_integer is None
            else np.asarray(is_integer, dtype=bool),
            incidence=sparse.csr_array(incidence),
        )
        return SearchState(
            problem=view,
            current=x,
            best_objective=float(view.objective @ x),
            bound=bound,
            pool=(x, *(full(p) for p in pool)),
            relaxation=None
            if lp is None
            else Relaxation(
                full(lp), 0.0, None if reduced_costs is None else full(reduced_costs)
            ),
            node_relaxation=None if node is None else Relaxation(full(node), 0.0),
        )

    return make


@pytest.fixture
def rng():
    """Return a generator."""
    return np.random.default_rng(0)


@pytest.fixture
def free_share(rng):
    """Return how often each variable is left free over many proposals."""

    def count(arm, state, rate, times=200):
        free = np.zeros(state.problem.n_variables)
        for _ in range(times):
            proposed = arm.propose(state, rate, rng)
            assert proposed is not None
            free += 1
            free[proposed.fixed] -= 1
        return free / times

    return count
