"""Wrong data are refused by name, before anything is computed."""

import numpy as np
import pytest
from scipy.sparse import csr_array, eye_array

from boundwise.core.errors import InputError
from boundwise.solvers.convex.objectives import (
    AOptimal,
    DOptimal,
    LeastSquares,
    LogisticLoss,
    Perspective,
    PoissonLoss,
    Quadratic,
)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Quadratic([[1.0, np.nan], [0.0, 1.0]]), "Q must be finite"),
        (lambda: Quadratic([[1.0, 2.0]]), "Q must be square"),
        (lambda: Quadratic([[1.0, 2.0], [0.0, 1.0]]), "Q must be symmetric"),
        (lambda: Quadratic([[0.0, 1.0], [1.0, 0.0]]), "eigenvalue is -1"),
        (lambda: Quadratic([1.0, -2.0]), "eigenvalue is -2"),
        (lambda: Quadratic(csr_array([[-3.0]])), "eigenvalue is -3"),
        (lambda: Quadratic(np.zeros((1, 1, 1))), "3 dimensions"),
        (lambda: Quadratic([]), "must not be empty"),
        (lambda: Quadratic([1.0], [1.0, 2.0]), r"c must have shape \(1,\)"),
        (lambda: Quadratic([1.0], constant=np.inf), "constant must be finite, got inf"),
        (lambda: Quadratic("abc"), "Q must be a matrix"),
        (lambda: LeastSquares(np.eye(2), [1.0]), "y must have shape"),
        (lambda: LeastSquares(np.eye(2), [1.0, 2.0], -1.0), "ridge must not be neg"),
        (lambda: LeastSquares([1.0, 2.0], [1.0, 2.0]), "A must be a matrix"),
        (lambda: LeastSquares(np.zeros((0, 2)), []), "A must be a matrix"),
        (lambda: LeastSquares(csr_array([[np.inf]]), [1.0]), "A must be finite"),
        (lambda: LogisticLoss(np.eye(2), [0.0, 1.0]), "labels must be -1 or 1"),
        (lambda: PoissonLoss(np.eye(2), [-1.0, 1.0]), "counts must not be negative"),
        (lambda: DOptimal(np.ones((3, 2))), "linearly independent"),
        (lambda: AOptimal(np.ones((1, 2))), "at least as many rows"),
        (lambda: Perspective(Quadratic([1.0]), [(0, 1)], [1.0]), r"in 0\.\.0"),
        (lambda: Perspective(Quadratic([1.0, 0]), [(0, 0)], [1.0]), "two different"),
        (
            lambda: Perspective(Quadratic([1.0, 0]), [(0, 1)], [1.0], smoothing=0.0),
            "smoothing must be a positive number",
        ),
    ],
)
def test_wrong_data_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_a_large_sparse_indefinite_matrix_is_refused():
    Q = eye_array(1500, format="lil")
    Q[3, 4] = Q[4, 3] = 2.0
    with pytest.raises(InputError, match="smallest eigenvalue is -1"):
        Quadratic(Q)


def test_rounding_errors_do_not_make_a_gram_matrix_indefinite():
    A = np.random.default_rng(0).normal(size=(3, 40))
    assert Quadratic(A.T @ A).strong_convexity == pytest.approx(0.0, abs=1e-10)


def test_data_are_copied():
    A, y = np.eye(2), np.ones(2)
    f = LeastSquares(A, y)
    A[0, 0], y[0] = 5.0, 5.0
    assert f.value(np.ones(2)) == 0.0


def test_an_overflowing_rate_is_outside_the_domain():
    f = PoissonLoss([[1.0]], [1.0])
    assert not f.in_domain(np.array([800.0]))
    assert f.in_domain(np.array([80.0]))


def test_a_singular_design_is_outside_the_domain():
    for kind in (DOptimal, AOptimal):
        f = kind(np.eye(3))
        x = np.array([1.0, 1.0, 0.0])
        assert not f.in_domain(x)
        assert f.value(x) == np.inf
        with pytest.raises(InputError, match="in the domain"):
            f.gradient(x)


def test_badly_scaled_experiments_keep_their_domain_and_digits():
    rng = np.random.default_rng(3)
    A, x = rng.normal(size=(9, 3)), rng.uniform(0.1, 1.0, size=9)
    scale = np.array([1e-4, 1.0, 1e5])
    plain, scaled = DOptimal(A), DOptimal(A * scale)
    assert scaled.in_domain(x)
    assert scaled.value(x) == pytest.approx(plain.value(x) - 2 * np.log(scale).sum())
    assert scaled.gradient(x) == pytest.approx(plain.gradient(x), rel=1e-9)
    f = AOptimal(A * scale)
    M = (A * scale).T @ (x[:, None] * (A * scale))
    assert f.value(x) == pytest.approx(np.trace(np.linalg.inv(M)), rel=1e-6)


def test_a_nearly_singular_design_is_outside_the_domain():
    x = np.array([1.0, 1.0, 1e-10])
    assert not AOptimal(np.eye(3)).in_domain(x)
    assert AOptimal(np.eye(3)).in_domain(np.array([1.0, 1.0, 1e-6]))


def test_a_domain_point_keeps_the_box_and_uses_few_experiments():
    rng = np.random.default_rng(1)
    A = rng.normal(size=(12, 4))
    A[5] = 2.0 * A[4]
    lower, upper = np.zeros(12), np.ones(12)
    lower[3] = 1.0
    upper[[0, 1]] = 0.0
    for kind in (DOptimal, AOptimal):
        x = kind(A).domain_point(lower, upper)
        assert kind(A).in_domain(x)
        assert (lower <= x).all()
        assert (x <= upper).all()
        assert x.sum() == 4.0


def test_a_box_without_domain_has_no_domain_point():
    f = DOptimal(np.eye(3))
    assert f.domain_point(np.zeros(3), np.array([1.0, 1.0, 0.0])) is None


def test_a_quadratic_and_its_least_squares_agree():
    rng = np.random.default_rng(2)
    f = LeastSquares(rng.normal(size=(5, 3)), rng.normal(size=5), 0.3, [1.0, 2.0, 3.0])
    g, x = f.to_quadratic(), rng.normal(size=3)
    assert g.value(x) == pytest.approx(f.value(x))
    assert g.gradient(x) == pytest.approx(f.gradient(x))
    assert g.strong_convexity == pytest.approx(f.strong_convexity)
    assert g.lipschitz == pytest.approx(f.lipschitz)
