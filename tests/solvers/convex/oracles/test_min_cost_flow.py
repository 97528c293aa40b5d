import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.solvers.convex.oracles.min_cost_flow import MinCostFlow


@pytest.mark.parametrize("integral", [True, False])
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_flows_agree_with_a_solver_on_their_rows(agrees, integral, seed):
    """Supplies are those of a random flow; cycles and parallel arcs occur."""
    rng = np.random.default_rng(seed)
    count, n_arcs = 5, 12
    arcs = rng.integers(0, count, (n_arcs, 2))
    arcs[:, 1] = (arcs[:, 0] + rng.integers(1, count, n_arcs)) % count
    upper = rng.integers(1, 5, n_arcs).astype(float)
    flow = rng.integers(0, upper + 1) if integral else rng.uniform(0, upper)
    rows = np.zeros((count, n_arcs))
    rows[arcs[:, 0], np.arange(n_arcs)] += 1.0
    rows[arcs[:, 1], np.arange(n_arcs)] -= 1.0
    supplies = rows @ flow
    supplies[0] -= supplies.sum()
    chosen = MinCostFlow(count, arcs, supplies, upper, integral=integral)
    agrees(chosen, rows, supplies, supplies, rng)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((2, [(0, 1)], [1.0, 0.0], [1.0]), "supplies must sum to zero"),
        ((2, [(0, 1)], [2.0, -2.0], [1.0]), "supplies must be met"),
        ((2, [(0, 1)], [0.5, -0.5], [1.0]), "supplies must be integers"),
        ((2, [(0, 1)], [1.0, -1.0], [np.inf]), "upper must be finite"),
    ],
)
def test_a_bad_network_is_named(arguments, message):
    with pytest.raises(InputError, match=message):
        MinCostFlow(*arguments)
