"""The exact oracle: lazy rows, bounds on coefficients, sparse generators."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits, load_wine

from boundwise.solvers.vanishing import OAVI
from boundwise.solvers.vanishing import exact as exact_module
from boundwise.solvers.vanishing.notices import NoGeneratorWarning, PrecisionWarning


@pytest.fixture
def crossing():
    """Points whose exact generators have large and small coefficients."""
    rng = np.random.default_rng(0)
    x = rng.uniform(size=300)
    return np.column_stack([x, x**2, 0.2 * x**3 + 0.1, rng.uniform(size=300)])


def l1_norms(model):
    return np.abs(model.coef_).sum(axis=0) + 1.0


def test_a_large_tau_changes_nothing(crossing):
    free, bound = OAVI(1e-4).fit(crossing), OAVI(1e-4, tau=1000).fit(crossing)
    assert free.leading_terms_.tolist() == bound.leading_terms_.tolist()
    np.testing.assert_allclose(bound.coef_, free.coef_, atol=1e-8)


@pytest.mark.parametrize("oracle", ["ihb", "wihb", "bpcg", "pcg", "cg", "agd"])
def test_no_generator_exceeds_a_binding_tau(crossing, oracle):
    free = OAVI(1e-4, max_degree=4).fit(crossing)
    tau = 0.6 * l1_norms(free).max()
    model = OAVI(1e-4, tau=tau, oracle=oracle, max_degree=4, absolute=False)
    model.fit(crossing)
    assert l1_norms(model).max() <= tau * (1 + 1e-9)
    errors = np.mean(model.transform(crossing) ** 2, axis=0)
    assert errors.max() <= 1e-4 * (1 + 1e-6)
    np.testing.assert_allclose(errors, model.losses_, atol=1e-12)


def test_one_violation_leaves_earlier_generators_exact(crossing):
    free = OAVI(1e-4, max_degree=4).fit(crossing)
    norms = l1_norms(free)
    first = int(np.argmax(norms))
    tau = 0.99 * norms[first]
    bound = OAVI(1e-4, tau=tau, max_degree=4).fit(crossing)
    untouched = [j for j in range(first) if norms[j] <= tau]
    assert untouched
    for j in untouched:
        assert bound.leading_terms_[j].tolist() == free.leading_terms_[j].tolist()
        size = min(len(free.coef_), len(bound.coef_))
        np.testing.assert_allclose(
            bound.coef_[:size, j], free.coef_[:size, j], atol=1e-8
        )


@pytest.mark.parametrize("oracle", ["ihb", "bpcg"])
def test_a_term_that_cannot_keep_tau_joins_the_terms(oracle):
    # x^2 - 5 x + ... : on these points y = 5 x exactly, a coefficient of 5.
    x = np.linspace(0, 0.2, 40)
    X = np.column_stack([x, 5 * x])
    free = OAVI(1e-8, scale=False).fit(X)
    assert free.leading_terms_[0].tolist() == [0, 1]
    bound = OAVI(1e-8, tau=4.0, scale=False, max_degree=1, oracle=oracle)
    if oracle == "ihb":
        # Its residual is zero: it can neither vanish nor join.
        with pytest.warns(PrecisionWarning), pytest.warns(NoGeneratorWarning):
            bound.fit(X)
    else:
        with pytest.warns(NoGeneratorWarning):
            bound.fit(X)
        assert bound.terms_.tolist() == [[0, 0], [1, 0], [0, 1]]
    assert [0, 1] not in bound.leading_terms_.tolist()


def test_the_walk_with_a_forced_term_equals_the_termwise_oracle():
    # A tau that binds, with residuals well above rounding.
    X = np.random.default_rng(1).uniform(size=(200, 3)) ** 2
    for psi in (1e-2, 3e-3, 1e-3):
        free = OAVI(psi, max_degree=5).fit(X)
        for share in (0.3, 0.5, 0.7, 0.9):
            tau = max(1.5, share * l1_norms(free).max())
            one = OAVI(psi, tau=tau, max_degree=5).fit(X)
            two = OAVI(psi, tau=tau, max_degree=5, factorization="inverse").fit(X)
            assert one.leading_terms_.tolist() == two.leading_terms_.tolist()
            assert one.terms_.tolist() == two.terms_.tolist()


@pytest.mark.parametrize("load", [load_wine, load_breast_cancer])
@pytest.mark.parametrize("tau", [None, 4.0])
def test_fetching_rows_lazily_changes_nothing(monkeypatch, load, tau):
    X = load().data
    lazy = OAVI(0.002, tau=tau, max_degree=3).fit(X)
    monkeypatch.setattr(exact_module, "_LAZY_WIDTH", 10**9)
    eager = OAVI(0.002, tau=tau, max_degree=3).fit(X)
    assert lazy.leading_terms_.tolist() == eager.leading_terms_.tolist()
    np.testing.assert_allclose(lazy.coef_, eager.coef_, atol=1e-6)


@pytest.mark.parametrize(
    ("load", "psi", "sparsity"),
    [
        (load_wine, 0.005, 0.7),
        (load_breast_cancer, 0.005, 0.7),
        (load_digits, 0.01, 0.5),
    ],
)
def test_weak_boosting_makes_the_same_generators_sparse(load, psi, sparsity):
    X = load().data
    full = OAVI(psi).fit(X)
    weak = OAVI(psi, oracle="wihb", absolute=False).fit(X)
    assert weak.leading_terms_.tolist() == full.leading_terms_.tolist()
    assert weak.terms_.tolist() == full.terms_.tolist()
    errors = np.mean(weak.transform(X) ** 2, axis=0)
    assert errors.max() <= psi * (1 + 1e-9)
    assert 1 - np.count_nonzero(weak.coef_) / np.count_nonzero(full.coef_) > sparsity


@pytest.mark.parametrize("n", [3, 8])
def test_weak_boosting_keeps_vanishing_and_the_decisions(n):
    X = np.random.default_rng(2).uniform(size=(400, n))
    full = OAVI(2e-3, max_degree=4).fit(X)
    weak = OAVI(2e-3, max_degree=4, oracle="wihb", absolute=False).fit(X)
    assert weak.leading_terms_.tolist() == full.leading_terms_.tolist()
    errors = np.mean(weak.transform(X) ** 2, axis=0)
    np.testing.assert_allclose(errors, weak.losses_, atol=1e-12)
    assert errors.max() <= 2e-3 * (1 + 1e-9)
    assert np.count_nonzero(weak.coef_) < np.count_nonzero(full.coef_)
