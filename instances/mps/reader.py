"""Read MPS (free or fixed) without a solver: strict, and fast enough to do always.

The conventions are those of SCIP's reader, whose answers must be the same: integer
columns between markers are binary until a bound says otherwise, values of at least
1e20 are infinite, only the first vector of each section counts, variables are held in
SCIP's order. Stricter than SCIP: unknown names, entries given twice, missing ENDATA,
texts that are not numbers and coefficients without a finite value are errors.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from boundwise.core.collector import without_collector
from boundwise.core.errors import InputError
from boundwise.core.result import Sense
from boundwise.instances.instance import ExactField, Instance, Sos
from boundwise.instances.mps.bounds import BoundReader
from boundwise.instances.mps.columns import Columns, read_columns
from boundwise.instances.mps.fixed import patch_fixed
from boundwise.instances.mps.rows import Rows
from boundwise.instances.mps.source import MpsSource, Section
from boundwise.instances.mps.special import read_indicators, read_sos
from boundwise.instances.textfile import read_text

_QUADRATIC = ("QUADOBJ", "QMATRIX", "QSECTION", "QCMATRIX", "CSECTION")
_SETS = ("SOS", "SOS1", "SOS2")
_ALIASES = {
    "OBJSENS": "OBJSENSE",
    "OBJSEN": "OBJSENSE",
    "OBJECT": "OBJNAME",
    "LAZYCONS": "ROWS",
    "USERCUTS": "ROWS",
}
#: Rank of each section: none may come after one of a higher rank.
_RANKS = {
    "NAME": 0,
    "OBJSENSE": 1,
    "OBJNAME": 1,
    "ROWS": 2,
    "COLUMNS": 3,
    "RHS": 4,
    "RANGES": 5,
    "BOUNDS": 6,
    "SOS": 7,
    "SOS1": 7,
    "SOS2": 7,
    "INDICATORS": 7,
    "ENDATA": 8,
}


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
    with without_collector():
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


class _Parser:
    """Read the sections in turn, then put the parts together."""

    def __init__(self, label: str, text: str) -> None:
        self.source = MpsSource(label, text)
        self.name = ""
        self.sense: Sense = "minimize"
        self.objective_row: str | None = None
        self.seen: dict[str, int] = {}
        self.sos: tuple[Sos, ...] = ()
        self.indicator_section: Section | None = None
        self.rows: Rows | None = None
        self.columns: Columns | None = None
        self.bounds: BoundReader | None = None

    def instance(self, path: Path | None) -> Instance:
        for section in self.source.sections:
            keyword = _ALIASES.get(section.keyword, section.keyword)
            self._check_place(keyword, section)
            self._read(keyword, section)
        if self.rows is None or self.columns is None or self.bounds is None:
            missing = "ROWS" if self.rows is None else "COLUMNS"
            raise InputError(f"{self.source.label}: there is no {missing} section.")
        if not self.columns.index:
            raise InputError(f"{self.source.label}: the problem has no variables.")
        return self._assemble(path, self.rows, self.columns, self.bounds)

    def _check_place(self, keyword: str, section: Section) -> None:
        line = section.first - 1
        shown = section.keyword[:40]
        if keyword in _QUADRATIC:
            raise self.source.error(
                line, f"section {shown}: quadratic terms are not supported."
            )
        if keyword not in _RANKS:
            raise self.source.error(line, f"unknown section {shown!r}.")
        if keyword in self.seen and keyword not in ("ROWS", *_SETS):
            raise self.source.error(line, f"section {shown} appears twice.")
        rank = _RANKS[keyword]
        last = max(self.seen.values(), default=0)
        if rank < last:
            raise self.source.error(line, f"section {shown} comes too late.")
        ready = self.columns if rank > _RANKS["COLUMNS"] else self.rows
        if rank >= _RANKS["COLUMNS"] and keyword != "ENDATA" and ready is None:
            raise self.source.error(line, f"section {shown} comes too early.")
        self.seen[keyword] = rank

    def _read(self, keyword: str, section: Section) -> None:
        match keyword:
            case "NAME":
                self.name = section.words[0] if section.words else ""
                if any(line.strip() for line in section.lines):
                    raise self.source.error(section.first, "data outside of a section.")
            case "OBJSENSE":
                self.sense = self._sense(section)
            case "OBJNAME":
                self.objective_row = self._one_word(section)
            case "ROWS":
                self.rows = self.rows or Rows(self.source, self.objective_row)
                self.rows.read_rows(section)
            case "COLUMNS":
                assert self.rows is not None
                self.columns = read_columns(self.source, section, self.rows)
                self.bounds = BoundReader(
                    self.source, self.columns.index, self.columns.is_marked
                )
            case "INDICATORS":
                self.indicator_section = section
            case _:
                self._read_later(keyword, section)

    def _read_later(self, keyword: str, section: Section) -> None:
        """Read a section that needs rows and columns."""
        if keyword == "ENDATA":
            return
        assert self.rows is not None
        assert self.columns is not None
        assert self.bounds is not None
        if keyword == "RHS":
            self.rows.read_rhs(section)
        elif keyword == "RANGES":
            self.rows.read_ranges(section)
        elif keyword == "BOUNDS":
            self.bounds.read(section)
        else:
            self.sos += read_sos(self.source, section, self.columns.index)

    def _one_word(self, section: Section) -> str:
        words = [*section.words, *(w for line in section.lines for w in line.split())]
        if len(words) != 1:
            raise self.source.error(
                section.first - 1,
                f"{section.keyword} needs one word, got {len(words)}.",
            )
        return words[0]

    def _sense(self, section: Section) -> Sense:
        word = self._one_word(section)
        if word.upper() in ("MAX", "MAXIMIZE", "MAXIMISE"):
            return "maximize"
        if word.upper() in ("MIN", "MINIMIZE", "MINIMISE"):
            return "minimize"
        raise self.source.error(
            section.first, f"the sense must be MIN or MAX, got {word[:40]!r}."
        )

    def _assemble(
        self, path: Path | None, rows: Rows, columns: Columns, reader: BoundReader
    ) -> Instance:
        bounds = reader.finish()
        order = np.array(bounds.order)
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        file_names = list(columns.index)
        matrix = columns.matrix(place, len(rows.names))
        row_lower, row_upper = rows.sides()
        exact = columns.exact_by_place(place, matrix) | rows.exact
        for (part, j), value in bounds.exact.items():
            exact[part, int(place[j])] = value
        instance = Instance(
            name=self.name or (path.name.split(".")[0] if path else "unnamed"),
            objective=columns.objective[order],
            matrix=matrix,
            row_lower=row_lower,
            row_upper=row_upper,
            lower=bounds.lower[order],
            upper=bounds.upper[order],
            is_integer=bounds.is_integer[order],
            names=tuple([file_names[j] for j in bounds.order]),
            row_names=tuple(rows.names),
            sense=self.sense,
            offset=rows.offset,
            path=path,
            sos=tuple(
                replace(s, indices=tuple(int(place[j]) for j in s.indices))
                for s in self.sos
            ),
            semicontinuous=tuple(
                replace(s, index=int(place[s.index])) for s in bounds.semicontinuous
            ),
            exact=exact,
        )
        if self.indicator_section is None:
            return instance
        return self._with_indicators(instance, self.indicator_section, rows)

    def _with_indicators(
        self, instance: Instance, section: Section, rows: Rows
    ) -> Instance:
        """Turn the rows that the section names into indicator constraints."""
        found = read_indicators(self.source, section, instance, rows.index)
        keep = np.ones(instance.n_rows, dtype=np.bool_)
        keep[list(found)] = False
        return replace(
            instance,
            matrix=instance.matrix[keep],
            row_lower=instance.row_lower[keep],
            row_upper=instance.row_upper[keep],
            row_names=tuple(
                name for name, k in zip(instance.row_names, keep, strict=True) if k
            ),
            indicators=tuple(found.values()),
            exact=_exact_of_kept(instance.exact, instance.matrix, keep),
        )


def _exact_of_kept(
    exact: Mapping[tuple[ExactField, int], Fraction],
    matrix: csr_array,
    keep: NDArray[np.bool_],
) -> dict[tuple[ExactField, int], Fraction]:
    """Renumber exact values after rows were taken out."""
    entries = np.repeat(keep, np.diff(matrix.indptr))
    kept = {"row_lower": keep, "row_upper": keep, "matrix": entries}
    result: dict[tuple[ExactField, int], Fraction] = {}
    for (part, i), value in exact.items():
        if part not in kept:
            result[part, i] = value
        elif kept[part][i]:
            result[part, int(kept[part][:i].sum())] = value
    return result
