"""Reference values: ``.solu`` files, and the MIPLIB 2017 benchmark set as a table.

The table holds the 240 instances of the second version of the benchmark set
(Gleixner et al. 2021, doi:10.1007/s12532-020-00194-3) with their sizes and the
best-known objectives of the solution file v36. An empty field is not known here.
"""

import csv
import functools
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from types import MappingProxyType

from boundwise.core.errors import InputError
from boundwise.instances.decimals import parse_decimal
from boundwise.instances.textfile import read_text

_TABLE = "miplib2017_benchmark.csv"


class Kind(StrEnum):
    """State what a reference value is."""

    OPTIMAL = "opt"
    """Proven optimal objective."""
    BEST = "best"
    """Objective of the best known solution."""
    BEST_DUAL = "bestdual"
    """Best known dual bound."""
    FEASIBLE = "feas"
    """A solution is known to exist."""
    INFEASIBLE = "inf"
    """Proven infeasible."""
    UNBOUNDED = "unbd"
    """Proven unbounded."""
    UNKNOWN = "unkn"
    """Nothing is known."""


_WITH_VALUE = (Kind.OPTIMAL, Kind.BEST, Kind.BEST_DUAL)


@dataclass(frozen=True, slots=True)
class Reference:
    """Hold what is known of one instance.

    Parameters
    ----------
    kind
        What the value is.
    value
        Best known objective, or None.
    dual
        Best known dual bound, or None; equal to ``value`` if that is optimal.
    """

    kind: Kind
    value: float | None = None
    dual: float | None = None


@dataclass(frozen=True, slots=True)
class KnownInstance:
    """Hold one row of the table; a size that is not known is None.

    Parameters
    ----------
    name
        Name of the instance.
    variables, binaries, integers, continuous, constraints, nonzeros
        Sizes of the original problem.
    status
        Status in MIPLIB (easy, hard or open), or None.
    reference
        Best-known value.
    """

    name: str
    variables: int | None
    binaries: int | None
    integers: int | None
    continuous: int | None
    constraints: int | None
    nonzeros: int | None
    status: str | None
    reference: Reference


@functools.cache
def benchmark_set() -> Mapping[str, KnownInstance]:
    """Return the MIPLIB 2017 benchmark set by name.

    Returns
    -------
    Mapping
        Name -> row of the table, 240 in all.

    Examples
    --------
    >>> benchmark_set()["air05"].reference.value
    26374.0
    """
    file = resources.files("boundwise.instances") / "data" / _TABLE
    lines = file.read_text(encoding="utf-8").splitlines()
    rows = [_known(row) for row in csv.DictReader(lines)]
    return MappingProxyType({row.name: row for row in rows})


def _known(row: dict[str, str]) -> KnownInstance:
    def size(field: str) -> int | None:
        return int(row[field]) if row[field] else None

    kind = Kind(row["kind"])
    value = float(row["best_known"]) if row["best_known"] else None
    return KnownInstance(
        name=row["name"],
        variables=size("variables"),
        binaries=size("binaries"),
        integers=size("integers"),
        continuous=size("continuous"),
        constraints=size("constraints"),
        nonzeros=size("nonzeros"),
        status=row["status"] or None,
        reference=Reference(kind, value, value if kind is Kind.OPTIMAL else None),
    )


def read_solu(path: str | os.PathLike[str]) -> dict[str, Reference]:
    """Read a ``.solu`` file: lines ``=opt= name value`` and the like.

    The tags are ``=opt=``, ``=best=``, ``=inf=``, ``=unbd=``, ``=unkn=``, and the
    dialects ``=bestdual=`` and ``=feas=``. Tags of one instance are merged.

    Parameters
    ----------
    path
        The file, perhaps gzipped.

    Returns
    -------
    dict
        Instance name -> reference.

    Raises
    ------
    InputError
        If a line is malformed or contradicts an earlier one.
    NotAvailableError
        If there is no such file.
    """
    found: dict[str, Reference] = {}
    for number, line in enumerate(read_text(path).split("\n"), 1):
        fields = line.split()
        if not fields or fields[0].startswith("#"):
            continue
        place = f"{os.fspath(path)}:{number}"
        name, reference = _parse_line(fields, place)
        known = found.get(name)
        found[name] = reference if known is None else _merge(known, reference, place)
    return found


def _parse_line(fields: list[str], place: str) -> tuple[str, Reference]:
    tag = fields[0]
    try:
        kind = Kind(tag.removeprefix("=").removesuffix("=").lower())
    except ValueError:
        raise InputError(f"{place}: unknown tag {tag[:40]!r}.") from None
    if len(fields) < 2 or not (tag.startswith("=") and tag.endswith("=")):
        raise InputError(f"{place}: expected =tag= and a name.")
    if kind not in _WITH_VALUE:
        return fields[1], Reference(kind)
    if len(fields) < 3:
        raise InputError(f"{place}: {tag} needs a value.")
    try:
        value = float(parse_decimal(fields[2]))
    except (InputError, OverflowError) as error:
        raise InputError(f"{place}: {error}") from None
    if not math.isfinite(value):
        raise InputError(f"{place}: the value is not finite.")
    if kind is Kind.BEST_DUAL:
        return fields[1], Reference(kind, None, value)
    return fields[1], Reference(kind, value, value if kind is Kind.OPTIMAL else None)


def _merge(known: Reference, new: Reference, place: str) -> Reference:
    """Join a best solution and a best dual bound; refuse contradictions."""
    if known == new:
        return known
    kinds = {known.kind, new.kind}
    if Kind.UNKNOWN in kinds:
        return new if known.kind is Kind.UNKNOWN else known
    if Kind.BEST_DUAL in kinds and kinds <= {Kind.BEST_DUAL, Kind.BEST, Kind.FEASIBLE}:
        first, second = (known, new) if new.kind is Kind.BEST_DUAL else (new, known)
        return Reference(first.kind, first.value, second.dual)
    raise InputError(f"{place}: contradicts an earlier line ({known.kind}).")
