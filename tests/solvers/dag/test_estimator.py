import itertools
import os
import signal
import threading
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from boundwise.core.errors import InputError
from boundwise.core.status import Termination
from boundwise.solvers.dag import (
    KktNeighbourhood,
    Moments,
    Neighbourhood,
    TopologicalDAG,
    best_order,
)
from boundwise.solvers.dag.factor import factorise

SCORES = [
    ("ls", 0.0),
    ("l1", 0.1),
    ("golem_ev", 0.0),
    ("golem_ev", 0.05),
    ("golem_nv", 0.05),
    ("colide_ev", 0.0),
    ("colide_ev", 0.05),
    ("colide_nv", 0.0),
    ("colide_nv", 0.05),
    ("bic", 0.0),
    ("bic", 0.5),
]


def plain_score(name, lam, X, W):
    """Evaluate a score by its formula, on the rows."""
    X = X - X.mean(axis=0)
    n, d = X.shape
    r = ((X - X @ W) ** 2).mean(axis=0)
    penalty = lam * np.abs(W).sum()
    if name in ("ls", "l1"):
        return r.sum() / 2 + penalty
    if name == "golem_ev":
        return d / 2 * np.log(r.sum()) + penalty
    if name == "golem_nv":
        return np.log(r).sum() / 2 + penalty
    if name == "colide_ev":
        scale = np.sqrt(r.sum() / d)
        return r.sum() / (2 * scale) + d * scale / 2 + penalty
    if name == "colide_nv":
        scale = np.sqrt(r)
        return (r / (2 * scale) + scale / 2).sum() + penalty
    price = (np.log(n) + 4 * lam * np.log(d)) / (2 * n)
    return np.log(r).sum() / 2 + price * np.count_nonzero(W)


def acyclic(W, order):
    return not np.tril(W[np.ix_(order, order)]).any()


@pytest.mark.parametrize(("name", "lam"), SCORES)
def test_score_weights_and_order_agree(name, lam, draw):
    X, _ = draw(8, 2, 200, 1)
    X = X + 5.0
    kept = X.copy()
    model = TopologicalDAG(name, lam, random_state=0).fit(X)
    np.testing.assert_array_equal(X, kept)
    assert model.score_ == pytest.approx(plain_score(name, lam, X, model.weights_))
    assert model.score_ == pytest.approx(model.history_[-1][1], rel=1e-9, abs=1e-9)
    assert acyclic(model.weights_, model.order_)
    assert model.kkt_residual_ <= 1e-6
    seconds, values = zip(*model.history_, strict=True)
    assert list(seconds) == sorted(seconds)
    assert all(a > b for a, b in itertools.pairwise(values))
    large = np.abs(model.weights_) >= 0.3
    np.testing.assert_array_equal(
        model.adjacency_matrix_, np.where(large, model.weights_, 0.0)
    )


@pytest.mark.parametrize(
    ("name", "lam"), [s for s in SCORES if s[0] != "golem_ev" and s[0] != "colide_ev"]
)
def test_the_search_finds_the_exact_optimum(name, lam, draw):
    X, _ = draw(8, 2, 100, 2, standardised=True)
    exact = best_order(Moments.of_data(X), name, lam)
    assert exact.score == pytest.approx(plain_score(name, lam, X, exact.weights))
    model = TopologicalDAG(name, lam, restarts=4, random_state=0).fit(X)
    # Node costs with local minima are not exact in the program either.
    assert model.score_ <= exact.score + 1e-9 * abs(exact.score)
    if name != "golem_nv":
        assert model.score_ == pytest.approx(exact.score, rel=1e-9)


