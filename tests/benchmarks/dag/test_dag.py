"""The suite's data, figures, yardstick, baselines and check."""

import numpy as np
import pytest

from boundwise.benchmarks.dag.baselines import ORDERS, baseline_order
from boundwise.benchmarks.dag.datasets import expand, make, read, write
from boundwise.benchmarks.dag.evaluate import (
    measures,
    order_fit,
    order_score,
    parent_fit,
    score,
)
from boundwise.benchmarks.dag.plain import plain_search, sizes
from boundwise.benchmarks.dag.runs import peer
from boundwise.benchmarks.dag.solutions import read_weights, weight_names
from boundwise.benchmarks.suites.dag import Suite
from boundwise.core.errors import InputError, NotAvailableError
from boundwise.instances.solutions import write_solution
from boundwise.solvers.dag.estimator import TopologicalDAG


@pytest.fixture(scope="module")
def data():
    return make("er:d=8,k=2,n=300,seed=1")


def test_a_specification_names_one_data_set(data, tmp_path):
    path = write("er:d=8,k=2,n=300,seed=1", tmp_path)
    stored = read(path)
    np.testing.assert_array_equal(stored.X, data.X)
    np.testing.assert_array_equal(stored.W, data.W)
    assert np.count_nonzero(data.W) == 16
    scaled = make("sf:d=12,k=2,n=50,noise=exp,variances=unequal,standardize=1")
    np.testing.assert_allclose(scaled.X.std(axis=0), 1.0)
    assert len(expand("er:seed=3..7")) == 5


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("ws:d=5", "one of er, sf, sachs"),
        ("er:d=5.5", "d must be an integer"),
        ("er:q=5", "among d, k"),
        ("er:noise", "name=value"),
        ("er:noise=cauchy", "noise must be"),
        ("er:d=5,k=3", "at most 10"),
    ],
)
def test_specifications_that_mean_nothing_are_refused(name, message):
    with pytest.raises(InputError, match=message):
        make(name)


def test_ranges_of_seeds_must_go_up():
    with pytest.raises(InputError, match="range"):
        expand("er:seed=5..2")


def test_protein_data_need_their_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("BOUNDWISE_SACHS", raising=False)
    with pytest.raises(NotAvailableError, match="BOUNDWISE_SACHS"):
        make("sachs:")
    (tmp_path / "cyto_full_data.csv").write_text("a,b\n1,10\n3,10.5\n8,12\n")
    (tmp_path / "cyto_full_target.csv").write_text('"Cause","Effect"\n"b","a"\n')
    monkeypatch.setenv("BOUNDWISE_SACHS", str(tmp_path))
    found = make("sachs:log=1")
    np.testing.assert_array_equal(found.W, [[0, 0], [1, 0]])
    np.testing.assert_allclose(found.X.mean(axis=0), 0.0, atol=1e-12)
    (tmp_path / "cyto_full_target.csv").write_text("Cause,Effect\nz,a\n")
    with pytest.raises(InputError, match="cannot read"):
        make("sachs:")


def test_the_order_score_is_that_of_its_fit(data):
    order = np.random.default_rng(0).permutation(8)
    W = order_fit(data.X, order)
    assert order_score(data.X, order) == pytest.approx(score(data.X, W), rel=1e-10)
    place = np.argsort(order)
    i, j = np.nonzero(W)
    assert (place[i] < place[j]).all()
    full = W != 0
    np.testing.assert_allclose(parent_fit(data.X, full), W, atol=1e-10)


def test_figures_of_the_truth_are_perfect(data):
    found = measures(data, data.W)
    assert (found["shd"], found["tpr"], found["fdr"]) == (0.0, 1.0, 0.0)
    assert found["order_score"] == pytest.approx(found["true_score"])
    assert found["order_score"] <= found["score"]
    assert found["random_shd"] > 0
    assert 0.5 < found["var_sortability"] <= 1.0


