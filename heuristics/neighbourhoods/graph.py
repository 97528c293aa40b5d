"""Walks on the graph of variables and the constraints that hold them."""

import numpy as np
from scipy import sparse

from boundwise.heuristics.protocols import IntVector


class ConstraintGraph:
    """Hold an incidence matrix by rows and by columns.

    The columns are computed once for each matrix.
    """

    def __init__(self) -> None:
        self._rows: sparse.csr_array | None = None
        self._columns: sparse.csc_array | None = None

    def columns(self, rows: sparse.csr_array) -> sparse.csc_array:
        """Return the incidence matrix by columns."""
        if self._rows is not rows or self._columns is None:
            self._rows = rows
            self._columns = rows.tocsc()
        return self._columns


def members(
    matrix: sparse.csr_array | sparse.csc_array, chosen: IntVector
) -> IntVector:
    """Return the entries of the chosen rows (or columns) one after the other."""
    indptr, indices = matrix.indptr, matrix.indices
    starts, counts = indptr[chosen], indptr[chosen + 1] - indptr[chosen]
    ends = np.cumsum(counts)
    if len(ends) == 0 or ends[-1] == 0:
        return np.empty(0, dtype=np.int64)
    positions = np.arange(ends[-1]) + np.repeat(starts - (ends - counts), counts)
    return np.asarray(indices[positions], dtype=np.int64)


def in_order_of_appearance(values: IntVector) -> IntVector:
    """Return the distinct values, those that appear first first."""
    distinct, first = np.unique(values, return_index=True)
    return distinct[np.argsort(first, kind="stable")]