def test_two_data_sets_in_one_process_do_not_mix(draw):
    X, _ = draw(6, 1, 100, 3)
    Y, _ = draw(6, 1, 100, 4)
    alone = TopologicalDAG().fit(Y).score_
    model = TopologicalDAG().fit(X)
    model.fit(Y)
    assert model.score_ == alone


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([("ls", 0.0), ("l1", 0.05)]))
def test_shifting_a_column_changes_nothing(seed, setting):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(30, 4)) @ rng.normal(size=(4, 4))
    one = TopologicalDAG(*setting, random_state=0).fit(X)
    other = TopologicalDAG(*setting, random_state=0).fit(X + 100.0)
    assert one.score_ == pytest.approx(other.score_, rel=1e-7)


def test_fit_covariance_is_fit_on_its_data(draw):
    X, _ = draw(7, 2, 150, 5)
    for name, lam in (("ls", 0.0), ("l1", 0.1), ("bic", 0.0)):
        by_data = TopologicalDAG(name, lam, random_state=0).fit(X)
        S = np.cov(X.T, bias=True)
        by_moments = TopologicalDAG(name, lam, random_state=0).fit_covariance(S, 150)
        assert by_moments.score_ == pytest.approx(by_data.score_, rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10**6),
    st.sampled_from([("ls", 0.0), ("l1", 0.1), ("colide_nv", 0.0), ("bic", 0.0)]),
    st.sampled_from(["insert+swap", "window", "kkt"]),
    st.sampled_from(["min_pivot", "random", "variance"]),
)
def test_constraints_hold_in_every_answer(seed, setting, moves, init):
    rng = np.random.default_rng(seed)
    d = 6
    X = rng.normal(size=(60, d)) @ rng.normal(size=(d, d))
    hidden = rng.permutation(d)
    level = np.sort(rng.integers(0, 2, size=d))
    tiers = np.empty(d, dtype=int)
    tiers[hidden] = level
    required = [(hidden[1], hidden[4])]
    forbidden = [(hidden[0], hidden[2]), (hidden[3], hidden[1])]
    model = TopologicalDAG(
        *setting,
        neighbourhood=moves,
        init=init,
        restarts=2,
        threshold=0.2,
        required_edges=required,
        forbidden_edges=forbidden if seed % 2 else None,
        tiers=tiers,
        random_state=seed,
    ).fit(X)
    W = model.weights_
    place = np.argsort(model.order_)
    assert acyclic(W, model.order_)
    assert (np.diff(tiers[model.order_]) >= 0).all()
    assert place[hidden[1]] < place[hidden[4]]
    assert model.adjacency_matrix_[required[0]] != 0.0
    assert not W[tiers[:, None] > tiers[None, :]].any()
    if seed % 2:
        assert not any(W[edge] for edge in forbidden)


def test_forbidden_edges_leave_the_best_of_what_is_allowed(draw):
    X, _ = draw(6, 2, 80, 6)
    forbidden = [(0, 1), (1, 0), (2, 5), (4, 3)]
    for name, lam in (("ls", 0.0), ("l1", 0.05), ("colide_nv", 0.0), ("bic", 0.0)):
        options = {"forbidden_edges": forbidden}
        exact = best_order(Moments.of_data(X), name, lam, **options)
        model = TopologicalDAG(name, lam, restarts=5, random_state=0, **options).fit(X)
        assert model.score_ == pytest.approx(exact.score, rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(SCORES))
def test_improve_is_never_worse_than_the_weights_it_is_given(seed, setting):
    rng = np.random.default_rng(seed)
    d = 5
    X = rng.normal(size=(40, d)) @ rng.normal(size=(d, d))
    order = rng.permutation(d)
    W = np.zeros((d, d))
    W[np.ix_(order, order)] = np.triu(rng.normal(size=(d, d)), 1)
    W[rng.random((d, d)) < 0.4] = 0.0
    model = TopologicalDAG(*setting, random_state=0).improve(W, X)
    given = plain_score(*setting, X, W)
    assert model.score_ <= given + 1e-9 * abs(given)
    assert acyclic(model.weights_, model.order_)
    # What is best already stays so.
    again = TopologicalDAG(*setting, random_state=0).improve(model.weights_, X)
    assert again.score_ <= model.score_ + 1e-9 * abs(model.score_)


