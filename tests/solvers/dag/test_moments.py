import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.solvers.dag.moments import Moments


def test_moments_are_those_of_the_centred_data_and_x_is_left_alone():
    X = np.random.default_rng(0).normal(3.0, 2.0, size=(50, 4))
    kept = X.copy()
    moments = Moments.of_data(X)
    np.testing.assert_array_equal(X, kept)
    np.testing.assert_allclose(moments.S, np.cov(X.T, bias=True), rtol=1e-12)
    assert not moments.S.flags.writeable
    assert not np.shares_memory(moments.data, X)


def test_inflation_is_that_of_the_regressions():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(100, 3))
    X[:, 2] = X[:, 0] + 0.1 * X[:, 1]
    X[:, 2] += 0.01 * rng.normal(size=100)
    moments = Moments.of_data(X)
    centred = X - X.mean(axis=0)
    residual = (
        centred[:, 2]
        - centred[:, :2] @ np.linalg.lstsq(centred[:, :2], centred[:, 2])[0]
    )
    expected = moments.S[2, 2] / (residual @ residual / 100)
    assert moments.inflation[2] == pytest.approx(expected, rel=1e-8)


def test_near_collinear_data_get_a_triangular_root():
    rng = np.random.default_rng(2)
    X = rng.normal(size=(200, 3))
    X[:, 2] = X[:, 0] + 1e-5 * X[:, 1]
    X[:, 2] += 1e-6 * rng.normal(size=200)
    moments = Moments.of_data(X)
    assert moments.root is not None
    np.testing.assert_allclose(moments.root.T @ moments.root, moments.S, atol=1e-12)
    assert not len(moments.singular)


@pytest.mark.parametrize(
    ("X", "word"),
    [
        (np.zeros((0, 3)), "empty"),
        (np.zeros((5, 0)), "empty"),
        (np.zeros(5), "2 dimensions"),
        ([[1.0, np.nan], [0.0, 1.0]], "finite"),
        ([[1.0, np.inf], [0.0, 1.0]], "finite"),
        ([["a", "b"], ["c", "d"]], "numbers"),
        ([[1.0, 2.0]], "2 rows"),
        (np.ones((3, 2), dtype=complex), "real"),
        ([[1e300, 1.0], [-1e300, 2.0]], "overflow"),
    ],
)
def test_unusable_data_are_refused_by_name(X, word):
    with pytest.raises(InputError, match=word):
        Moments.of_data(X)


@pytest.mark.parametrize(
    ("S", "n", "word"),
    [
        (np.ones((2, 3)), 10, "square"),
        ([[1.0, 0.5], [0.0, 1.0]], 10, "symmetric"),
        ([[1.0, 2.0], [2.0, 1.0]], 10, "semidefinite"),
        ([[-1.0, 0.0], [0.0, -1.0]], 10, "semidefinite"),
        (np.eye(2), 1, "n must"),
        (np.eye(2), 2.5, "n must"),
    ],
)
def test_unusable_covariances_are_refused_by_name(S, n, word):
    with pytest.raises(InputError, match=word):
        Moments.of_covariance(S, n)


def test_a_constant_column_has_exactly_no_variance():
    X = np.random.default_rng(3).normal(size=(30, 2))
    X = np.column_stack([X, np.full(30, 0.1)])
    moments = Moments.of_data(X)
    assert moments.constant.tolist() == [2]
    with pytest.raises(InputError, match="column 2 of X is constant"):
        moments.require_regular("so.")
