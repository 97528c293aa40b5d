"""Data as an estimator sees them: bounds of columns, and Gram blocks after scaling."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from boundwise.solvers.vanishing.gram import GramSource, Layer, Plan
from boundwise.solvers.vanishing.local import LocalGram, column_bounds
from boundwise.solvers.vanishing.rows import RowSource
from boundwise.solvers.vanishing.scaling import Scaling

Floats = npt.NDArray[np.float64]


class Table(Protocol):
    """Rows somewhere, that can be summed over."""

    @property
    def n_features(self) -> int:
        """Number of columns."""
        ...

    def bounds(self) -> tuple[Floats, Floats, int]:
        """Return smallest and largest entry of each column, and the number of rows."""
        ...

    def gram_source(self, scaling: Scaling) -> GramSource:
        """Return what answers plans over the scaled rows."""
        ...


@dataclass(frozen=True, slots=True)
class LocalTable:
    """Sum over rows on this machine.

    Parameters
    ----------
    rows
        The rows.
    n_threads
        Number of blocks evaluated side by side.
    chunk_size
        Rows evaluated at a time; None lets the cache decide.
    """

    rows: RowSource
    n_threads: int = 1
    chunk_size: int | None = None

    @property
    def n_features(self) -> int:
        """Number of columns."""
        return self.rows.n_features

    def bounds(self) -> tuple[Floats, Floats, int]:
        """Return smallest and largest entry of each column, and the number of rows."""
        return column_bounds(self.rows)

    def gram_source(self, scaling: Scaling) -> GramSource:
        """Return what answers plans over the scaled rows."""
        return LocalGram(
            self.rows,
            scaling,
            n_threads=self.n_threads,
            chunk_size=self.chunk_size,
        )


def correlation(source: GramSource) -> Floats:
    """Return the correlation matrix of the variables; NaN where one is constant."""
    n = source.n_variables
    variables = np.arange(n)
    layer = Layer(variables[:, None], np.zeros(n, dtype=np.int64), variables)
    gram = source.gram(Plan((layer,), np.arange(1 + n), symmetric=True))
    mean = gram.products[0] / gram.n_rows
    covariance = gram.products[1:] / gram.n_rows - np.outer(mean, mean)
    # Variances below rounding noise belong to constant columns.
    variance = covariance.diagonal().copy()
    noise = 1e-14 * (gram.products[1:].diagonal() / gram.n_rows)
    variance[variance <= noise] = np.nan
    deviation = np.sqrt(variance)
    matrix: Floats = covariance / np.outer(deviation, deviation)
    return matrix
