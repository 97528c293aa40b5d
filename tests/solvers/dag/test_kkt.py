import numpy as np
import pytest
from scipy.linalg import expm

from boundwise.core.errors import InputError
from boundwise.solvers.dag import TopologicalDAG
from boundwise.solvers.dag.constraints import Constraints
from boundwise.solvers.dag.engines import Neighbourhood
from boundwise.solvers.dag.kkt import KktNeighbourhood, candidates
from boundwise.solvers.dag.moments import Moments
from boundwise.solvers.dag.problem import OrderProblem
from boundwise.solvers.dag.walks import walk_weights


def test_walk_weights_are_the_gradients_of_the_acyclicity_functions():
    A = np.triu(np.random.default_rng(0).random((6, 6)), 1)
    eye = np.eye(6)
    logdet = walk_weights(A, "logdet")
    np.testing.assert_allclose(logdet, np.linalg.inv(eye - A), atol=1e-12)
    polynomial = walk_weights(A, "polynomial")
    np.testing.assert_allclose(polynomial, np.linalg.matrix_power(eye + A / 6, 5))
    np.testing.assert_allclose(walk_weights(A, "exponential"), expm(A), rtol=1e-12)
    # h itself, by differences: an edge that closes a cycle.
    step = 1e-7
    closed = A.copy()
    closed[4, 1] = step
    h = -np.linalg.slogdet(eye - closed)[1]
    assert h / step == pytest.approx(logdet[1, 4], rel=1e-5)


@pytest.mark.parametrize("h", ["logdet", "polynomial", "exponential"])
def test_walk_weights_of_dense_graphs_stay_finite_and_ordered(h):
    A = np.triu(np.full((500, 500), 50.0), 1)
    with np.errstate(all="raise", under="ignore"):
        weights = walk_weights(A, h)
    assert np.isfinite(weights).all()
    assert weights[0, 1] < weights[0, 3] <= weights[0, 499]


@pytest.mark.parametrize(
    "h",
    [
        "logdet",
        pytest.param("polynomial", marks=pytest.mark.slow),
        pytest.param("exponential", marks=pytest.mark.slow),
    ],
)
def test_the_published_search_at_500_nodes_is_finite(h):
    rng = np.random.default_rng(1)
    S = np.cov(rng.normal(size=(500, 1500)), bias=True)
    start = TopologicalDAG(
        neighbourhood=KktNeighbourhood(h, large_uses=0, small=50),
        init="random",
        time_limit=1.0,
        random_state=0,
    ).fit_covariance(S, 1500)
    assert np.isfinite(start.score_)
    assert start.score_ <= start.history_[0][1]


def test_sets_hold_so_many_pairs_whatever_the_ties():
    # Under a strong penalty nothing is connected: grad h is 0 for every pair.
    X = np.random.default_rng(2).normal(size=(100, 12))
    problem = OrderProblem.of(Moments.of_data(X), "l1", 1e-4, Constraints.make(12))
    engine = problem.engines(Neighbourhood(), [0])(0)
    engine.start(np.arange(12))
    small, large, _ = KktNeighbourhood(small=5, large=9).sizes(12)
    assert (small, large) == (5, 9)
    pairs = candidates(problem, engine, "logdet")
    assert len(pairs) <= 66
    assert len({tuple(pair) for pair in pairs}) == len(pairs)
    assert (pairs[:, 0] < pairs[:, 1]).all()
    empty = OrderProblem.of(Moments.of_data(X), "l1", 5.0, Constraints.make(12))
    engine = empty.engines(Neighbourhood(), [0])(0)
    engine.start(np.arange(12))
    # No gradient exceeds the penalty: no candidate, though every grad h is tied.
    assert len(candidates(empty, engine, "logdet")) == 0


def test_default_sizes_are_those_of_the_published_formula():
    assert KktNeighbourhood().sizes(20) == (30, 110, 2)
    assert KktNeighbourhood().sizes(2) == (0, 0, 1)


@pytest.mark.parametrize("score", ["ls", "l1", "golem_nv", "colide_nv", "bic"])
def test_the_published_search_improves_its_start_with_every_score(score, draw):
    X, _ = draw(10, 2, 300, 3, standardised=True)
    lam = 0.0 if score in ("ls", "bic") else 0.05
    model = TopologicalDAG(
        score, lam, neighbourhood="kkt", init="random", random_state=1
    ).fit(X)
    assert model.score_ < model.history_[0][1]
    best = TopologicalDAG(score, lam, restarts=3, random_state=1).fit(X)
    assert best.score_ <= model.score_ * (1 + np.sign(model.score_) * 1e-9)


@pytest.mark.parametrize(
    "options", [{"h": "trace"}, {"small": -1}, {"large": 2.5}, {"large_uses": "x"}]
)
def test_parameters_are_checked(options):
    with pytest.raises(InputError):
        KktNeighbourhood(**options)
