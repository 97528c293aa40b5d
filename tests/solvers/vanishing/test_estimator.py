"""`OAVI`: against brute force, scikit-learn's conventions, and every edge case."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.datasets import load_digits, load_iris, load_wine
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from boundwise.core.errors import InputError
from boundwise.solvers.vanishing import OAVI
from boundwise.solvers.vanishing.estimator import SHOWN
from boundwise.solvers.vanishing.notices import NoGeneratorWarning, PrecisionWarning

IGNORE_EMPTY = "ignore::boundwise.solvers.vanishing.notices.NoGeneratorWarning"


@pytest.mark.filterwarnings(IGNORE_EMPTY)
@parametrize_with_checks(
    [
        OAVI(),
        OAVI(oracle="wihb", term_order="pearson"),
        OAVI(oracle="bpcg", max_degree=3),
        OAVI(factorization="inverse", scale=False, max_degree=3),
        OAVI(oracle="abm", clip=True, n_jobs=2, max_degree=3),
        OAVI(oracle="vca", max_degree=3),
    ]
)
def test_scikit_learn_accepts_the_estimator(estimator, check):
    # Without an array-API backend, scikit-learn skips one of its checks itself.
    check(estimator)


DATA = {
    "iris": lambda: load_iris().data,
    "wine": lambda: load_wine().data,
    "uniform-5": lambda: np.random.default_rng(1).uniform(size=(400, 5)),
    "uniform-8": lambda: np.random.default_rng(2).uniform(size=(300, 8)),
}


@pytest.mark.filterwarnings(IGNORE_EMPTY)
@pytest.mark.parametrize("psi", [5e-3, 1e-3, 1e-4])
@pytest.mark.parametrize("name", DATA)
def test_the_fit_equals_one_least_squares_solve_per_term(name, psi, brute_force):
    X = DATA[name]()
    X = (X - X.min(axis=0)) / np.ptp(X, axis=0)
    max_degree = 3 if name in {"iris", "uniform-5"} else 2
    terms, leading, C, losses = brute_force(X, psi, max_degree)
    model = OAVI(psi, max_degree=max_degree, absolute=False).fit(X)
    assert [tuple(row) for row in model.terms_] == terms
    assert [tuple(row) for row in model.leading_terms_] == leading
    np.testing.assert_allclose(model.losses_, losses, rtol=1e-7, atol=1e-14)
    leads = np.array(leading, dtype=int).reshape(-1, X.shape[1])
    values = np.prod(X[:, None, :] ** np.array(terms)[None], axis=2) @ C
    values += np.prod(X[:, None, :] ** leads[None], axis=2)
    np.testing.assert_allclose(model.transform(X), values, atol=1e-8)


@pytest.mark.parametrize("n", [2, 6, 7, 9])
def test_losses_are_the_residuals_of_least_squares(n):
    # Up to six variables share moments, more use Gram blocks.
    X = np.random.default_rng(n).uniform(size=(200, n))
    model = OAVI(1e-3, max_degree=3, scale=False, absolute=False).fit(X)
    T = np.prod(X[:, None, :] ** model.terms_[None], axis=2)
    order = [(sum(t), *t[::-1]) for t in model.terms_.tolist()]
    for j, lead in enumerate(model.leading_terms_.tolist()):
        before = [i for i, key in enumerate(order) if key < (sum(lead), *lead[::-1])]
        A, b = T[:, before], np.prod(X ** np.array(lead), axis=1)
        y = np.linalg.lstsq(A, -b, rcond=None)[0]
        assert model.losses_[j] == pytest.approx(np.mean((A @ y + b) ** 2), rel=1e-6)
        # A generator uses no term that comes after its leading term.
        assert not model.coef_[len(before) :, j].any()


def test_a_noise_free_circle_is_recovered():
    angle = np.linspace(0, 6, 60)
    X = np.column_stack([np.cos(angle), np.sin(angle)])
    model = OAVI(1e-10, scale=False).fit(X)
    assert model.leading_terms_.tolist() == [[0, 2]]
    by_term = dict(zip(map(tuple, model.terms_), model.coef_[:, 0], strict=True))
    assert by_term.pop((2, 0)) == pytest.approx(1.0, abs=1e-10)
    assert by_term.pop((0, 0)) == pytest.approx(-1.0, abs=1e-10)
    assert max(map(abs, by_term.values())) < 1e-10


def test_a_noise_free_surface_is_recovered_down_to_the_smallest_psi(surface):
    # x1^2 + x3^2 + 0.01 x2 = 1 before scaling to the cube.
    rng = np.random.default_rng(0)
    x1, x2 = 0.99 * rng.uniform(size=20_000), rng.uniform(size=20_000)
    X = np.column_stack([x1, x2, np.sqrt(1 - 0.01 * x2 - x1**2)])
    model = OAVI(1e-12, scale=False, absolute=False).fit(X)
    lead = [tuple(term) for term in model.leading_terms_]
    j = lead.index((0, 0, 2))
    by_term = dict(zip(map(tuple, model.terms_), model.coef_[:, j], strict=True))
    expected = {(2, 0, 0): 1.0, (0, 1, 0): 0.01, (0, 0, 0): -1.0}
    for term, value in by_term.items():
        assert value == pytest.approx(expected.get(term, 0.0), abs=1e-5)
    errors = np.mean(model.transform(X) ** 2, axis=0)
    assert errors.max() <= 1e-12 * 1.01


def test_the_terms_are_closed_under_division_and_leads_are_minimal():
    X = np.random.default_rng(3).uniform(size=(300, 4))
    model = OAVI(1e-3).fit(X)
    terms = set(map(tuple, model.terms_))
    for term in [*model.terms_, *model.leading_terms_]:
        for i in np.flatnonzero(term):
            divisor = term.copy()
            divisor[i] -= 1
            assert tuple(divisor) in terms


def test_every_generator_vanishes_within_psi_on_the_training_data():
    X = load_digits().data
    model = OAVI(0.005, absolute=False).fit(X)
    errors = np.mean(model.transform(X) ** 2, axis=0)
    np.testing.assert_allclose(errors, model.losses_, atol=1e-10)
    assert errors.max() <= 0.005 + 1e-10


@pytest.mark.parametrize("chunk_size", [1, 7, 64, 1000, 10**6])
@pytest.mark.parametrize("n", [3, 9])
def test_the_chunk_size_changes_nothing_but_rounding(n, chunk_size):
    X = np.random.default_rng(4).uniform(size=(500, n))
    want = OAVI(2e-3, max_degree=3).fit(X)
    got = OAVI(2e-3, max_degree=3, chunk_size=chunk_size).fit(X)
    assert got.leading_terms_.tolist() == want.leading_terms_.tolist()
    np.testing.assert_allclose(got.coef_, want.coef_, atol=1e-9)
    np.testing.assert_allclose(got.transform(X), want.transform(X), atol=1e-9)


@pytest.mark.parametrize("n", [3, 9])
def test_threads_change_nothing_but_rounding(n):
    X = np.random.default_rng(5).uniform(size=(5000, n))
    one, two = OAVI(1e-3, max_degree=3), OAVI(1e-3, max_degree=3, n_jobs=2)
    np.testing.assert_allclose(two.fit_transform(X), one.fit_transform(X), atol=1e-9)
    again = clone(two).fit(X)
    assert again.coef_.tobytes() == two.coef_.tobytes()


@pytest.mark.parametrize("dtype", [np.float32, np.int64, np.bool_])
def test_other_types_are_summed_in_double_precision(dtype):
    X = np.random.default_rng(6).integers(0, 2, size=(3000, 4)).astype(dtype)
    X[0] = 0
    want, got = OAVI(0.01).fit(X.astype(float)), OAVI(0.01).fit(X)
    assert got.coef_.dtype == np.float64
    assert got.coef_.tobytes() == want.coef_.tobytes()


def test_column_order_in_memory_does_not_matter():
    X = np.random.default_rng(7).uniform(size=(999, 3))
    want = OAVI(1e-3).fit(X)
    for other in (np.asfortranarray(X), X.repeat(2, axis=0)[::2], X[::-1][::-1]):
        assert OAVI(1e-3).fit(other).coef_.tobytes() == want.coef_.tobytes()


def test_no_generator_gives_no_columns_and_a_warning():
    X = np.random.default_rng(8).uniform(size=(100, 2))
    with pytest.warns(NoGeneratorWarning, match="max_degree|degree 1 or less"):
        model = OAVI(1e-6, max_degree=1).fit(X)
    assert model.n_generators_ == 0
    assert model.degree_ == 0
    assert model.transform(X).shape == (100, 0)
    assert model.get_feature_names_out().tolist() == []
    assert model.terms_.tolist() == [[0, 0], [1, 0], [0, 1]]


@pytest.mark.parametrize("scale", [True, False])
@pytest.mark.parametrize("order", ["deglex", "pearson", "reverse_pearson"])
def test_a_constant_column_leads_a_generator_of_degree_one(order, scale):
    X = np.random.default_rng(9).uniform(size=(50, 3))
    X[:, 1] = 0.25
    model = OAVI(1e-3, term_order=order, scale=scale).fit(X)
    assert [0, 1, 0] in model.leading_terms_.tolist()
    assert not model.terms_[:, 1].any()
    assert np.isfinite(model.transform(X + 1.0)).all()


def test_a_duplicate_column_leads_a_generator_and_leaves_the_border():
    X = np.random.default_rng(10).uniform(size=(80, 2))
    X = np.column_stack([X[:, 0], X[:, 0], X[:, 1]])
    model = OAVI(1e-4).fit(X)
    assert model.leading_terms_[0].tolist() == [0, 1, 0]
    np.testing.assert_allclose(model.coef_[:2, 0], [0, -1], atol=1e-12)
    assert not model.terms_[:, 1].any()
    assert not model.leading_terms_[1:, 1].any()


def test_one_row_vanishes_in_degree_one():
    model = OAVI(1e-3, scale=False, absolute=False).fit([[0.2, 0.7]])
    assert model.leading_terms_.tolist() == [[1, 0], [0, 1]]
    np.testing.assert_allclose(model.coef_, [[-0.2, -0.7]])
    np.testing.assert_allclose(model.transform([[0.2, 0.7]]), 0, atol=1e-15)


@pytest.mark.parametrize("n", [3, 8])
def test_fewer_rows_than_terms_interpolate(n):
    X = np.random.default_rng(11).uniform(size=(6, n))
    model = OAVI(1e-9, scale=False).fit(X)
    assert len(model.terms_) <= 6
    np.testing.assert_allclose(model.transform(X), 0, atol=1e-4)


def test_one_column_works_in_any_order():
    X = np.random.default_rng(12).uniform(size=(100, 1))
    for order in ("deglex", "pearson", "reverse_pearson"):
        model = OAVI(1e-4, term_order=order).fit(X)
        assert model.n_generators_ == 1
        assert model.leading_terms_[0, 0] == len(model.terms_)


def test_many_columns_fit():
    rng = np.random.default_rng(13)
    X = rng.uniform(size=(500, 3)) @ rng.uniform(size=(3, 150))
    model = OAVI(1e-3).fit(X)
    assert model.transform(X).shape == (500, model.n_generators_)
    assert model.losses_.max() <= 1e-3


def test_too_many_terms_are_refused_before_memory_runs_out():
    X = np.random.default_rng(14).uniform(size=(50, 400))
    with pytest.raises(InputError, match="psi is too small for 400 features"):
        OAVI(1e-12).fit(np.tile(X, (10, 1)) + np.eye(500, 400))


def test_data_outside_the_training_range_is_clipped_only_on_request():
    X = np.linspace(0, 1, 30)[:, None] ** [1, 2]
    far = np.array([[3.0, -2.0]])
    free = OAVI(1e-3).fit(X)
    clipped = OAVI(1e-3, clip=True).fit(X)
    np.testing.assert_allclose(clipped.transform(far), free.transform([[1.0, 0.0]]))
    assert not np.allclose(free.transform(far), clipped.transform(far))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("scale", [True, False])
def test_missing_and_infinite_entries_are_refused(bad, scale):
    X = np.random.default_rng(15).uniform(size=(600, 3))
    model = OAVI(0.1, scale=scale).fit(X)
    X[511, 2] = bad
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        OAVI(scale=scale).fit(X)
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        model.transform(X)


def test_sparse_empty_flat_and_wrong_input_is_refused():
    with pytest.raises(TypeError, match=r"[Ss]parse"):
        OAVI().fit(csr_matrix(np.eye(3)))
    for bad in (np.zeros((0, 3)), np.zeros((3, 0)), np.zeros(3), [["a", "b"]]):
        with pytest.raises(ValueError):  # noqa: PT011
            OAVI().fit(bad)
    with pytest.raises(ValueError, match="features"):
        OAVI(0.1).fit(np.eye(3)).transform(np.eye(4))
    with pytest.raises(NotFittedError):
        OAVI().transform(np.eye(3))


def test_ranges_beyond_double_precision_are_refused():
    X = np.array([[-1.7e308], [1.7e308], [0.0]])
    with pytest.raises(InputError, match="column 0 of X spans more than"):
        OAVI().fit(X)
    with pytest.raises(InputError, match="double precision"):
        OAVI(scale=False).fit(np.array([[1e200], [1.0]]))
    with pytest.raises(InputError, match="double precision"):
        OAVI(scale=False).fit(np.diag(np.full(9, 1e200)))


@pytest.mark.parametrize("n", [6, 12])
def test_residuals_below_rounding_are_left_out_with_a_warning(n):
    rng = np.random.default_rng(16)
    X = 1e8 * rng.uniform(size=(100, 2))
    X = np.column_stack([X, X @ rng.uniform(size=(2, n - 2))])
    with pytest.warns(PrecisionWarning, match="left out"):
        OAVI(1e-3, scale=False, max_degree=1).fit(X)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"psi": 0.0}, "psi must be at least 1e-13"),
        ({"psi": 1e-14}, "psi must be at least 1e-13"),
        ({"psi": np.nan}, "psi must be a finite number"),
        ({"psi": "small"}, "psi must be a finite number, got 'small'"),
        ({"psi": True}, "psi must be a finite number"),
        ({"tau": 1.0}, "tau must be above 1"),
        ({"tau": 5.0, "oracle": "abm"}, "knows no tau"),
        ({"max_degree": 0}, "max_degree must be a positive integer, got 0"),
        ({"max_degree": 2.0}, "max_degree must be a positive integer"),
        ({"chunk_size": -1}, "chunk_size must be a positive integer"),
        ({"oracle": "magic"}, "oracle must be one of .*, got 'magic'"),
        ({"term_order": None}, "term_order must be one of"),
        ({"factorization": "qr"}, "factorization must be one of"),
        ({"factorization": "inverse", "oracle": "wihb"}, "goes with oracle='ihb'"),
    ],
)
def test_bad_parameters_are_named(parameters, message):
    with pytest.raises(InputError, match=message):
        OAVI(**parameters).fit(np.eye(3))


def test_options_built_at_run_time_are_recognised():
    # Compared by value, not by identity.
    oracle = "".join(["w", "i", "h", "b"])
    assert OAVI(0.01, oracle=oracle).fit(load_iris().data).n_generators_ > 0


def test_a_loss_of_exactly_psi_vanishes():
    X = np.array([[0.0], [1.0], [0.0], [1.0]])
    # The mean squared error of x - 1/2 on these is exactly 1/4, rounding included.
    for factorization in ("cholesky", "inverse"):
        model = OAVI(0.25, scale=False, factorization=factorization).fit(X)
        assert model.leading_terms_.tolist() == [[1]]


@pytest.mark.parametrize("order", ["pearson", "reverse_pearson"])
def test_feature_orders_report_terms_in_the_columns_of_the_data(order):
    X = load_iris().data
    relation = np.abs(np.corrcoef(X.T)).sum(axis=0)
    columns = np.argsort(relation if order == "pearson" else -relation)
    model = OAVI(0.005, term_order=order).fit(X)
    plain = OAVI(0.005).fit(X[:, columns])
    assert model.leading_terms_[:, columns].tolist() == plain.leading_terms_.tolist()
    np.testing.assert_allclose(
        model.transform(X), plain.transform(X[:, columns]), atol=1e-12
    )


def test_data_frames_keep_their_names():
    frame = load_iris(as_frame=True).data
    model = OAVI(0.005).set_output(transform="pandas").fit(frame)
    out = model.transform(frame)
    assert isinstance(out, pd.DataFrame)
    assert out.index.equals(frame.index)
    assert list(out.columns) == list(model.get_feature_names_out())
    assert out.columns[0].startswith("g0[sepal")
    assert len(set(out.columns)) == out.shape[1]
    with pytest.raises(ValueError, match="feature names"):
        model.transform(frame.rename(columns={"sepal length (cm)": "x"}))
    with pytest.raises(InputError, match="feature_names_in_"):
        model.get_feature_names_out(["a", "b", "c", "d"])
    with pytest.raises(InputError, match="length"):
        OAVI(0.005).fit(frame.to_numpy()).get_feature_names_out(["a"])


def test_names_show_the_leading_terms():
    angle = np.linspace(0, 6, 60)
    X = np.column_stack([np.cos(angle), np.sin(angle)])
    model = OAVI(1e-10, scale=False).fit(X)
    assert model.get_feature_names_out().tolist() == ["g0[x1^2]"]
    assert model.get_feature_names_out(["u", "v"]).tolist() == ["g0[v^2]"]


def test_printing_shows_the_polynomials():
    angle = np.linspace(0, 6, 60)
    X = np.column_stack([np.cos(angle), np.sin(angle)])
    model = OAVI(1e-10, scale=False)
    assert str(model) == repr(model)
    model.fit(X)
    assert "1 generators over" in str(model)
    assert "g0 = x1^2 + x0^2 - 1" in str(model)
    many = OAVI(0.005).fit(load_wine().data)
    assert f"... and {many.n_generators_ - SHOWN} more" in str(many)


def test_sympy_expressions_equal_the_transformed_values():
    sympy = pytest.importorskip("sympy")
    X = load_iris().data
    model = OAVI(0.01, absolute=False, term_order="pearson").fit(X)
    expressions = model.to_sympy()
    assert len(expressions) == model.n_generators_
    symbols = sympy.symbols("x0:4")
    for j in (0, model.n_generators_ - 1):
        value = expressions[j].subs(dict(zip(symbols, X[7], strict=True)))
        assert float(value) == pytest.approx(model.transform(X[7:8])[0, j], abs=1e-9)
    scaled = (X - X.min(axis=0)) / np.ptp(X, axis=0)
    value = model.to_sympy(scaled=True)[0].subs(
        dict(zip(symbols, scaled[7], strict=True))
    )
    assert float(value) == pytest.approx(model.transform(X[7:8])[0, 0], abs=1e-9)


def test_fitting_again_forgets_everything():
    X = load_iris(as_frame=True).data
    model = OAVI(0.01).fit(X)
    model.fit(np.eye(3))
    assert model.n_features_in_ == 3
    assert not hasattr(model, "feature_names_in_")
