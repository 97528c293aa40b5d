"""Read MPS (free or fixed) without a solver: strict, and fast enough to do always.

The conventions are those of SCIP's reader, whose answers must be the same: integer
columns between markers are binary until a bound says otherwise, the right-hand side
of the objective row is minus its constant, a range on an equality extends it to the
side of its sign, values of at least 1e20 are infinite, only the first vector of each
section counts. Stricter than SCIP: unknown names, entries given twice, missing ENDATA,
texts that are not numbers and coefficients without a finite value are errors.
"""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from boundwise.core.errors import InputError
from boundwise.core.tolerances import INFINITY
from boundwise.instances.decimals import decimal_of
from boundwise.instances.instance import ExactField, Indicator, Instance, Sense, Sos
from boundwise.instances.mps_bounds import BoundReader
from boundwise.instances.mps_sections import (
    MpsSource,
    Section,
    patch_fixed,
    read_entries,
    strip_comment,
)
from boundwise.instances.mps_special import read_indicators, read_sos
from boundwise.instances.textfile import read_text

_QUADRATIC = ("QUADOBJ", "QMATRIX", "QSECTION", "QCMATRIX", "CSECTION")
_ORDER = ("NAME", "OBJSENSE", "OBJNAME", "ROWS", "COLUMNS", "RHS", "RANGES", "BOUNDS")
_ALIASES = {
    "OBJSENS": "OBJSENSE",
    "OBJSEN": "OBJSENSE",
    "OBJECT": "OBJNAME",
    "LAZYCONS": "ROWS",
    "USERCUTS": "ROWS",
}
_OBJECTIVE, _IGNORED = -1, -2


def read_mps(path: str | os.PathLike[str]) -> Instance:
    """Read an MPS file, gzipped if its name ends with ``.gz``.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Instance
        The problem.

    Raises
    ------
    InputError
        If the file is not valid MPS; file and line are named where known.
    NotAvailableError
        If there is no such file.
    """
    path = Path(path)
    text = read_text(path)
    with _no_garbage_collection():
        return parse_mps(text, str(path), path=path)


