"""Objectives: hand values, stacks against values, input that is refused."""

import networkx as nx
import numpy as np
import pytest
from scipy.sparse import csr_array

from boundwise.benchmarks.submodular.bars import random_objectives
from boundwise.core.errors import InputError
from boundwise.solvers.submodular.objectives import (
    ConcaveOverModular,
    Coverage,
    FacilityLocation,
    FeatureBased,
    GraphCut,
    Influence,
    LogDeterminant,
    Mixture,
    SetFunction,
    check_objective,
)

SMALL = random_objectives(9, seed=1)


def formula(name, chosen, seed=1):
    """Compute values from their definitions in numpy."""
    rng = np.random.default_rng(seed)
    n = 9
    sets = (rng.random((n, 20)) < 0.25) * rng.integers(1, 9, size=20)
    points = rng.normal(size=(n, 3))
    weights = rng.random((n, n)) * (rng.random((n, n)) < 0.4)
    item = rng.integers(1, 9, size=20)
    distances = np.linalg.norm(points[:, None] - points, axis=2)
    similarity = distances.max() - distances
    features = rng.random((n, 6))
    amounts, groups = rng.random(n), rng.integers(0, 4, size=n)
    symmetric = weights + weights.T - np.diag(2 * weights.diagonal())
    coverage = item[(sets[chosen] > 0).any(axis=0)].sum()
    facility = similarity[chosen].max(axis=0).sum()
    kernel = (points @ points.T)[np.ix_(chosen, chosen)]
    return {
        "coverage": coverage,
        "facility location": facility,
        "sparse facility location": weights[chosen].max(axis=0).sum(),
        "log-determinant": np.linalg.slogdet(np.eye(len(chosen)) + kernel)[1],
        "feature-based": np.sqrt(features[chosen].sum(axis=0)).sum(),
        "concave over modular": sum(
            np.log1p(sum(amounts[e] for e in chosen if groups[e] == g))
            for g in range(4)
        ),
        "graph cut, monotone": symmetric[chosen].sum()
        - 0.5 * symmetric[np.ix_(chosen, chosen)].sum(),
        "mixture": 0.3 * coverage + facility,
    }[name]


#: Sampled sets have no formula; sure cascades are counted below.
@pytest.mark.parametrize("name", [name for name in SMALL if name != "influence"])
def test_values_follow_the_definitions(name):
    rng = np.random.default_rng(0)
    for _ in range(20):
        chosen = rng.permutation(9)[: rng.integers(1, 8)].tolist()
        assert SMALL[name].value(chosen) == pytest.approx(formula(name, chosen))


@pytest.mark.parametrize("name", SMALL)
def test_stacks_answer_at_every_prefix_after_pushes_and_pops(name):
    objective = SMALL[name]
    rng = np.random.default_rng(2)
    stack, chosen = objective.stack(6), []
    for _ in range(60):
        if chosen and rng.random() < 0.4:
            chosen = chosen[: rng.integers(len(chosen))]
            stack.pop_to(len(chosen))
        elif len(chosen) < 6:
            chosen.append(int(rng.choice(sorted(set(range(9)) - set(chosen)))))
            stack.push(chosen[-1])
        size = int(rng.integers(len(chosen) + 1))
        others = np.array(sorted(set(range(9)) - set(chosen)))
        expected = [
            objective.value([*chosen[:size], int(e)]) - objective.value(chosen[:size])
            for e in others
        ]
        assert stack.gains(others, size) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("name", SMALL)
def test_shipped_objectives_pass_the_spot_checks(name):
    assert check_objective(SMALL[name], trials=50) == ()


def test_spot_checks_find_what_is_wrong():
    cases = {
        "normalized": SetFunction(lambda chosen: 1.0, n=4),
        "monotone": SetFunction(lambda chosen: -float(len(chosen)), n=4),
        "submodular": SetFunction(lambda chosen: float(len(chosen)) ** 2, n=4),
    }
    for what, objective in cases.items():
        found = check_objective(objective, trials=20)
        assert what in {example.what for example in found}
    cut = GraphCut(np.ones((4, 4)) - np.eye(4))
    assert check_objective(cut, trials=50) == ()