def test_improve_takes_weights_with_cycles(draw):
    X, _ = draw(6, 2, 100, 8)
    W = np.random.default_rng(0).normal(size=(6, 6))
    np.fill_diagonal(W, 0.0)
    kept = W.copy()
    model = TopologicalDAG().improve(W, X)
    np.testing.assert_array_equal(W, kept)
    assert acyclic(model.weights_, model.order_)
    with pytest.raises(InputError, match="shape"):
        TopologicalDAG().improve(W[:5, :5], X)


def test_no_order_of_the_penalised_likelihood_is_refused_but_without_penalty_it_is():
    X = np.random.default_rng(0).normal(size=(30, 3))
    with pytest.raises(InputError, match="every order"):
        TopologicalDAG("golem_nv").fit(X)
    with pytest.raises(InputError, match="no penalty"):
        TopologicalDAG("ls", 0.1).fit(X)


def test_fewer_rows_than_columns_need_a_penalty():
    X = np.random.default_rng(1).normal(size=(10, 20))
    for name, lam in (("ls", 0.0), ("l1", 0.0), ("colide_nv", 0.0), ("bic", 0.0)):
        with pytest.raises(InputError, match="n=10 rows for d=20"):
            TopologicalDAG(name, lam).fit(X)
    for name, lam in (("l1", 0.1), ("colide_nv", 0.2), ("colide_ev", 0.2)):
        moves = Neighbourhood(kicks=0)
        model = TopologicalDAG(name, lam, neighbourhood=moves).fit(X)
        assert model.score_ == pytest.approx(plain_score(name, lam, X, model.weights_))
        if name != "colide_nv":  # whose root has no gradient where it interpolates
            assert model.kkt_residual_ <= 1e-6


def test_collinear_and_constant_columns_are_named_or_served():
    rng = np.random.default_rng(2)
    X = rng.normal(size=(50, 4))
    twice = np.column_stack([X, X[:, 1]])
    with pytest.raises(InputError, match="linear combination"):
        TopologicalDAG().fit(twice)
    constant = np.column_stack([X, np.full(50, 3.3)])
    with pytest.raises(InputError, match="column 4 of X is constant"):
        TopologicalDAG().fit(constant)
    for data in (twice, constant):
        model = TopologicalDAG("l1", 0.01).fit(data)
        assert model.score_ == pytest.approx(
            plain_score("l1", 0.01, data, model.weights_)
        )
        assert model.kkt_residual_ <= 1e-8


@pytest.mark.parametrize("exponent", [4, 6])
def test_condition_numbers_up_to_1e12_keep_their_digits(exponent):
    rng = np.random.default_rng(3)
    X = rng.normal(size=(300, 6))
    X -= X.mean(axis=0)
    U, _, V = np.linalg.svd(X, full_matrices=False)
    X = U * np.sqrt(300) * np.geomspace(1.0, 10.0**-exponent, 6) @ V
    X -= X.mean(axis=0)
    model = TopologicalDAG(random_state=0).fit(X)
    # The order with the least variances last is the hard one.
    hard = np.arange(6)
    R, _ = factorise(Moments.of_data(X), hard)
    Q = np.linalg.qr(X[:, hard[:-1]])[0]
    residual = X[:, 5] - Q @ (Q.T @ X[:, 5])
    residual -= Q @ (Q.T @ residual)
    assert R[5, 5] ** 2 == pytest.approx(residual @ residual / 300, 1e-8, 0.0)
    expected = 0.0
    for k, node in enumerate(model.order_):
        basis = X[:, model.order_[:k]]
        residual = X[:, node]
        if k:
            Q, _ = np.linalg.qr(basis)
            residual = residual - Q @ (Q.T @ residual)
            residual = residual - Q @ (Q.T @ residual)
        variance = residual @ residual / 300
        expected += variance / 2
    assert model.score_ == pytest.approx(expected, rel=1e-6)


