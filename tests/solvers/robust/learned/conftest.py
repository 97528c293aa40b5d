"""A small knapsack and networks with random weights, which need no training."""

from collections.abc import Callable

import numpy as np
import pytest

from boundwise.heuristics.networks import Layer, Mlp
from boundwise.solvers.robust.knapsack import RobustKnapsack
from boundwise.solvers.robust.learned.set_inputs import set_inputs
from boundwise.solvers.robust.learned.value_network import Branch, ValueNetwork

NetworkMaker = Callable[..., ValueNetwork]


def _knapsack(seed: int = 0, n: int = 6) -> RobustKnapsack:
    rng = np.random.default_rng(seed)
    weight = rng.integers(5, 30, n).astype(np.float64)
    profit = rng.integers(10, 60, n).astype(np.float64)
    return RobustKnapsack(
        profit=profit,
        degradation=np.rint(0.6 * profit),
        repair=np.ceil(0.3 * weight),
        weight=weight,
        outsource=np.rint(1.2 * profit),
        capacity=float(np.floor(0.5 * weight.sum())),
        gamma=2.0,
    )


def _network(
    problem: RobustKnapsack, seed: int = 0, joint: bool = True
) -> ValueNetwork:
    rng = np.random.default_rng(seed)
    inputs = set_inputs(problem)
    seen = (inputs.decision.shape[1], inputs.constant.shape[1])

    def draw(outputs: int, count: int) -> np.ndarray:
        return rng.normal(size=(outputs, count)) / np.sqrt(count)

    def branch(count: int) -> Branch:
        return Branch(draw(5, count), draw(4, 5), draw(6, 4), draw(3, 6))

    return ValueNetwork(
        problem_class="RobustKnapsack",
        decision=branch(seen[0] + 1),
        scenario=branch(seen[1] + int(joint)),
        head=Mlp(
            (
                Layer(draw(4, 6), rng.normal(size=4)),
                Layer(draw(1, 4), np.zeros(1), relu=False),
            )
        ),
        joint=joint,
        decision_scale=rng.uniform(0.5, 2.0, seen[0]),
        scenario_scale=rng.uniform(0.5, 2.0, seen[1]),
        label_offset=-0.5,
        label_spread=0.7,
    )


@pytest.fixture
def make_knapsack() -> Callable[..., RobustKnapsack]:
    return _knapsack


@pytest.fixture
def make_network() -> NetworkMaker:
    return _network


class TinyKnapsacks:
    """A distribution of knapsacks of three to six items."""

    problem_class = "RobustKnapsack"
    joint = True

    def problem(self, rng: np.random.Generator) -> RobustKnapsack:
        return _knapsack(int(rng.integers(2**31)), int(rng.integers(3, 7)))

    def decision(self, problem: RobustKnapsack, rng: np.random.Generator) -> np.ndarray:
        return np.asarray(problem.sample_decision(rng))

    def attack(
        self, problem: RobustKnapsack, x: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        return np.asarray(rng.random(len(x)))


@pytest.fixture
def tiny_knapsacks() -> TinyKnapsacks:
    return TinyKnapsacks()