def test_a_cut_counts_the_edges_that_leave():
    cut = GraphCut(nx.cycle_graph(5))
    assert cut.value([0]) == 2.0
    assert cut.value([0, 1]) == 2.0
    assert cut.value([0, 2]) == 4.0
    assert not cut.monotone
    assert GraphCut(nx.cycle_graph(5), redundancy=0.5).monotone


def test_influence_counts_sure_cascades_exactly_and_others_nearly():
    chain = np.diag(np.ones(4), 1)
    assert Influence(chain, n_sets=50).value([0]) == pytest.approx(5.0)
    half = Influence(0.5 * chain, n_sets=4000, seed=1).value([0])
    assert half == pytest.approx(1 + 1 / 2 + 1 / 4 + 1 / 8 + 1 / 16, abs=0.15)


def test_features_give_the_kernel_of_inner_products():
    X = np.random.default_rng(0).normal(size=(8, 3))
    stored = LogDeterminant(X @ X.T, alpha=2.0)
    implied = LogDeterminant(features=X, alpha=2.0)
    assert implied.value([1, 4, 5, 7]) == pytest.approx(stored.value([1, 4, 5, 7]))


def test_sparse_and_dense_inputs_agree():
    matrix = np.array([[0.0, 2.0], [3.0, 0.0], [1.0, 1.0]])
    weights = [1.0, 4.0]
    for kind in (FacilityLocation, Coverage):
        dense, thin = kind(matrix, weights), kind(csr_array(matrix), weights)
        for chosen in ([0], [0, 2], [0, 1, 2]):
            assert dense.value(chosen) == thin.value(chosen)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Coverage(np.zeros((0, 3))),
        lambda: Coverage([[np.nan, 1.0]]),
        lambda: Coverage([["a"]]),
        lambda: Coverage([[1, 1]], weights=[1.0]),
        lambda: Coverage([[1, 1]], weights=[1.0, -1.0]),
        lambda: Coverage(nx.Graph()),
        lambda: FacilityLocation([[-1.0]]),
        lambda: FacilityLocation([[np.inf]]),
        lambda: FacilityLocation.from_points([[0.0], [1.0]], metric="none"),
        lambda: LogDeterminant([[1.0, 2.0], [2.0, 1.0]]),
        lambda: LogDeterminant([[1.0, 2.0]]),
        lambda: LogDeterminant(),
        lambda: LogDeterminant([[1.0]], alpha=0.0),
        lambda: FeatureBased([[1.0]], "cube"),
        lambda: FeatureBased([[1.0]], "power", parameter=2.0),
        lambda: FeatureBased([[-1.0]]),
        lambda: ConcaveOverModular([1.0, 2.0], groups=[0]),
        lambda: ConcaveOverModular([1.0], groups=[-1]),
        lambda: GraphCut([[0.0, 1.0], [0.0, 0.0]]),
        lambda: GraphCut([[0.0, 1.0], [1.0, 0.0]], redundancy=2.0),
        lambda: Influence([[0.0, 1.5], [0.0, 0.0]]),
        lambda: Influence([[0.0]], n_sets=0),
        lambda: Mixture([]),
        lambda: Mixture([Coverage([[1]]), Coverage([[1], [1]])]),
        lambda: Mixture([SetFunction(len, 3)]),
        lambda: SetFunction(3, 3),
        lambda: SetFunction(len, 0),
        lambda: check_objective(Coverage([[1]]), trials=0),
        lambda: Coverage([[1]]).value([1]),
        lambda: Coverage([[1], [1]]).value([0, 0]),
        lambda: Coverage([[1]]).value([0.5]),
    ],
)
def test_bad_input_is_refused(make):
    with pytest.raises(InputError):
        make()