def test_one_and_two_columns():
    x = np.random.default_rng(4).normal(size=(20, 1))
    model = TopologicalDAG(restarts=3).fit(x)
    assert model.score_ == pytest.approx(x.var() / 2)
    assert model.weights_.shape == (1, 1)
    for moves in ("insert+swap", "window", "kkt"):
        for name, lam in SCORES:
            alone = TopologicalDAG(name, lam, neighbourhood=moves).fit(x)
            assert alone.score_ == pytest.approx(plain_score(name, lam, x, [[0.0]]))
    pair = np.column_stack([x, 2 * x + np.random.default_rng(5).normal(size=(20, 1))])
    assert TopologicalDAG().fit(pair).adjacency_matrix_[0, 1] != 0.0


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"score": "aic"}, "score"),
        ({"score": 3}, "score"),
        ({"lam": -1.0, "score": "l1"}, "lam"),
        ({"lam": "x", "score": "l1"}, "lam"),
        ({"lam": np.nan, "score": "l1"}, "lam"),
        ({"neighbourhood": "swap"}, "neighbourhood"),
        ({"init": "best"}, "init"),
        ({"init": [0, 0, 1]}, "permutation"),
        ({"init": np.ones((3, 3))}, "diagonal"),
        ({"restarts": 0}, "restarts"),
        ({"restarts": 1.5}, "restarts"),
        ({"threshold": -0.1}, "threshold"),
        ({"time_limit": 0.0}, "time_limit"),
        ({"required_edges": [(0, 1), (1, 0)]}, "cycle"),
    ],
)
def test_unusable_parameters_are_refused_by_name(options, word):
    X = np.random.default_rng(0).normal(size=(20, 3))
    with pytest.raises(InputError, match=word):
        TopologicalDAG(**options).fit(X)


def test_data_frames_give_names(draw):
    pandas = pytest.importorskip("pandas")
    X, _ = draw(4, 1, 100, 9)
    frame = pandas.DataFrame(X, columns=["a", "b", "c", "d"])
    kept = frame.copy()
    model = TopologicalDAG(required_edges=[("c", "a")], threshold=0.0).fit(frame)
    pandas.testing.assert_frame_equal(frame, kept)
    graph = model.to_networkx()
    assert graph.has_edge("c", "a")
    assert graph["c"]["a"]["weight"] == model.weights_[2, 0]
    assert list(graph) == ["a", "b", "c", "d"]


def test_lingam_has_the_matrix_transposed(draw):
    X, _ = draw(5, 1, 200, 10)
    model = TopologicalDAG().fit(X)
    B = model.to_lingam()
    np.testing.assert_array_equal(B.T, model.adjacency_matrix_)
    back = TopologicalDAG().improve(B.T, X)
    assert back.score_ <= model.score_ * (1 + 1e-12)
    with pytest.raises(NotFittedError):
        TopologicalDAG().to_lingam()


class Slow:
    """A score in Python whose fits take their time."""

    def __init__(self, seconds):
        self.seconds = seconds

    def bind(self, moments, lam):
        self.S = moments.S
        return self

    def cost(self, node, predecessors):
        time.sleep(self.seconds)
        if not len(predecessors):
            return float(self.S[node, node]), np.zeros(0)
        b = self.S[predecessors, node]
        w = np.linalg.solve(self.S[np.ix_(predecessors, predecessors)], b)
        return float(self.S[node, node] - w @ b), w


def test_a_score_in_python_is_served_by_search_and_exact_program(draw):
    X, _ = draw(6, 1, 100, 11)
    moments = Moments.of_data(X)
    moves = Neighbourhood(kicks=2)
    model = TopologicalDAG(Slow(0.0), neighbourhood=moves, random_state=0).fit(X)
    exact = best_order(moments, Slow(0.0))
    assert model.score_ == pytest.approx(2 * TopologicalDAG().fit(X).score_)
    assert exact.score == pytest.approx(model.score_)
    assert np.isnan(model.kkt_residual_)
    published = TopologicalDAG(Slow(0.0), neighbourhood="kkt").fit(X)
    assert published.score_ >= model.score_ * (1 - 1e-12)


