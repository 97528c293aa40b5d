"""Rows from files, callables, memory maps, Dask and batches: the same ideals."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris, load_wine

from boundwise.core.errors import InputError
from boundwise.solvers.vanishing import OAVI, ClasswiseOAVI
from boundwise.solvers.vanishing import rows as rows_module
from boundwise.solvers.vanishing.rows import ArrayRows, MaskedRows, NpyRows


@pytest.fixture(scope="module")
def da():
    """Dask arrays, where Dask is installed."""
    return pytest.importorskip("dask.array")


@pytest.fixture
def small_blocks(monkeypatch):
    """Read files in blocks of 1024 rows."""
    monkeypatch.setattr(rows_module, "BLOCK_BYTES", 1)


@pytest.fixture(scope="module", params=[3, 8])
def points(request):
    """More rows than one block, few and many variables."""
    return np.random.default_rng(0).uniform(size=(5000, request.param))


@pytest.fixture(scope="module")
def fitted(points):
    """The fit in memory."""
    return OAVI(2e-3, max_degree=3).fit(points)


def same(model, other):
    assert model.leading_terms_.tolist() == other.leading_terms_.tolist()
    np.testing.assert_allclose(model.coef_, other.coef_, atol=1e-9)
    np.testing.assert_allclose(model.losses_, other.losses_, atol=1e-13)


@pytest.mark.parametrize("dtype", ["f8", "f4", "<f8"])
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_a_npy_file_gives_the_fit_in_memory(
    tmp_path, small_blocks, points, fitted, dtype, n_jobs
):
    path = tmp_path / "rows.npy"
    np.save(path, points.astype(dtype))
    model = OAVI(2e-3, max_degree=3, n_jobs=n_jobs).fit(path)
    want = fitted if dtype != "f4" else OAVI(2e-3, max_degree=3).fit(np.load(path))
    same(model, want)
    np.testing.assert_allclose(
        model.transform(str(path)), want.transform(np.load(path)), atol=1e-9
    )


@pytest.mark.parametrize("mode", ["r", "r+", "c"])
def test_a_memory_map_gives_the_fit_in_memory(
    tmp_path, small_blocks, points, fitted, mode
):
    path = tmp_path / "rows.dat"
    points.tofile(path)
    mapped = np.memmap(path, dtype=np.float64, mode=mode, shape=points.shape)
    if mode != "r":
        mapped[7] = mapped[7]
    same(OAVI(2e-3, max_degree=3).fit(mapped), fitted)
    np.testing.assert_array_equal(mapped, points)
    same(
        OAVI(2e-3, max_degree=3).fit(mapped[1000:3000]),
        OAVI(2e-3, max_degree=3).fit(points[1000:3000]),
    )


def test_changes_to_a_copy_on_write_map_survive_the_fit(tmp_path, small_blocks):
    path = tmp_path / "rows.dat"
    points = np.random.default_rng(1).uniform(size=(3000, 2))
    points.tofile(path)
    mapped = np.memmap(path, dtype=np.float64, mode="c", shape=points.shape)
    mapped[:] = 1.0 - points
    OAVI(2e-3).fit(mapped)
    np.testing.assert_array_equal(mapped, 1.0 - points)


def test_a_parquet_file_gives_the_fit_in_memory_and_the_names(
    tmp_path, small_blocks, points, fitted
):
    names = [f"c{i}" for i in range(points.shape[1])]
    path = tmp_path / "rows.parquet"
    pd.DataFrame(points, columns=names).to_parquet(path)
    model = OAVI(2e-3, max_degree=3).fit(path)
    same(model, fitted)
    assert model.feature_names_in_.tolist() == names


def test_a_callable_gives_the_fit_in_memory(points, fitted):
    calls = []

    def blocks():
        calls.append(1)
        return iter(np.array_split(points, 7))

    same(OAVI(2e-3, max_degree=3).fit(blocks), fitted)
    assert len(calls) <= 8


def test_sources_that_cannot_be_read_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"end in \.npy or \.parquet"):
        OAVI().fit(tmp_path / "rows.csv")
    with pytest.raises(InputError, match="cannot read"):
        OAVI().fit(tmp_path / "missing.npy")
    with pytest.raises(InputError, match="cannot read"):
        OAVI().fit(tmp_path / "missing.parquet")
    junk = tmp_path / "junk.npy"
    junk.write_bytes(b"not an array")
    with pytest.raises(InputError, match="cannot read"):
        OAVI().fit(junk)
    junk.rename(tmp_path / "junk.parquet")
    with pytest.raises(InputError, match="cannot read"):
        OAVI().fit(tmp_path / "junk.parquet")
    for array, message in (
        (np.zeros(5), "must hold a 2-D array"),
        (np.asfortranarray(np.zeros((5, 2))), "Fortran order"),
        (np.array([["a"]]), "must hold numbers"),
        (np.array([[None]]), "must hold numbers"),
        (np.zeros((0, 2)), "0 sample"),
    ):
        np.save(junk, array, allow_pickle=True)
        with pytest.raises(InputError, match=message):
            OAVI().fit(junk)
    np.save(junk, np.zeros((100, 3)))
    junk.write_bytes(junk.read_bytes()[:-8])
    with pytest.raises(InputError, match="truncated"):
        OAVI().fit(junk)
    table = tmp_path / "words.parquet"
    pd.DataFrame({"a": ["x"]}).to_parquet(table)
    with pytest.raises(InputError, match=r"column 'a' .* must hold numbers"):
        OAVI().fit(table)


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        ([], "yielded nothing"),
        ([np.zeros(3)], "must be 2-D"),
        ([[["a"]]], "must hold numbers"),
        ([np.zeros((2, 2)), np.zeros((2, 3))], "must have 2 columns, got 3"),
        ([np.full((2, 2), np.nan)], "NaN"),
    ],
)
def test_blocks_that_are_not_rows_are_refused(blocks, message):
    with pytest.raises(InputError, match=message):
        OAVI().fit(lambda: iter(blocks))


def test_a_file_that_shrinks_while_it_is_read_is_noticed(tmp_path):
    path = tmp_path / "rows.npy"
    np.save(path, np.zeros((100, 3)))
    source = NpyRows(path)
    path.write_bytes(path.read_bytes()[:-800])
    with pytest.raises(InputError, match="ended while it was read"):
        list(source.blocks())


def test_transform_of_a_file_checks_the_number_of_columns(tmp_path):
    path = tmp_path / "rows.npy"
    np.save(path, np.zeros((4, 5)))
    with pytest.raises(InputError, match="5 features"):
        OAVI(0.1).fit(np.eye(3)).transform(path)


def test_masked_rows_follow_the_blocks():
    X = np.arange(20.0).reshape(10, 2)
    keep = np.arange(10) % 3 == 0
    masked = MaskedRows(ArrayRows(X, pieces=4), keep)
    np.testing.assert_array_equal(np.concatenate(list(masked.blocks())), X[keep])


def test_dask_arrays_are_fitted_where_they_lie(da, points, fitted):
    same(OAVI(2e-3, max_degree=3).fit(da.from_array(points, (900, 2))), fitted)


def test_dask_arrays_of_unknown_height_and_frames_work(da, points, fitted):
    dd = pytest.importorskip("dask.dataframe")
    array = da.from_array(points, (900, 2))
    unknown = array[array[:, 0] > -1]
    same(OAVI(2e-3, max_degree=3).fit(unknown), fitted)
    names = [f"c{i}" for i in range(points.shape[1])]
    frame = dd.from_pandas(pd.DataFrame(points, columns=names), npartitions=3)
    model = OAVI(2e-3, max_degree=3).fit(frame)
    same(model, fitted)
    assert model.feature_names_in_.tolist() == names


def test_dask_input_is_checked(da):
    with pytest.raises(InputError, match="2-D"):
        OAVI().fit(da.zeros(5))
    with pytest.raises(InputError, match="NaN"):
        OAVI().fit(da.from_array(np.array([[np.nan], [1.0]]), (1, 1)))
    with pytest.raises(InputError, match="4 rows, but y has 3"):
        ClasswiseOAVI().fit(da.zeros((4, 2)), np.zeros(3, int))


@pytest.mark.parametrize("source", ["npy", "callable", "dask"])
def test_classes_of_streamed_rows_equal_those_in_memory(tmp_path, request, source):
    X, y = load_wine(return_X_y=True)
    path = tmp_path / "rows.npy"
    np.save(path, X)
    data = {"npy": path, "callable": lambda: iter(np.array_split(X, 5))}.get(source)
    if source == "dask":
        data = request.getfixturevalue("da").from_array(X, (50, 13))
    want = ClasswiseOAVI(0.005).fit(X, y)
    got = ClasswiseOAVI(0.005).fit(data, y)
    np.testing.assert_allclose(got.transform(X), want.transform(X), atol=1e-9)
    if source != "dask":
        with pytest.raises(InputError, match="178 rows, but y has 177"):
            ClasswiseOAVI(0.005).fit(data, y[1:])


@pytest.mark.parametrize("order", ["deglex", "pearson"])
@pytest.mark.parametrize(
    ("oracle", "scale"),
    [("ihb", True), ("ihb", False), ("wihb", True), ("abm", False), ("vca", True)],
)
def test_batches_give_the_fit_on_all_rows(order, scale, oracle):
    # Sorted, so that every batch widens the bounds, the first from a single row.
    X = load_iris().data / 8
    X = X[np.argsort(X[:, 2])]
    parameters = {
        "psi": 1e-4,
        "max_degree": 3,
        "term_order": order,
        "scale": scale,
        "oracle": oracle,
    }
    model = OAVI(**parameters)
    for batch in np.split(X, [1, 2, 20, 90]):
        model.partial_fit(batch)
    want = OAVI(**parameters).fit(X)
    assert model.leading_terms_.tolist() == want.leading_terms_.tolist()
    if oracle != "wihb":
        np.testing.assert_allclose(model.transform(X), want.transform(X), atol=1e-7)


def test_batches_with_classes_that_appear_late_give_the_fit_on_all_rows():
    X, y = load_iris(return_X_y=True)
    model = ClasswiseOAVI(0.005, max_degree=3)
    for rows in np.split(np.arange(150), [30, 60, 120]):
        model.partial_fit(X[rows], y[rows])
    want = ClasswiseOAVI(0.005, max_degree=3).fit(X, y)
    assert model.classes_.tolist() == [0, 1, 2]
    np.testing.assert_allclose(model.transform(X), want.transform(X), atol=1e-8)


def test_partial_fit_refuses_too_many_monomials_and_changed_degrees():
    X = np.random.default_rng(3).uniform(size=(30, 10))
    with pytest.raises(InputError, match="184756 monomials of 10 features"):
        OAVI(0.1).partial_fit(X)
    model = OAVI(0.1, max_degree=2).partial_fit(X)
    with pytest.raises(InputError, match="max_degree must stay 2"):
        model.set_params(max_degree=3).partial_fit(X)
    with pytest.raises(ValueError, match="features"):
        model.set_params(max_degree=2).partial_fit(X[:, :9])


def test_a_refused_batch_leaves_the_sums_as_they_were():
    X = load_iris().data
    model = OAVI(0.005, max_degree=3).partial_fit(X[:100])
    with pytest.raises(ValueError, match="NaN"):
        model.partial_fit(np.full((3, 4), np.nan))
    model.partial_fit(X[100:])
    want = OAVI(0.005, max_degree=3).fit(X)
    np.testing.assert_allclose(model.transform(X), want.transform(X), atol=1e-8)


def test_fit_after_partial_fit_starts_anew():
    X = load_iris().data
    model = OAVI(0.005, max_degree=3).partial_fit(X[:100])
    model.fit(X[100:])
    want = OAVI(0.005, max_degree=3).fit(X[100:])
    assert model.coef_.tobytes() == want.coef_.tobytes()
    model.partial_fit(X[:100])
    want = OAVI(0.005, max_degree=3).fit(X[:100])
    np.testing.assert_allclose(model.transform(X), want.transform(X), atol=1e-8)
