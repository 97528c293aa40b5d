"""COLUMNS: the coefficients, and which columns stand between integer markers."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from boundwise.core.tolerances import INFINITY
from boundwise.instances.instance import ExactField
from boundwise.instances.mps.rows import IGNORED, OBJECTIVE, Rows
from boundwise.instances.mps.source import Entries, MpsSource, Section, read_entries


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns in the order of the file.

    Parameters
    ----------
    index
        Column name -> number.
    is_marked
        Which stand between integer markers.
    objective
        Coefficients of the objective.
    rows, columns, values
        Coefficients of the rows, as triplets without zeros.
    exact
        (row, column) -> value where the double does not tell it; the row of the
        objective is ``OBJECTIVE``.
    """

    index: dict[str, int]
    is_marked: NDArray[np.bool_]
    objective: NDArray[np.float64]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    values: NDArray[np.float64]
    exact: dict[tuple[int, int], Fraction]

    def matrix(self, place: NDArray[np.int64], n_rows: int) -> csr_array:
        """Return the rows with column ``j`` at ``place[j]``."""
        matrix = coo_array(
            (self.values, (self.rows, place[self.columns])),
            shape=(n_rows, len(place)),
        ).tocsr()
        matrix.sort_indices()
        return matrix

    def exact_by_place(
        self, place: NDArray[np.int64], matrix: csr_array
    ) -> dict[tuple[ExactField, int], Fraction]:
        """Return the exact values by their positions in `matrix` and objective."""
        exact: dict[tuple[ExactField, int], Fraction] = {}
        for (row, column), value in self.exact.items():
            if row == OBJECTIVE:
                exact["objective", int(place[column])] = value
                continue
            begin, end = matrix.indptr[row], matrix.indptr[row + 1]
            inner = np.searchsorted(matrix.indices[begin:end], place[column])
            exact["matrix", int(begin + inner)] = value
        return exact


def read_columns(source: MpsSource, section: Section, rows: Rows) -> Columns:
    """Read lines ``column row number [row number]`` and markers."""
    marks = _take_markers(source, section)
    entries = read_entries(source, section.lines, section.first, None)
    index = {name: j for j, name in enumerate(dict.fromkeys(entries.owners))}
    columns = np.fromiter(
        map(index.__getitem__, entries.owners), np.int64, len(entries.owners)
    )
    own = columns[: entries.n_first]
    back = np.flatnonzero(np.diff(own) < 0)
    if len(back):
        position = int(back[0]) + 1
        raise source.error(
            int(entries.line_numbers[position]),
            f"column {entries.owners[position][:40]!r} appears again.",
        )
    row_numbers = rows.numbers_of(entries.keys, entries.line_numbers)
    values, exact = source.numbers(entries.texts, entries.line_numbers, infinite=False)
    _refuse_bad_entries(source, entries, row_numbers, columns, values, exact)
    objective = np.zeros(len(index))
    in_objective = row_numbers == OBJECTIVE
    objective[columns[in_objective]] = values[in_objective]
    kept = (row_numbers >= 0) & (values != 0)
    return Columns(
        index,
        _marked(own, entries.line_numbers, marks),
        objective,
        row_numbers[kept],
        columns[kept],
        values[kept],
        {
            (int(row_numbers[p]), int(columns[p])): value
            for p, value in exact.items()
            if value != 0 and row_numbers[p] != IGNORED
        },
    )


def _take_markers(source: MpsSource, section: Section) -> list[tuple[int, bool]]:
    """Blank the marker lines and return (line number, whether integers begin)."""
    lines, marks = section.lines, []
    for i in [k for k, line in enumerate(lines) if "'MARKER'" in line]:
        fields = lines[i].split()
        if "'MARKER'" not in fields[1:3]:
            continue
        line = section.first + i
        if fields[-1] not in ("'INTORG'", "'INTEND'"):
            raise source.error(line, f"unknown marker {fields[-1][:40]!r}.")
        marks.append((line, fields[-1] == "'INTORG'"))
        lines[i] = ""
    return marks


def _marked(
    columns: NDArray[np.int64],
    line_numbers: NDArray[np.int64],
    marks: list[tuple[int, bool]],
) -> NDArray[np.bool_]:
    """Tell which columns begin between markers."""
    starts = np.flatnonzero(np.diff(columns, prepend=-1) > 0)
    first_lines = line_numbers[starts]
    marked = np.zeros(len(first_lines), dtype=np.bool_)
    for line, begins in marks:
        marked[np.searchsorted(first_lines, line) :] = begins
    return marked


def _refuse_bad_entries(
    source: MpsSource,
    entries: Entries,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    values: NDArray[np.float64],
    exact: dict[int, Fraction],
) -> None:
    lines = entries.line_numbers
    huge = np.flatnonzero(np.abs(values) >= INFINITY)
    if len(huge):
        raise source.error(int(lines[huge[0]]), "an infinite coefficient.")
    for p, value in exact.items():
        if values[p] == 0 and value != 0:
            raise source.error(int(lines[p]), "a coefficient too small for a double.")
    relevant = np.flatnonzero(rows != IGNORED)
    # Negative row numbers stay apart: the objective has the key of row -1.
    keys = columns[relevant] * (len(entries.keys) + 2) + rows[relevant]
    order = np.argsort(keys, kind="stable")
    twice = np.flatnonzero(np.diff(keys[order]) == 0)
    if len(twice):
        pair = relevant[order[twice[0] : twice[0] + 2]]
        raise source.error(
            int(lines[pair].max()), "an entry of this column appears twice."
        )