def parse_mps(text: str, label: str, *, path: Path | None = None) -> Instance:
    """Parse the text of an MPS file; see `read_mps`.

    Parameters
    ----------
    text
        The text.
    label
        Name of the file for messages.
    path
        The file that the instance names as its own.
    """
    try:
        return _Parser(label, text).instance(path)
    except InputError as error:
        # Names with blanks cannot be told in free format; try the fixed columns.
        patched = patch_fixed(text)
        if patched is None:
            raise
        try:
            return _Parser(label, patched).instance(path)
        except InputError:
            raise error from None


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Suspend the collector: a million small lists make it run for seconds."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Parser:
    def __init__(self, label: str, text: str) -> None:
        self.source = MpsSource(label, text)
        self.name = ""
        self.sense: Sense = "minimize"
        self.objective_row: str | None = None
        self.senses: list[str] = []
        self.row_names: list[str] = []
        self.row_index: dict[str, int] = {}
        self.exact: dict[tuple[ExactField, int], Fraction] = {}
        self.offset = 0.0
        self.seen: list[str] = []
        self.sos: tuple[Sos, ...] = ()
        self.indicator_section: Section | None = None
        self.column_index: dict[str, int] = {}

    def instance(self, path: Path | None) -> Instance:
        for section in self.source.sections:
            self._check_order(section)
            self._read(section)
        for needed in ("ROWS", "COLUMNS"):
            if needed not in self.seen:
                raise InputError(f"{self.source.label}: there is no {needed} section.")
        return self._assemble(path)

    def _check_order(self, section: Section) -> None:
        keyword = _ALIASES.get(section.keyword, section.keyword)
        line = section.first - 1
        if keyword in _QUADRATIC:
            raise self.source.error(
                line, f"section {section.keyword}: quadratic terms are not supported."
            )
        if keyword not in (*_ORDER, "SOS", "SOS1", "SOS2", "INDICATORS", "ENDATA"):
            shown = section.keyword[:40]
            raise self.source.error(line, f"unknown section {shown!r}.")
        repeatable = ("ROWS", "SOS", "SOS1", "SOS2")
        if keyword in self.seen and keyword not in repeatable:
            raise self.source.error(line, f"section {keyword} appears twice.")
        if keyword in _ORDER:
            later = _ORDER[_ORDER.index(keyword) + 1 :]
            # OBJSENSE and OBJNAME stand in either order.
            late = [k for k in self.seen if k in later and k != "OBJNAME"]
            if late:
                raise self.source.error(line, f"section {keyword} after {late[0]}.")
        needed = "ROWS" if keyword == "COLUMNS" else "COLUMNS"
        first = ("NAME", "OBJSENSE", "OBJNAME", "ROWS", "ENDATA")
        if keyword not in first and needed not in self.seen:
            raise self.source.error(line, f"section {keyword} comes too early.")
        self.seen.append(keyword)

    def _read(self, section: Section) -> None:
        match _ALIASES.get(section.keyword, section.keyword):
            case "NAME":
                self.name = section.words[0] if section.words else ""
                self._expect_empty(section)
            case "OBJSENSE":
                self._read_sense(section)
            case "OBJNAME":
                self.objective_row = self._one_word(section)
            case "ROWS":
                self._read_rows(section)
            case "COLUMNS":
                self._read_columns(section)
            case "RHS":
                self._read_rhs(section)
            case "RANGES":
                self._read_ranges(section)
            case "BOUNDS":
                self.bounds.read(section)
            case "SOS" | "SOS1" | "SOS2":
                self.sos += read_sos(self.source, section, self.column_index)
            case "INDICATORS":
                self.indicator_section = section

    def _expect_empty(self, section: Section) -> None:
        for i, line in enumerate(section.lines):
            if line.strip():
                raise self.source.error(section.first + i, "data outside of a section.")

    def _one_word(self, section: Section) -> str:
        words = [*section.words, *(w for line in section.lines for w in line.split())]
        if len(words) != 1:
            raise self.source.error(
                section.first - 1,
                f"{section.keyword} needs one word, got {len(words)}.",
            )
        return words[0]

    def _read_sense(self, section: Section) -> None:
        word = self._one_word(section)
        if word.upper() in ("MAX", "MAXIMIZE", "MAXIMISE"):
            self.sense = "maximize"
        elif word.upper() not in ("MIN", "MINIMIZE", "MINIMISE"):
            raise self.source.error(
                section.first, f"the sense must be MIN or MAX, got {word[:40]!r}."
            )

    def _read_rows(self, section: Section) -> None:
        for i, line in enumerate(section.lines):
            fields = line.split()
            if not fields:
                continue
            if len(fields) != 2:
                fields = strip_comment(fields)
            if len(fields) != 2 or fields[0] not in ("N", "L", "G", "E"):
                raise self.source.error(
                    section.first + i, "a row must be N, L, G or E and a name."
                )
            kind, name = fields
            if name in self.row_index:
                raise self.source.error(
                    section.first + i, f"row {name[:40]!r} appears twice."
                )
            if kind == "N":
                if self.objective_row is None:
                    self.objective_row = name
                chosen = name == self.objective_row
                self.row_index[name] = _OBJECTIVE if chosen else _IGNORED
            elif section.keyword == "USERCUTS":
                # Valid cuts do not change the problem; they need not hold elsewhere.
                self.row_index[name] = _IGNORED
            else:
                self.row_index[name] = len(self.row_names)
                self.row_names.append(name)
                self.senses.append(kind)

    def _rows_of(self, keys: list[str], lines: NDArray[np.int64]) -> NDArray[np.int64]:
        try:
            return np.fromiter(
                map(self.row_index.__getitem__, keys), np.int64, len(keys)
            )
        except KeyError:
            position = next(i for i, k in enumerate(keys) if k not in self.row_index)
        raise self.source.error(
            int(lines[position]), f"unknown row {keys[position][:40]!r}."
        )

    def _read_columns(self, section: Section) -> None:
        lines, marks = self._take_markers(section)
        entries = read_entries(self.source, lines, section.first, None)
        names: dict[str, int] = {}
        columns = np.fromiter(
            (names.setdefault(c, len(names)) for c in entries.owners),
            np.int64,
            len(entries.owners),
        )
        n_first = self._first_pairs(entries.line_numbers)
        back = np.flatnonzero(np.diff(columns[:n_first]) < 0)
        if len(back):
            position = int(back[0]) + 1
            raise self.source.error(
                int(entries.line_numbers[position]),
                f"column {entries.owners[position][:40]!r} appears again.",
            )
        self.column_index = names
        self.is_marked = self._marked(columns[:n_first], entries.line_numbers, marks)
        self.bounds = BoundReader(self.source, names, self.is_marked)
        rows = self._rows_of(entries.keys, entries.line_numbers)
        values, exact = self.source.numbers(entries.texts, entries.line_numbers, False)
        huge = np.flatnonzero(np.abs(values) >= INFINITY)
        if len(huge):
            raise self.source.error(
                int(entries.line_numbers[huge[0]]), "an infinite coefficient."
            )
        self._store_matrix(rows, columns, values, exact, entries.line_numbers)

    @staticmethod
    def _first_pairs(line_numbers: NDArray[np.int64]) -> int:
        """Return how many entries are the first of their line."""
        falls = np.flatnonzero(np.diff(line_numbers) <= 0)
        return int(falls[0]) + 1 if len(falls) else len(line_numbers)

    def _take_markers(
        self, section: Section
    ) -> tuple[list[str], list[tuple[int, bool]]]:
        """Blank the marker lines and return (line number, begins integers)."""
        lines, marks = section.lines, []
        inside = False
        for i in [k for k, line in enumerate(lines) if "'MARKER'" in line]:
            fields = lines[i].split()
            if "'MARKER'" not in fields[1:3]:
                continue
            kind = fields[-1].strip("'")
            if kind not in ("INTORG", "INTEND"):
                raise self.source.error(
                    section.first + i, f"unknown marker {kind[:40]!r}."
                )
            inside = kind == "INTORG"
            marks.append((section.first + i, inside))
            lines[i] = ""
        return lines, marks

    @staticmethod
    def _marked(
        columns: NDArray[np.int64],
        line_numbers: NDArray[np.int64],
        marks: list[tuple[int, bool]],
    ) -> NDArray[np.bool_]:
        """Tell which columns begin between markers."""
        if not len(columns):
            return np.zeros(0, dtype=np.bool_)
        starts = np.flatnonzero(np.diff(columns, prepend=-1) > 0)
        first_lines = line_numbers[starts]
        marked = np.zeros(len(first_lines), dtype=np.bool_)
        for line, begins in marks:
            marked[np.searchsorted(first_lines, line) :] = begins
        return marked

    def _store_matrix(
        self,
        rows: NDArray[np.int64],
        columns: NDArray[np.int64],
        values: NDArray[np.float64],
        exact: dict[int, Any],
        lines: NDArray[np.int64],
    ) -> None:
        n, m = len(self.column_index), len(self.row_names)
        keys = columns * (m + 1) + np.where(rows >= 0, rows, m)
        relevant = np.flatnonzero(rows != _IGNORED)
        order = relevant[np.argsort(keys[relevant], kind="stable")]
        twice = np.flatnonzero(np.diff(keys[order]) == 0)
        if len(twice):
            line = int(max(lines[order[twice[0]]], lines[order[twice[0] + 1]]))
            raise self.source.error(line, "an entry of this column appears twice.")
        in_objective = rows == _OBJECTIVE
        self.objective = np.zeros(n)
        self.objective[columns[in_objective]] = values[in_objective]
        keep = (rows >= 0) & (values != 0)
        lost = [p for p, value in exact.items() if value != 0]
        for p in lost:
            if rows[p] == _OBJECTIVE:
                self.exact["objective", int(columns[p])] = exact[p]
        tiny = np.zeros(len(values), dtype=np.bool_)
        tiny[[p for p in lost if rows[p] >= 0]] = True
        self.triplets = (rows[keep], columns[keep], values[keep])
        # Only a decimal below the smallest double is lost here with its entry.
        self.lost_entries = {
            (int(rows[p]), int(columns[p])): exact[p] for p in lost if keep[p]
        }
        if (tiny & ~keep).any():
            line = int(lines[np.flatnonzero(tiny & ~keep)[0]])
            raise self.source.error(line, "a coefficient is too small for a double.")

    def _first_vector(self, section: Section, default: str) -> Any:
        """Return rows, values, exact values and lines of the section's first vector."""
        entries = read_entries(self.source, section.lines, section.first, default)
        values, exact = self.source.numbers(entries.texts, entries.line_numbers, True)
        rows = self._rows_of(entries.keys, entries.line_numbers)
        if not entries.owners:
            return []
        chosen = entries.owners[0]
        seen: set[int] = set()
        result = []
        for p, (owner, row) in enumerate(
            zip(entries.owners, rows.tolist(), strict=True)
        ):
            if owner != chosen or row == _IGNORED:
                continue
            line = int(entries.line_numbers[p])
            if row in seen:
                raise self.source.error(
                    line,
                    f"row {entries.keys[p][:40]!r} appears twice in {chosen[:40]!r}.",
                )
            seen.add(row)
            value = float(values[p])
            result.append((row, value, exact.get(p), line))
        return result

    def _read_rhs(self, section: Section) -> None:
        self.rhs: dict[int, tuple[float, Fraction | None]] = {}
        for row, value, exact, line in self._first_vector(section, "_RHS_"):
            if row == _OBJECTIVE:
                if abs(value) >= INFINITY:
                    raise self.source.error(line, "the objective constant is infinite.")
                self.offset = -value
                if exact is not None:
                    self.exact["offset", 0] = -exact
                continue
            kind = self.senses[row]
            if abs(value) >= INFINITY and (kind == "E" or (value > 0) == (kind == "G")):
                raise self.source.error(
                    line, f"the right-hand side of a row {kind} is infinite."
                )
            self.rhs[row] = (value, exact)

    def _read_ranges(self, section: Section) -> None:
        self.ranges: dict[int, tuple[float, Fraction | None]] = {}
        for row, value, exact, line in self._first_vector(section, "_RNG_"):
            if row == _OBJECTIVE:
                raise self.source.error(line, "a range on the objective.")
            self.ranges[row] = (value, exact)

    def _sides(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        kinds = np.array(self.senses, dtype="U1")
        m = len(kinds)
        side = np.zeros(m)
        rhs = getattr(self, "rhs", {})
        for row, (value, _) in rhs.items():
            side[row] = value
        lower = np.where(kinds == "L", -np.inf, side)
        upper = np.where(kinds == "G", np.inf, side)
        for row, (_, exact) in rhs.items():
            if exact is not None:
                self._set_exact(row, lower, upper, exact)
        for row, (value, exact) in getattr(self, "ranges", {}).items():
            base = rhs.get(row, (0.0, None))
            self._apply_range(row, kinds[row], lower, upper, base, value, exact)
        lower[lower <= -INFINITY] = -np.inf
        upper[upper >= INFINITY] = np.inf
        return lower, upper

    def _set_exact(
        self,
        row: int,
        lower: NDArray[np.float64],
        upper: NDArray[np.float64],
        exact: Fraction,
    ) -> None:
        if np.isfinite(lower[row]):
            self.exact["row_lower", row] = exact
        if np.isfinite(upper[row]):
            self.exact["row_upper", row] = exact

    def _apply_range(
        self,
        row: int,
        kind: str,
        lower: NDArray[np.float64],
        upper: NDArray[np.float64],
        base: tuple[float, Fraction | None],
        value: float,
        exact: Fraction | None,
    ) -> None:
        """Move the other side of the row by |range|, exactly."""
        downwards = kind == "L" or (kind == "E" and value < 0)
        sides = lower if downwards else upper
        part: ExactField = "row_lower" if downwards else "row_upper"
        self.exact.pop((part, row), None)
        if abs(value) >= INFINITY or abs(base[0]) >= INFINITY:
            sides[row] = -np.inf if downwards else np.inf
            return
        distance = abs(exact if exact is not None else decimal_of(value))
        start = base[1] if base[1] is not None else decimal_of(base[0])
        end = start - distance if downwards else start + distance
        sides[row] = float(end)
        if decimal_of(sides[row]) != end:
            self.exact[part, row] = end

    def _assemble(self, path: Path | None) -> Instance:
        if not self.column_index:
            raise InputError(f"{self.source.label}: the problem has no variables.")
        bounds = self.bounds.finish()
        order = np.array(bounds.order)
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        names = list(self.column_index)
        matrix = self._matrix(place)
        row_lower, row_upper = self._sides()
        index = {name: int(place[j]) for name, j in self.column_index.items()}
        exact = self._exact_by_place(place, bounds.exact, matrix)
        indicators: tuple[Indicator, ...] = ()
        row_names = self.row_names
        is_integer = bounds.is_integer[order]
        if self.indicator_section is not None:
            found = read_indicators(
                self.source,
                self.indicator_section,
                matrix,
                (row_lower, row_upper),
                self.row_index,
                index,
                is_integer & (bounds.lower[order] >= 0) & (bounds.upper[order] <= 1),
            )
            indicators = tuple(found.values())
            keep = np.array([i not in found for i in range(len(row_names))], dtype=bool)
            exact = self._exact_of_kept(exact, matrix, keep)
            matrix = matrix[keep]
            row_lower, row_upper = row_lower[keep], row_upper[keep]
            row_names = [name for name, k in zip(row_names, keep, strict=True) if k]
        return Instance(
            name=self.name or (path.name.split(".")[0] if path else "unnamed"),
            objective=self.objective[order],
            matrix=matrix,
            row_lower=row_lower,
            row_upper=row_upper,
            lower=bounds.lower[order],
            upper=bounds.upper[order],
            is_integer=is_integer,
            names=tuple(names[j] for j in bounds.order),
            row_names=tuple(row_names),
            sense=self.sense,
            offset=self.offset,
            path=path,
            sos=tuple(
                replace(s, indices=tuple(int(place[j]) for j in s.indices))
                for s in self.sos
            ),
            indicators=indicators,
            semicontinuous=tuple(
                replace(s, index=int(place[s.index])) for s in bounds.semicontinuous
            ),
            exact=exact,
        )

    def _matrix(self, place: NDArray[np.int64]) -> csr_array:
        rows, columns, values = self.triplets
        matrix = coo_array(
            (values, (rows, place[columns])),
            shape=(len(self.row_names), len(place)),
        ).tocsr()
        matrix.sort_indices()
        return matrix

    def _exact_by_place(
        self,
        place: NDArray[np.int64],
        of_bounds: dict[tuple[ExactField, int], Fraction],
        matrix: csr_array,
    ) -> dict[tuple[ExactField, int], Fraction]:
        exact: dict[tuple[ExactField, int], Fraction] = {}
        for (part, j), value in (self.exact | of_bounds).items():
            by_column = part in ("objective", "lower", "upper")
            exact[part, int(place[j]) if by_column else j] = value
        for (row, column), value in self.lost_entries.items():
            begin, end = matrix.indptr[row], matrix.indptr[row + 1]
            j = np.searchsorted(matrix.indices[begin:end], place[column])
            exact["matrix", int(begin + j)] = value
        return exact

    @staticmethod
    def _exact_of_kept(
        exact: dict[tuple[ExactField, int], Fraction],
        matrix: csr_array,
        keep: NDArray[np.bool_],
    ) -> dict[tuple[ExactField, int], Fraction]:
        """Renumber exact values after rows were taken out."""
        row_place = np.cumsum(keep) - 1
        kept_entries = np.repeat(keep, np.diff(matrix.indptr))
        entry_place = np.cumsum(kept_entries) - 1
        result: dict[tuple[ExactField, int], Fraction] = {}
        for (part, i), value in exact.items():
            if part in ("row_lower", "row_upper"):
                if keep[i]:
                    result[part, int(row_place[i])] = value
            elif part == "matrix":
                if kept_entries[i]:
                    result[part, int(entry_place[i])] = value
            else:
                result[part, i] = value
        return result
