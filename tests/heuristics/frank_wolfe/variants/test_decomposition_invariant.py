import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.heuristics.frank_wolfe.frank_wolfe import frank_wolfe
from boundwise.heuristics.frank_wolfe.restricted import Restricted
from boundwise.solvers.convex.oracles.birkhoff import Birkhoff
from boundwise.solvers.convex.oracles.box import Cube
from boundwise.solvers.convex.oracles.simplex import (
    Hypersimplex,
    ProbabilitySimplex,
    UnitHypersimplex,
)

SETS = {
    "birkhoff": lambda: Birkhoff(3),
    "cube": lambda: Cube(6),
    "hypersimplex": lambda: Hypersimplex(6, 2),
    "simplex": lambda: ProbabilitySimplex(6),
    "unit hypersimplex": lambda: UnitHypersimplex(6, 2),
}


@pytest.mark.parametrize("lazy", [True, False])
@pytest.mark.parametrize("name", SETS)
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=4, deadline=None)
def test_steps_without_atoms_agree_with_steps_on_atoms(
    make_objective, name, lazy, seed
):
    """On the whole set and on one with a variable fixed, as in a node of a tree."""
    rng = np.random.default_rng(seed)
    chosen = SETS[name]()
    count = len(chosen.lower)
    objective = make_objective("quadratic", count, rng)
    upper = chosen.upper.copy()
    upper[int(rng.integers(count))] = rng.choice([0.0, 1.0])
    oracle = Restricted(chosen, None, upper)
    truth = frank_wolfe(objective, None, oracle, gap=1e-9)
    result = frank_wolfe(objective, None, oracle, variant="dicg", lazy=lazy, gap=1e-6)
    assert result.active_set is None
    assert result.value == pytest.approx(truth.value, abs=1e-5)
    assert result.bound <= truth.value + 1e-9
    assert result.x.min() >= -1e-9
    assert (result.x <= upper + 1e-9).all()
