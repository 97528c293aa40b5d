"""The perceptron node model: it converges, learns, and says what it needs."""

import numpy as np
import pytest

from boundwise.core.errors import InputError, NotAvailableError
from boundwise.core.optional import require
from boundwise.solvers.dag.moments import Moments
from boundwise.solvers.dag.nonlinear import mlp
from boundwise.solvers.dag.nonlinear.mlp import MlpScore, perceptron_cost


@pytest.fixture(scope="module")
def curved():
    """x2 is a bent function of x0 alone; x1 is noise."""
    rng = np.random.default_rng(0)
    x0, x1 = rng.normal(size=(2, 300))
    x2 = 2.0 * np.tanh(2.0 * x0) + 0.3 * rng.normal(size=300)
    return np.column_stack([x0, x1, x2]) + 1.0


@pytest.fixture(scope="module")
def costs(curved):
    pytest.importorskip("jax")
    pytest.importorskip("optax")
    return MlpScore(hidden=10).bind(Moments.of_data(curved), 0.01)


@pytest.mark.slow
def test_the_parent_is_heavy_and_the_noise_is_light(costs, curved):
    value, norms = costs.cost(2, np.array([0, 1]))
    variance = curved[:, 2].var()
    assert value < 0.25 * 0.5 * variance
    assert norms[0] > 10 * norms[1]


@pytest.mark.slow
def test_cost_and_weights_are_of_one_fit(costs, curved):
    value, first, second = costs.fit(2, np.array([0, 1]))
    full = np.zeros((3, first.shape[1]))
    full[:2] = first
    X = curved - curved.mean(axis=0)
    assert value == pytest.approx(perceptron_cost(X, 2, full, second, 0.01), rel=1e-12)
    again, norms = costs.cost(2, np.array([0, 1]))
    assert again == value  # a fit depends on its arguments only
    np.testing.assert_allclose(norms, np.linalg.norm(first, axis=1))


def test_fits_end_when_they_have_settled_not_after_a_fixed_number_of_steps(curved):
    pytest.importorskip("jax")
    moments = Moments.of_data(curved)
    loose = MlpScore(hidden=10, tolerance=0.05).bind(moments, 0.01)
    tight = MlpScore(hidden=10, tolerance=1e-5).bind(moments, 0.01)
    rough, _ = loose.cost(2, np.array([0, 1]))
    fine, _ = tight.cost(2, np.array([0, 1]))
    assert 9 < loose.n_steps < tight.n_steps <= 300
    assert fine < rough


@pytest.mark.slow
def test_without_predecessors_half_the_variance_is_left(costs, curved):
    value, norms = costs.cost(2, np.array([], dtype=np.int64))
    assert value == pytest.approx(0.5 * curved[:, 2].var())
    assert norms.shape == (0,)


def test_no_network_is_worse_than_none(curved):
    pytest.importorskip("jax")
    heavy = MlpScore(hidden=10).bind(Moments.of_data(curved), 100.0)
    value, norms = heavy.cost(2, np.array([0, 1]))
    assert value <= 0.5 * curved[:, 2].var() + 1e-12
    assert norms.max() < 1e-3


def test_a_missing_library_is_named_with_the_extra(curved, monkeypatch):
    def absent(module, *, extra):
        return require(f"{module}_that_is_not_there", extra=extra)

    monkeypatch.setattr(mlp, "require", absent)
    with pytest.raises(NotAvailableError, match=r"boundwise\[learn\]"):
        MlpScore().bind(Moments.of_data(curved), 0.01)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"hidden": 0}, "hidden must be"),
        ({"max_iterations": 1.5}, "max_iterations must be"),
        ({"tolerance": 1.0}, "tolerance must be"),
    ],
)
def test_networks_that_cannot_be_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        MlpScore(**arguments)


def test_a_covariance_is_not_enough():
    with pytest.raises(InputError, match="needs the data"):
        MlpScore().bind(Moments.of_covariance(np.eye(2), 10), 0.1)
