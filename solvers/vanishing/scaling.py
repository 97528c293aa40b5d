"""Min-max scaling and feature order: how columns become the variables of monomials."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from boundwise.solvers.vanishing.terms import Ints

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scaling:
    """Map columns to variables: ``(X[:, columns[j]] - shift[j]) * factor[j]``.

    Parameters
    ----------
    columns
        Column of each variable: the order of the variables.
    shift, factor
        One number for each variable.
    """

    columns: Ints
    shift: Floats
    factor: Floats

    @classmethod
    def identity(cls, n_features: int) -> "Scaling":
        """Leave the columns as they are."""
        return cls(np.arange(n_features), np.zeros(n_features), np.ones(n_features))

    @classmethod
    def min_max(cls, low: Floats, high: Floats) -> "Scaling":
        """Map [low, high] to [0, 1]; a constant column to zero."""
        width = np.where(high > low, high - low, 1.0)
        return cls(np.arange(len(low)), low.astype(np.float64), 1.0 / width)

    def reordered(self, order: Ints) -> "Scaling":
        """Take the variables in another order."""
        return Scaling(self.columns[order], self.shift[order], self.factor[order])

    def arrays(self) -> tuple[Ints, Floats, Floats]:
        """Return columns, shift and factor, as the compiled kernels take them."""
        return self.columns, self.shift, self.factor


def variable_order(term_order: str, correlation: Floats) -> Ints:
    """Order the variables before the terms are ordered by degree and lexicographically.

    Parameters
    ----------
    term_order
        ``"deglex"`` keeps the columns; ``"pearson"`` sorts them by ascending sum of
        absolute correlations with all columns, ``"reverse_pearson"`` by descending.
    correlation
        Correlation matrix; rows of constant columns may hold NaN and count as zero.

    Returns
    -------
    ndarray
        Column of each variable.
    """
    if term_order == "deglex":
        return np.arange(len(correlation))
    relation = np.nan_to_num(np.abs(correlation), nan=0.0)
    np.fill_diagonal(relation, 1.0)
    # Rounded, so that equal sums keep the order of the columns.
    scores = np.round(relation.sum(axis=0), 12)
    return np.argsort(scores if term_order == "pearson" else -scores, kind="stable")
