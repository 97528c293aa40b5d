"""Proofs of what knapsack decisions earn."""

import numpy as np
import pytest

from boundwise.benchmarks.robust.certificate import certified_profit, mixed_profit
from boundwise.core.errors import InputError
from boundwise.instances.generators.robust import generate_robust
from boundwise.solvers.robust import RobustKnapsack


@pytest.mark.parametrize("kind", ["UN", "SC"])
def test_the_proof_reaches_the_worst_case(kind):
    data = generate_robust(f"robust_knapsack:n=12,correlation={kind},seed=3")
    problem = RobustKnapsack.from_instance(data)
    x = problem.sample_decision(np.random.default_rng(1))
    worst = problem.worst_case(x)
    assert worst.is_exact
    assert certified_profit(data, x) == pytest.approx(-worst.cost, rel=1e-6)


def test_a_mixture_earns_what_the_hand_says():
    problem = RobustKnapsack(
        profit=[5, 4],
        degradation=[4, 2],
        repair=[1, 1],
        weight=[2, 2],
        outsource=[6, 5],
        capacity=4,
        gamma=1.5,
    )
    both = np.array([[1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 1.0, 0.0]])
    x = np.ones(2)
    # Half of each: losses 4 / 2 and 2 / 2, of which 2 and half of 1 happen; 5 + 4 less
    # half of 5 for outsourcing the second item.
    profit = mixed_profit(problem.instance, x, both, np.array([2.0, 2.0]))
    assert profit == pytest.approx(9.0 - 2.5 - 2.5)
    with pytest.raises(InputError, match="feasible"):
        mixed_profit(problem.instance, x, np.ones((1, 4)), np.ones(1))
    with pytest.raises(InputError, match="negative"):
        mixed_profit(problem.instance, x, both, np.array([2.0, -1.0]))
