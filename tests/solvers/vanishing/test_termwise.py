"""The explicit inverse and the other oracles, against the Cholesky walk."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris, load_wine

from boundwise.solvers.vanishing import OAVI
from boundwise.solvers.vanishing.settings import Settings
from boundwise.solvers.vanishing.termwise import InverseHessian


def test_the_appended_inverse_is_the_inverse():
    rng = np.random.default_rng(0)
    A = rng.uniform(size=(50, 6))
    A[:, 0] = 1.0
    solver = InverseHessian(psi=0.1)
    for k in range(1, 6):
        gram = A[:, :k].T @ A[:, :k] / 50
        cross, square = A[:, :k].T @ A[:, k] / 50, A[:, k] @ A[:, k] / 50
        y, *_ = np.linalg.lstsq(A[:, :k], -A[:, k], rcond=None)
        fit = solver.fit(gram, cross, square)
        np.testing.assert_allclose(fit.coefficients, y, atol=1e-9)
        loss = np.mean((A[:, :k] @ y + A[:, k]) ** 2)
        assert fit.loss == pytest.approx(loss, rel=1e-8)
        solver.join(cross, square)


@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer])
@pytest.mark.parametrize("psi", [0.01, 0.001])
def test_the_published_inverse_update_equals_the_cholesky_walk(load, psi):
    X = load().data
    plain = OAVI(psi, max_degree=3).fit(X)
    inverse = OAVI(psi, max_degree=3, factorization="inverse").fit(X)
    assert inverse.terms_.tolist() == plain.terms_.tolist()
    assert inverse.leading_terms_.tolist() == plain.leading_terms_.tolist()
    np.testing.assert_allclose(inverse.losses_, plain.losses_, atol=1e-10)
    np.testing.assert_allclose(inverse.transform(X), plain.transform(X), atol=1e-7)


@pytest.mark.parametrize("oracle", ["bpcg", "pcg", "cg", "agd"])
def test_first_order_oracles_vanish_and_are_not_better_than_exact(oracle):
    X = np.random.default_rng(1).uniform(size=(300, 3))
    model = OAVI(5e-3, oracle=oracle, absolute=False).fit(X)
    errors = np.mean(model.transform(X) ** 2, axis=0)
    np.testing.assert_allclose(errors, model.losses_, atol=1e-12)
    assert errors.max() <= 5e-3 * (1 + 1e-9)
    # Where they prove optimality they agree with the exact oracle.
    exact = OAVI(5e-3).fit(X)
    assert model.leading_terms_.tolist() == exact.leading_terms_.tolist()


def test_abm_uses_unit_vectors_and_finds_more_in_lower_degree():
    X = np.random.default_rng(2).uniform(size=(300, 3))
    model = OAVI(5e-3, oracle="abm", absolute=False).fit(X)
    norms = np.sqrt((model.coef_**2).sum(axis=0) + model.leading_coef_**2)
    np.testing.assert_allclose(norms, 1.0)
    errors = np.mean(model.transform(X) ** 2, axis=0)
    np.testing.assert_allclose(errors, model.losses_, atol=1e-14)
    plain = OAVI(5e-3).fit(X)
    assert len(model.terms_) <= len(plain.terms_)
    assert model.degree_ <= plain.degree_
    # The unit vector is the best one: no other has a smaller error.
    j = model.n_generators_ - 1
    lead = tuple(model.leading_terms_[j])
    count = np.flatnonzero(model.coef_[:, j])[-1] + 1
    values = np.column_stack(
        [np.prod(_scaled(X) ** t, axis=1) for t in model.terms_[:count]]
        + [np.prod(_scaled(X) ** np.array(lead), axis=1)]
    )
    smallest = np.linalg.svd(values, compute_uv=False)[-1] ** 2 / 300
    assert model.losses_[j] == pytest.approx(smallest, rel=1e-8)


def _scaled(X):
    return (X - X.min(axis=0)) / np.ptp(X, axis=0)


def test_vca_components_are_orthogonal_and_vanish():
    X = np.random.default_rng(3).uniform(size=(200, 3))
    model = OAVI(1e-7, oracle="vca", absolute=False, max_degree=4).fit(X)
    V = model.transform(X)
    errors = np.mean(V**2, axis=0)
    np.testing.assert_allclose(errors, model.losses_, atol=1e-14)
    assert errors.max() <= 1e-7
    # Components of one degree are orthogonal to each other on the points.
    degree = model.leading_terms_.sum(axis=1)
    for d in np.unique(degree):
        block = V[:, degree == d]
        gram = block.T @ block
        np.testing.assert_allclose(gram - np.diag(gram.diagonal()), 0, atol=1e-12)


def test_vca_finds_the_circle_and_no_zero_polynomials():
    angle = np.linspace(0, 6, 40)
    X = np.column_stack([np.cos(angle), np.sin(angle)])
    model = OAVI(1e-12, oracle="vca", scale=False, max_degree=2).fit(X)
    assert model.n_generators_ == 1
    by_term = dict(zip(map(tuple, model.terms_), model.coef_[:, 0], strict=True))
    lead = model.leading_coef_[0]
    assert model.leading_terms_.tolist() == [[0, 2]]
    assert by_term[2, 0] / lead == pytest.approx(1.0)
    assert by_term[0, 0] / lead == pytest.approx(-1.0)


def test_vca_refuses_too_many_monomials():
    X = np.random.default_rng(4).uniform(size=(100, 80))
    with pytest.raises(ValueError, match="'vca' needs all 3321 monomials of degree 2"):
        OAVI(1e-13, oracle="vca").fit(X)


def test_each_oracle_name_has_an_oracle():
    for oracle in ("ihb", "wihb", "bpcg", "pcg", "cg", "agd", "abm", "vca"):
        settings = Settings(
            psi=0.1,
            tau=None,
            max_degree=3,
            oracle=oracle,
            factorization="cholesky",
            term_order="deglex",
            chunk_size=None,
        )
        assert settings.growth(2, (1, 2)).parts == (1, 2)
