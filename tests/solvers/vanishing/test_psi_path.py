"""A path of psi equals the direct fits, and makes no more sweeps than one of them."""

import numpy as np
import pytest
from sklearn.datasets import load_iris, load_wine

from boundwise.core.errors import InputError
from boundwise.solvers.vanishing import OAVI, ClasswiseOAVI

PSIS = [0.01, 0.1, 0.05, 1e-4, 0.005, 1e-3, 5e-4]


@pytest.mark.parametrize("oracle", ["ihb", "wihb", "bpcg", "abm", "vca"])
@pytest.mark.parametrize("load", [load_iris, load_wine])
def test_a_path_equals_the_direct_fits(oracle, load):
    X = load().data
    psis = PSIS if load is load_iris else PSIS[:3]
    degree = 3 if load is load_iris else 2
    model = OAVI(oracle=oracle, max_degree=degree)
    for psi, got in zip(psis, model.psi_path(X, psis), strict=True):
        want = OAVI(psi, oracle=oracle, max_degree=degree).fit(X)
        assert got.psi == psi
        assert got.leading_terms_.tolist() == want.leading_terms_.tolist()
        if oracle in {"wihb", "bpcg"}:
            # Conditional gradients may take another way after a rounding error.
            assert got.losses_.max() <= psi * (1 + 1e-9)
        else:
            np.testing.assert_allclose(got.transform(X), want.transform(X), atol=1e-7)
    assert not hasattr(model, "ideal_")


def test_a_classwise_path_equals_the_direct_fits():
    X, y = load_iris(return_X_y=True)
    model = ClasswiseOAVI(term_order="pearson", max_degree=4)
    for psi, got in zip(PSIS, model.psi_path(X, y, PSIS), strict=True):
        want = ClasswiseOAVI(psi, term_order="pearson", max_degree=4).fit(X, y)
        np.testing.assert_allclose(got.transform(X), want.transform(X), atol=1e-8)
        assert got.get_feature_names_out().tolist() == (
            want.get_feature_names_out().tolist()
        )


@pytest.mark.parametrize("n", [3, 8])
def test_a_path_passes_over_the_data_hardly_more_often_than_one_fit(n):
    X = np.random.default_rng(0).uniform(size=(2000, n))
    passes = []

    def blocks():
        passes.append(1)
        yield X

    OAVI(1e-3, max_degree=3).fit(blocks)
    single = len(passes)
    passes.clear()
    OAVI(max_degree=3).psi_path(blocks, [1e-1, 5e-2, 1e-2, 5e-3, 2e-3, 1e-3])
    assert len(passes) <= single + 1


def test_a_path_keeps_the_parameters_and_the_output_container():
    X = load_iris(as_frame=True).data
    model = OAVI(0.3, absolute=False, max_degree=2).set_output(transform="pandas")
    [got] = model.psi_path(X, [0.01])
    assert (model.psi, got.psi, got.absolute, got.max_degree) == (0.3, 0.01, False, 2)
    assert got.transform(X).columns.tolist() == list(got.get_feature_names_out())
    assert not hasattr(model, "n_features_in_")


def test_an_empty_or_bad_path_is_refused():
    with pytest.raises(InputError, match="at least one"):
        OAVI().psi_path(np.eye(3), [])
    with pytest.raises(InputError, match="psi must be at least"):
        OAVI().psi_path(np.eye(3), [0.1, 0.0])