def test_baselines_are_orders_and_the_exact_one_is_the_best(data):
    scores = {}
    for name in ORDERS:
        order = baseline_order(name, data)
        assert sorted(order) == list(range(8))
        scores[name] = order_score(data.X, order)
    assert scores["exact"] == min(scores.values())
    with pytest.raises(InputError, match="order must be"):
        baseline_order("best", data)


def test_the_plain_search_ends_at_weights_of_its_order_and_score(data):
    start = np.random.default_rng(3).permutation(8)
    found = plain_search(data.X, start)
    assert found.finished
    assert found.score == pytest.approx(score(data.X, found.W), rel=1e-10)
    assert found.score == pytest.approx(order_score(data.X, found.order), rel=1e-9)
    scores = [value for _, value in found.history]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == pytest.approx(order_score(data.X, start))
    assert found.n_fits > 8
    stopped = plain_search(data.X, start, cpu_limit=0.0)
    assert not stopped.finished
    assert stopped.score == pytest.approx(scores[0])


def test_the_plain_search_takes_one_and_two_nodes(data):
    assert plain_search(data.X[:, :1], np.arange(1)).finished
    both = plain_search(data.X[:, :2], np.array([1, 0]))
    orders = (np.array([0, 1]), np.array([1, 0]))
    assert both.score == pytest.approx(
        min(order_score(data.X[:, :2], o) for o in orders)
    )


def test_set_sizes_are_those_published():
    assert sizes(20) == (30, 110, 1)
    assert sizes(50) == (100, 1000, 10)


@pytest.mark.parametrize("seed", range(4))
def test_the_search_is_never_above_the_plain_one_from_the_same_start(seed):
    data = make(f"er:d=10,k=2,n=200,seed={seed}")
    start = np.random.default_rng(seed).permutation(10)
    plain = plain_search(data.X, start)
    model = TopologicalDAG(init=start, random_state=0).fit(data.X)
    assert model.score_ <= plain.score * (1 + 1e-9)


def left(folder, W):
    names = weight_names(W)
    write_solution(folder / "solution.sol", list(names), list(names.values()), 0.5)


def test_the_check_scores_anew_and_refuses_cycles(data, tmp_path):
    path = write("er:d=8,k=2,n=300,seed=1", tmp_path)
    W = data.W.copy()
    left(tmp_path, W)
    verdict = Suite().verify(path, tmp_path, {})
    assert verdict["verified"] is True
    assert verdict["objective"] == pytest.approx(score(data.X, W), rel=1e-9)
    assert verdict["measures"]["shd"] == 0
    left(tmp_path, W + W.T)
    assert Suite().verify(path, tmp_path, {})["verified"] is False
    (tmp_path / "solution.sol").write_text("=obj= 1\nw:1,1 2\n")
    assert Suite().verify(path, tmp_path, {})["verified"] is False
    (tmp_path / "solution.sol").unlink()
    assert Suite().verify(path, tmp_path, {})["verified"] is None
    path.write_bytes(b"nothing")
    assert Suite().verify(path, tmp_path, {})["unreadable"] is True


def test_weights_come_back_from_their_file(tmp_path):
    W = np.array([[0, 1.25, 0], [0, 0, -3e-7], [0, 0, 0]])
    left(tmp_path, W)
    np.testing.assert_array_equal(read_weights(tmp_path / "solution.sol", 3), W)
    for line in ("w:0,3 1", "w:0 1", "v:0,1 1", "w:a,b 1"):
        (tmp_path / "solution.sol").write_text(f"=obj= 1\n{line}\n")
        with pytest.raises(InputError, match="edge"):
            read_weights(tmp_path / "solution.sol", 3)


def test_a_missing_peer_says_what_to_install():
    with pytest.raises(NotAvailableError, match="pip install some-package"):
        peer("a_module_that_is_not_there", "some-package")


def test_sets_and_specifications_become_files(tmp_path):
    files = Suite().collect(["smoke", "er:d=5,k=1,n=20,seed=0..1"], tmp_path)
    assert len(files) == 4
    assert all(file.path.is_file() for file in files)
    with pytest.raises(InputError, match="no file"):
        Suite().collect(["missing.npz"], tmp_path)
