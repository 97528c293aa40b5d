"""Solution files: lines ``name value``, with ``=obj= value`` or ``=infeas=`` on top."""

import gzip
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from boundwise.core.arguments import as_number
from boundwise.core.errors import InputError
from boundwise.core.files import atomic_write
from boundwise.instances.decimals import parse_decimal
from boundwise.instances.textfile import read_text

_OBJECTIVE_WORDS = ("=obj=", "=objective=")
_INFEASIBLE_WORDS = ("=infeas=", "=inf=")


@dataclass(frozen=True, slots=True)
class Solution:
    """Hold the content of a solution file.

    Parameters
    ----------
    values
        Variable name -> number text, as in the file.
    objective
        The claimed objective, exactly, or None if the file claims none.
    infeasible
        Whether the file claims that there is no solution.
    """

    values: dict[str, str | Fraction]
    objective: Fraction | None
    infeasible: bool = False


def read_solution(path: str | os.PathLike[str]) -> Solution:
    """Read a solution file (``.sol``, perhaps with ``.gz``).

    The layouts of MIPLIB (``=obj=``) and of SCIP (``objective value:``) are read;
    further words on a line, lines that begin with ``#`` and blank lines are ignored.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Solution
        Its content; values stay texts so that nothing is rounded.

    Raises
    ------
    InputError
        If a line is malformed or a name appears twice.
    NotAvailableError
        If there is no such file.
    """
    values: dict[str, str | Fraction] = {}
    objective: Fraction | None = None
    infeasible = False
    for number, line in enumerate(read_text(path).split("\n"), 1):
        fields = line.split()
        if not fields or fields[0].startswith("#"):
            continue
        place = f"{os.fspath(path)}:{number}"
        lowered = line.strip().lower()
        if fields[0].lower() in _INFEASIBLE_WORDS or lowered == "no solution available":
            infeasible = True
        elif fields[0].lower() in _OBJECTIVE_WORDS and len(fields) == 2:
            objective = _objective(fields[1], place)
        elif lowered.startswith("objective value:") and len(fields) == 3:
            objective = _objective(fields[2], place)
        elif lowered.startswith("solution status:"):
            infeasible |= fields[-1].lower() == "infeasible"
        elif len(fields) < 2:
            raise InputError(f"{place}: expected a name and a value.")
        elif fields[0] in values:
            raise InputError(f"{place}: {fields[0][:40]!r} appears twice.")
        else:
            values[fields[0]] = _number_text(fields[1], place)
    return Solution(values, objective, infeasible)


def write_solution(
    path: str | os.PathLike[str],
    names: Sequence[str],
    values: ArrayLike,
    objective: float | Fraction | None,
) -> None:
    """Write a solution file, atomically; gzipped if its name ends with ``.gz``.

    Numbers carry 17 significant digits, so that they read back bit for bit.

    Parameters
    ----------
    path
        File to write.
    names
        Names of the variables.
    values
        Their values, shape (n,).
    objective
        The objective to claim; None writes ``=infeas=``.

    Raises
    ------
    InputError
        If a value is not finite, the lengths differ or the file cannot be written.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.shape != (len(names),):
        raise InputError(f"values must have shape ({len(names)},), got {array.shape}.")
    if not np.isfinite(array).all():
        raise InputError("values must be finite.")
    lines: Iterable[str]
    if objective is None:
        lines = ["=infeas="]
    else:
        head = f"=obj= {as_number('objective', objective)!r}"
        pairs = zip(names, array.tolist(), strict=True)
        lines = [head, *(f"{name} {value!r}" for name, value in pairs)]
    write_text(path, "\n".join(lines) + "\n")


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a text file atomically; gzipped, without a time stamp, if named ``.gz``."""
    data = text.encode("utf-8")
    if Path(path).name.endswith(".gz"):
        data = gzip.compress(data, 6, mtime=0)
    with atomic_write(path, "wb") as stream:
        stream.write(data)


def _objective(text: str, place: str) -> Fraction:
    try:
        return parse_decimal(text)
    except InputError as error:
        raise InputError(f"{place}: the objective is {error}") from None


def _number_text(text: str, place: str) -> str:
    lowered = text.lower().lstrip("+-")
    if lowered in ("inf", "infinity", "nan", "unknown"):
        return text
    try:
        parse_decimal(text)
    except InputError as error:
        raise InputError(f"{place}: {error}") from None
    return text