@pytest.mark.parametrize("moves", ["insert+swap", "kkt"])
def test_a_limit_returns_the_best_so_far(moves, draw):
    X, _ = draw(12, 2, 100, 12)
    begun = time.monotonic()
    model = TopologicalDAG(
        Slow(0.004), neighbourhood=moves, init="random", time_limit=0.3, random_state=0
    ).fit(X)
    assert time.monotonic() - begun < 3.0
    assert model.termination_ is Termination.TIME_LIMIT
    assert acyclic(model.weights_, model.order_)
    assert model.score_ == pytest.approx(model.history_[-1][1])


def test_ctrl_c_returns_the_best_so_far(draw):
    X, _ = draw(12, 2, 100, 12)
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    model = TopologicalDAG(Slow(0.004), init="random", random_state=0).fit(X)
    timer.join()
    assert model.termination_ is Termination.INTERRUPTED
    assert acyclic(model.weights_, model.order_)


def test_threads_give_the_answer_of_one_thread(draw):
    X, _ = draw(12, 2, 60, 13, standardised=True)
    one = TopologicalDAG(restarts=4, random_state=3).fit(X)
    two = TopologicalDAG(restarts=4, random_state=3, n_jobs=2).fit(X)
    np.testing.assert_array_equal(one.order_, two.order_)
    assert one.score_ == two.score_


def test_starts_of_every_kind_lead_to_an_answer_no_worse(draw):
    X, W = draw(9, 2, 200, 14)
    order = np.random.default_rng(0).permutation(9)
    for init in ("min_pivot", "variance", "random", order, W):
        model = TopologicalDAG(init=init, random_state=0).fit(X)
        assert model.score_ <= model.history_[0][1]
    start = TopologicalDAG(
        init=order, neighbourhood=KktNeighbourhood(small=0, large=0)
    ).fit(X)
    np.testing.assert_array_equal(start.order_, order)


def test_parameters_are_stored_untouched_and_clones_agree(draw):
    X, _ = draw(6, 1, 50, 15)
    init = np.arange(6)
    model = TopologicalDAG("l1", 0.2, init=init, n_jobs=2, random_state=1)
    assert model.get_params()["init"] is init
    other = clone(model).set_params(lam=0.1, random_state=1)
    assert other.lam == 0.1
    assert other.fit(X).score_ != model.fit(X).score_


@pytest.mark.slow
def test_scikit_learn_accepts_the_estimator():
    from sklearn.utils.estimator_checks import check_estimator

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(TopologicalDAG("l1", 0.1), on_skip=None, on_fail=None)
    failed = [r for r in results if r["status"] == "failed"]
    assert len(results) > 30
    # These call a method named score if there is an attribute: a parameter here.
    assert {r["check_name"] for r in failed} <= {
        "check_fit_score_takes_y",
        "check_n_features_in_after_fitting",
        "check_pipeline_consistency",
    }
    assert all("callable" in str(r["exception"]) for r in failed)


def sachs():
    folder = os.environ.get("BOUNDWISE_SACHS")
    if not folder:
        pytest.skip("BOUNDWISE_SACHS does not name the folder of the Sachs data")
    path = Path(folder) / "cyto_full_data.csv"
    return np.loadtxt(path, delimiter=",", skiprows=1)


@pytest.mark.parametrize(
    ("logarithm", "value"), [(False, 3.0598723266), (True, 3.3412599890)]
)
def test_the_optimum_of_the_sachs_data_is_the_known_value(logarithm, value):
    X = sachs()
    X = np.log(X) if logarithm else X
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    assert best_order(Moments.of_data(X)).score == pytest.approx(value, abs=1e-10)
    model = TopologicalDAG(restarts=5, random_state=0).fit(X)
    assert model.score_ == pytest.approx(value, abs=1e-10)
