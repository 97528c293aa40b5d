"""Data sets of the DAG benchmark, by specification, as files of a campaign.

    er:d=50,k=2,n=1000,noise=gauss,variances=equal,standardize=0,seed=0
    sf:d=100,k=4,seed=3         k edges a new node; what is left out is as above
    sachs:log=1,standardize=1   protein data, from the folder BOUNDWISE_SACHS

``seed=0..9`` stands for ten data sets. Sachs et al. (2005),
doi:10.1126/science.1105809.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from boundwise.core.errors import InputError, NotAvailableError
from boundwise.core.files import atomic_write
from boundwise.instances.generators.sem import Noise, simulate_dag, simulate_sem

Floats = npt.NDArray[np.float64]

#: Folder with ``cyto_full_data.csv`` and ``cyto_full_target.csv``.
SACHS_FOLDER = "BOUNDWISE_SACHS"
_DEFAULTS = {
    "d": "20",
    "k": "2",
    "n": "1000",
    "noise": "gauss",
    "variances": "equal",
    "standardize": "0",
    "seed": "0",
}
_SACHS_DEFAULTS = {"log": "0", "standardize": "1"}


@dataclass(frozen=True, slots=True, eq=False)
class DagData:
    """Hold rows and the true graph.

    Parameters
    ----------
    X
        Rows, shape (n, d).
    W
        True weights (or 0/1), [i, j] of the edge i -> j.
    """

    X: Floats
    W: Floats


def expand(specification: str) -> list[str]:
    """Return one specification for each seed of a range ``seed=a..b``.

    Raises
    ------
    InputError
        If the range is empty or long.
    """
    match = re.search(r"seed=(\d+)\.\.(\d+)", specification)
    if match is None:
        return [specification]
    first, last = int(match[1]), int(match[2])
    if not first <= last < first + 1000:
        raise InputError(f"seed must be a range a..b, got {specification!r}.")
    before, after = specification[: match.start()], specification[match.end() :]
    return [f"{before}seed={seed}{after}" for seed in range(first, last + 1)]


def make(specification: str) -> DagData:
    """Make the data set that a specification names.

    Raises
    ------
    InputError
        If the specification is not understood.
    NotAvailableError
        If the protein data are not at hand.
    """
    family, _, text = specification.partition(":")
    if family == "sachs":
        return _sachs(_options(specification, text, _SACHS_DEFAULTS))
    if family not in {"er", "sf"}:
        raise InputError(
            f"a data set must be one of er, sf, sachs, got {specification!r}."
        )
    options = _options(specification, text, _DEFAULTS)
    seed = _integer(options, "seed")
    W = simulate_dag(
        _integer(options, "d"),
        k=_integer(options, "k"),
        graph=cast("Literal['er', 'sf']", family),
        seed=seed,
    )
    X = simulate_sem(
        W,
        _integer(options, "n"),
        noise=cast("Noise", options["noise"]),
        variances=options["variances"],
        standardize=bool(_integer(options, "standardize")),
        seed=seed,
    )
    return DagData(X, W)


def write(specification: str, folder: Path) -> Path:
    """Write the data set that a specification names, once; return the file."""
    name = re.sub(r"[^\w.=-]+", "-", specification)
    path = folder / f"{name}.npz"
    if not path.is_file():
        data = make(specification)
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_write(path, "wb") as stream:
            np.savez(stream, X=data.X, W=data.W)
    return path


def read(path: Path) -> DagData:
    """Read a data set.

    Raises
    ------
    InputError
        If the file is not one.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            data = DagData(np.array(archive["X"], float), np.array(archive["W"], float))
    except (OSError, KeyError, ValueError, EOFError, BadZipFile) as error:
        raise InputError(f"{str(path)!r} is not a data set: {error}.") from error
    d = data.X.shape[1] if data.X.ndim == 2 else 0
    if not d or data.W.shape != (d, d) or not np.isfinite(data.X).all():
        raise InputError(f"{str(path)!r} is not a data set: its arrays do not fit.")
    return data


def _sachs(options: dict[str, str]) -> DagData:
    folder = os.environ.get(SACHS_FOLDER)
    if not folder:
        raise NotAvailableError(
            f"sachs needs the folder of its files in {SACHS_FOLDER}."
        )
    table, edges = (
        Path(folder) / f"cyto_full_{part}.csv" for part in ("data", "target")
    )
    try:
        names = _cells(table.read_text(encoding="utf-8").splitlines()[0])
        X = np.loadtxt(table, delimiter=",", skiprows=1)
        pairs = [_cells(line) for line in edges.read_text("utf-8").splitlines()[1:]]
        W = np.zeros((len(names), len(names)))
        for cause, effect in pairs:
            W[names.index(cause), names.index(effect)] = 1.0
    except (OSError, ValueError, IndexError) as error:
        raise InputError(f"cannot read the files in {folder!r}: {error}.") from error
    if _integer(options, "log"):
        X = np.log(X)
    if _integer(options, "standardize"):
        X = (X - X.mean(axis=0)) / X.std(axis=0)
    return DagData(X, W)


def _cells(line: str) -> list[str]:
    return [cell.strip().strip('"') for cell in line.split(",")]


def _options(specification: str, text: str, defaults: dict[str, str]) -> dict[str, str]:
    options: dict[str, Any] = dict(defaults)
    for part in filter(None, text.split(",")):
        name, equals, value = part.partition("=")
        if not equals or name not in defaults:
            raise InputError(
                f"options of {specification!r} must be among {', '.join(defaults)} "
                f"as name=value, got {part!r}."
            )
        options[name] = value
    return options


def _integer(options: dict[str, str], name: str) -> int:
    try:
        return int(options[name])
    except ValueError:
        raise InputError(f"{name} must be an integer, got {options[name]!r}.") from None
