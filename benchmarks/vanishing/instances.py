"""Point sets as files of a campaign, and the check of what a run left."""

from collections.abc import Mapping
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from boundwise.benchmarks.vanishing.datasets import DataSet, file_name, make
from boundwise.core.errors import InputError
from boundwise.core.files import atomic_write
from boundwise.instances.solutions import read_solution

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Rows on which generators are evaluated at a time.
_BLOCK = 1 << 14


def write(specification: str, folder: Path) -> Path:
    """Write the data set that a specification names, once; return the file."""
    path = folder / f"{file_name(specification)}.npz"
    if not path.is_file():
        data = make(specification)
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_write(path, "wb") as stream:
            np.savez(stream, X=data.X, y=data.y, psi=np.array(data.psi))
    return path


def read(path: Path) -> DataSet:
    """Read a data set.

    Raises
    ------
    InputError
        If the file is not one.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            return DataSet(archive["X"], archive["y"], float(archive["psi"]))
    except (OSError, KeyError, ValueError, EOFError, BadZipFile) as error:
        raise InputError(f"{str(path)!r} is not a point set: {error}.") from error


def coefficient_names(
    powers: Ints, leading: Ints, coefficients: Floats, heads: Floats
) -> dict[str, float]:
    """List the coefficients of generators as a solution: ``g3:0,2,1`` and a value."""
    terms = [",".join(map(str, row)) for row in powers.tolist()]
    values = {
        f"g{j}:{terms[i]}": float(coefficients[i, j])
        for i, j in zip(*np.nonzero(coefficients), strict=True)
    }
    for j, (row, head) in enumerate(zip(leading.tolist(), heads, strict=True)):
        name = f"g{j}:{','.join(map(str, row))}"
        values[name] = values.get(name, 0.0) + float(head)
    return values


def check_generators(data: DataSet, path: Path) -> float:
    """Return the largest mean squared error of the generators in a file, over psi.

    Raises
    ------
    InputError
        If a line of the file is not a coefficient of a polynomial in the variables.
    """
    generators: dict[str, int] = {}
    terms: dict[tuple[int, ...], int] = {}
    entries: list[tuple[int, int, float]] = []
    for name, value in read_solution(path).values.items():
        generator, colon, text = name.partition(":")
        try:
            powers = tuple(int(power) for power in text.split(","))
        except ValueError as error:
            raise InputError(f"{name!r} is not a coefficient.") from error
        if not colon or len(powers) != data.X.shape[1] or min(powers) < 0:
            raise InputError(f"{name!r} is not a coefficient in these variables.")
        row = terms.setdefault(powers, len(terms))
        column = generators.setdefault(generator, len(generators))
        entries.append((row, column, float(value)))
    if not entries:
        return 0.0
    C = np.zeros((len(terms), len(generators)))
    for row, column, number in entries:
        C[row, column] += number
    return float((_mean_squares(data.X, terms, C) / data.psi).max())


def _mean_squares(X: Floats, terms: Mapping[tuple[int, ...], int], C: Floats) -> Floats:
    total = np.zeros(C.shape[1])
    for start in range(0, len(X), _BLOCK):
        block = X[start : start + _BLOCK]
        T = np.ones((len(block), len(terms)))
        for powers, place in terms.items():
            for variable in np.flatnonzero(powers):
                T[:, place] *= block[:, variable] ** powers[variable]
        total += ((T @ C) ** 2).sum(axis=0)
    mean: Floats = total / len(X)
    return mean
