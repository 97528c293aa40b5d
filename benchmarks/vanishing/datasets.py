"""Data sets of the vanishing-ideal benchmark, by specification.

    surface:m=100000            two noisy quadratic surfaces in the cube, two classes
    uniform:m=10000,n=20        uniform points in the cube
    sklearn:digits              iris, wine, breast_cancer or digits
    file:PATH.csv               numbers, the class in the last column

A specification may end in ``,psi=...``. All data are scaled to [0, 1] by column. The
surfaces are those of Wirth, Kera, Pokutta (2023), arXiv:2207.01236.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from boundwise.core.arguments import as_count
from boundwise.core.errors import InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DEFAULT_PSI = 0.005
_SKLEARN = ("iris", "wine", "breast_cancer", "digits")


@dataclass(frozen=True, slots=True)
class DataSet:
    """Hold points, their classes and the psi to use.

    Parameters
    ----------
    X, y
        Points in the unit cube and their classes.
    psi
        Largest mean squared error that vanishes.
    """

    X: Floats
    y: Ints
    psi: float


def make(specification: str) -> DataSet:
    """Make the data set that a specification names.

    Raises
    ------
    InputError
        If the specification is not understood, or a file cannot be read.
    """
    family, _, rest = specification.partition(":")
    head, *pairs = rest.split(",") if family in {"sklearn", "file"} else ["", rest]
    options = _options(",".join(pairs), specification)
    psi = options.pop("psi", DEFAULT_PSI)
    makers: dict[str, Callable[[], tuple[Floats, Ints]]] = {
        "surface": lambda: surfaces(_count(options, "m", 10_000)),
        "uniform": lambda: _uniform(
            _count(options, "m", 10_000), _count(options, "n", 3)
        ),
        "sklearn": lambda: _from_sklearn(head),
        "file": lambda: _from_file(Path(head)),
    }
    if family not in makers:
        raise InputError(
            f"a data set must be one of {', '.join(makers)}, got {specification!r}."
        )
    X, y = makers[family]()
    if options:
        raise InputError(f"{specification!r} has the unknown option {min(options)!r}.")
    return DataSet(X, y, psi)


def surfaces(m: int, seed: int = 0, noise: float = 0.05) -> tuple[Floats, Ints]:
    """Draw points on x1^2 + 0.01 x2 + x3^2 = 1 and x1^2 + x3^2 = 1.3, with noise."""
    [block] = surface_blocks(m, m, seed, noise)
    y = np.repeat([0, 1], m // 2)
    return _scaled(block), y


def surface_blocks(
    m: int, height: int, seed: int = 0, noise: float = 0.05
) -> Iterator[Floats]:
    """Draw the points of `surfaces`, unscaled, in blocks of at most ``height`` rows."""
    rng = np.random.default_rng(seed)
    for start in range(0, m, height):
        rows = min(height, m - start) // 2 * 2
        second = np.arange(rows) >= rows // 2
        x1, x2 = 0.99 * rng.uniform(size=rows), rng.uniform(size=rows)
        square = np.where(second, 1.3, 1 - 0.01 * x2) - x1**2
        X = np.column_stack([x1, x2, np.sqrt(np.maximum(square, 0.0))])
        yield X + rng.normal(0.0, noise, X.shape)


def _uniform(m: int, n: int) -> tuple[Floats, Ints]:
    X = np.random.default_rng(0).uniform(size=(m, n))
    # Two classes that a quadratic separates.
    y = (((X - 0.5) ** 2).sum(axis=1) > n / 12).astype(np.int64)
    return _scaled(X), y


def _from_sklearn(name: str) -> tuple[Floats, Ints]:
    from sklearn import datasets

    if name not in _SKLEARN:
        raise InputError(f"sklearn data must be one of {_SKLEARN}, got {name!r}.")
    bunch = getattr(datasets, f"load_{name}")()
    return _scaled(bunch.data), np.asarray(bunch.target, dtype=np.int64)


def _from_file(path: Path) -> tuple[Floats, Ints]:
    try:
        table = np.loadtxt(path, delimiter=",", ndmin=2)
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {str(path)!r}: {error}.") from error
    if table.shape[1] < 2 or not np.isfinite(table).all():
        raise InputError(
            f"{str(path)!r} must hold finite numbers in 2 or more columns."
        )
    return _scaled(table[:, :-1]), np.unique(table[:, -1], return_inverse=True)[1]


def _scaled(X: Floats) -> Floats:
    low, width = X.min(axis=0), np.ptp(X, axis=0)
    scaled: Floats = np.ascontiguousarray((X - low) / np.where(width > 0, width, 1.0))
    return scaled


def _options(text: str, specification: str) -> dict[str, float]:
    options = {}
    for part in filter(None, text.split(",")):
        name, equals, value = part.partition("=")
        try:
            options[name.strip()] = float(value)
        except ValueError as error:
            raise InputError(
                f"options of {specification!r} must be name=number, got {part!r}."
            ) from error
        if not equals:
            raise InputError(f"options of {specification!r} need '=', got {part!r}.")
    return options


def _count(options: dict[str, float], name: str, default: int) -> int:
    value = options.pop(name, default)
    whole = int(value) if float(value).is_integer() else value
    return as_count(name, whole, least=2)


def file_name(specification: str) -> str:
    """Return a file name for a specification."""
    kept: Mapping[str, str] = {":": "-", ",": "_", "/": "-"}
    return "".join(kept.get(letter, letter) for letter in specification)
