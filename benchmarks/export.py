"""Export records as flat tables: CSV without any library, Parquet by pyarrow.

One row a run; nested fields become columns such as ``solver_label`` and
``check_strict``; the trace and the settings become JSON text.
"""

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from boundwise.benchmarks.record import Record
from boundwise.core.errors import InputError
from boundwise.core.files import atomic_write
from boundwise.core.optional import require

_NESTED = ("solver", "limits", "check", "reference", "host", "measures")
_AS_JSON = ("trace", "settings", "stats")


def flat(record: Record) -> dict[str, Any]:
    """Return a record as one flat row.

    Parameters
    ----------
    record
        The run.
    """
    row: dict[str, Any] = {}
    for name, value in record.to_dict().items():
        if name in _NESTED and isinstance(value, Mapping):
            for inner, item in value.items():
                row[f"{name}_{inner}"] = _scalar(item)
        elif name in _AS_JSON:
            row[name] = json.dumps(value)
        else:
            row[name] = _scalar(value)
    row["solved"] = record.status.solved
    return row


def export(records: Iterable[Record], path: Path) -> int:
    """Write records to a ``.csv`` or ``.parquet`` file.

    Parameters
    ----------
    records
        The runs.
    path
        File to write; its suffix decides the format.

    Returns
    -------
    int
        Number of rows.

    Raises
    ------
    InputError
        If the suffix is another one, there is no record, or the file cannot be
        written.
    """
    rows = [flat(record) for record in records]
    if not rows:
        raise InputError("there is no record to export.")
    columns = list(dict.fromkeys(name for row in rows for name in row))
    if path.suffix == ".csv":
        _write_csv(rows, columns, path)
    elif path.suffix == ".parquet":
        _write_parquet(rows, columns, path)
    else:
        raise InputError(f"path must end in .csv or .parquet, got {str(path)!r}.")
    return len(rows)


def _write_csv(rows: list[dict[str, Any]], columns: list[str], path: Path) -> None:
    with atomic_write(path) as stream:
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _write_parquet(rows: list[dict[str, Any]], columns: list[str], path: Path) -> None:
    arrow = require("pyarrow", extra="report")
    parquet = require("pyarrow.parquet", extra="report")
    table = arrow.table({name: _column(rows, name) for name in columns})
    with atomic_write(path, "wb") as stream:
        parquet.write_table(table, stream)


def _column(rows: list[dict[str, Any]], name: str) -> list[Any]:
    """Return a column of one type: Parquet, unlike CSV, insists on it."""
    values = [row.get(name) for row in rows]
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int, float} and float in kinds:
        return [None if value is None else float(value) for value in values]
    if len(kinds) > 1:
        return [None if value is None else str(value) for value in values]
    return values


def _scalar(value: Any) -> Any:
    if isinstance(value, list | tuple | dict):
        return json.dumps(value)
    return value
