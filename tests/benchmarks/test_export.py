import json

import pytest

from boundwise.benchmarks.export import export
from boundwise.benchmarks.status import RunStatus
from boundwise.core.errors import InputError


@pytest.fixture
def records(make_record):
    return [
        make_record("x", primal=1.5, nodes=3, trace=((0.1, 1.5, None, "a"),)),
        make_record("y", status=RunStatus.ABORT, time=None, settings={"a": 1}),
        make_record("z", primal=2.0, check={"verified": True, "failures": ["f"]}),
    ]


def test_parquet_keeps_missing_values_and_types(records, tmp_path):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    path = tmp_path / "runs.parquet"
    assert export(records, path) == 3
    table = pandas.read_parquet(path)
    assert table["primal"].tolist()[::2] == [1.5, 2.0]
    assert table["primal"].isna().tolist() == [False, True, False]
    assert table["time_wall"].isna().tolist() == [False, True, False]
    assert table["solved"].tolist() == [True, False, True]
    assert json.loads(table["trace"][0]) == [[0.1, 1.5, None, "a"]]


def test_csv_and_parquet_hold_the_same(records, tmp_path):
    polars = pytest.importorskip("polars")
    export(records, tmp_path / "runs.csv")
    export(records, tmp_path / "runs.parquet")
    csv = polars.read_csv(tmp_path / "runs.csv")
    parquet = polars.read_parquet(tmp_path / "runs.parquet")
    assert csv.columns == parquet.columns
    assert csv["status"].to_list() == parquet["status"].to_list()


def test_nothing_to_export_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no record"):
        export([], tmp_path / "runs.csv")


def test_another_format_is_refused(records, tmp_path):
    with pytest.raises(InputError, match=r".csv or .parquet"):
        export(records, tmp_path / "runs.xlsx")
