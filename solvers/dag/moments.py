"""Second moments of the data: all that a linear score needs to know of them.

    S = Xc' Xc / n,   Xc = X - mean(X),

and, where a column is all but determined by the others, the triangular factor of Xc
itself: a factor of S would lose twice the digits. The data are never modified.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import lapack, qr

from boundwise.core.arguments import as_count
from boundwise.core.errors import InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: Variance inflation above which the triangular factor is taken from the data.
QR_INFLATION = 1e7
#: Variance inflation above which a column counts as a combination of the others: seen
#: through the covariance alone, and through the data.
SINGULAR_COVARIANCE = 1e11
SINGULAR_DATA = 1e22
#: Standard deviation, relative to the mean, below which a column is constant.
_CONSTANT = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Hold the centred second moments of n rows and d columns.

    Make one by `of_data` or `of_covariance`, which validate.

    Parameters
    ----------
    S
        Covariance about the mean, divided by n; rows of constant columns are zero.
    n
        Number of rows.
    inflation
        Variance inflation S_jj (S^-1)_jj of each column given all others; infinite
        for every column if S is singular.
    root
        Upper triangular R with R'R = S from a QR factorisation of the data, if
        the inflation calls for it and the data are known.
    data
        The data as given (not centred), or None.
    """

    S: Floats
    n: int
    inflation: Floats
    root: Floats | None = None
    data: Floats | None = None

    @classmethod
    def of_data(cls, X: npt.ArrayLike) -> "Moments":
        """Compute the moments of the rows of X.

        Parameters
        ----------
        X
            Real matrix, at least two rows and one column; not modified.

        Raises
        ------
        InputError
            If X has another shape, holds NaN or infinite entries, or overflows.
        """
        data = _matrix("X", X)
        n, d = data.shape
        if n < 2:
            raise InputError(f"X must have at least 2 rows (samples), got {n}.")
        with np.errstate(over="ignore", invalid="ignore"):
            mean = data.mean(axis=0)
            centred = data - mean
            constant = np.sqrt((centred**2).mean(axis=0)) <= _CONSTANT * np.abs(mean)
            centred[:, constant] = 0.0
            S = centred.T @ centred / n
        if not np.isfinite(S).all():
            raise InputError("X is too large: its variances overflow.")
        inflation = _inflation(S) if n > d else np.full(d, math.inf)
        root = None
        if n > d and inflation.max() > QR_INFLATION:
            root = qr(centred / math.sqrt(n), mode="r", check_finite=False)[0][:d]
            inflation = _inflation_of_root(root)
        return cls(_frozen(S), n, inflation, root, data)

    @classmethod
    def of_covariance(cls, S: npt.ArrayLike, n: int) -> "Moments":
        """Take the moments from a covariance matrix of n rows.

        Parameters
        ----------
        S
            Symmetric positive semidefinite matrix; not modified.
        n
            Number of rows it was computed from.

        Raises
        ------
        InputError
            If S is not a covariance matrix or n not an integer of at least 2.
        """
        S = _matrix("S", S)
        d = len(S)
        if S.shape != (d, d):
            raise InputError(f"S must be square, got shape {S.shape}.")
        n = as_count("n", n, least=2)
        size = float(np.abs(S).max())
        if np.abs(S - S.T).max() > 1e-8 * size:
            raise InputError("S must be symmetric.")
        S = 0.5 * (S + S.T)
        scale = np.sqrt(np.maximum(np.diag(S), 0.0))
        S[:, scale == 0.0] = 0.0
        S[scale == 0.0] = 0.0
        inverse = np.where(scale > 0.0, 1.0 / np.where(scale > 0.0, scale, 1.0), 0.0)
        smallest = float(np.linalg.eigvalsh(inverse[:, None] * S * inverse).min())
        if smallest < -1e-8 or (size > 0.0 and not scale.any()):
            raise InputError("S must be positive semidefinite.")
        inflation = _inflation(S) if n > d else np.full(d, math.inf)
        return cls(_frozen(S), n, inflation)

    @property
    def d(self) -> int:
        """Number of columns."""
        return len(self.S)

    @property
    def constant(self) -> npt.NDArray[np.intp]:
        """Columns that do not vary."""
        return np.flatnonzero(np.diag(self.S) == 0.0)

    @property
    def singular(self) -> npt.NDArray[np.intp]:
        """Columns that are, to working precision, combinations of the others."""
        limit = SINGULAR_COVARIANCE if self.root is None else SINGULAR_DATA
        return np.flatnonzero(self.inflation > limit)

    def centred(self) -> Floats:
        """Return a centred copy of the data.

        Raises
        ------
        InputError
            If only the covariance is known.
        """
        if self.data is None:
            raise InputError("this needs the data X, not only their covariance.")
        centred: Floats = self.data - self.data.mean(axis=0)
        return centred

    def require_varying(self, why: str) -> None:
        """Raise InputError if a column is constant."""
        if len(self.constant):
            raise InputError(
                f"column {int(self.constant[0])} of X is constant: {why} Remove it."
            )

    def require_regular(self, why: str) -> None:
        """Raise InputError if some columns determine another one.

        Parameters
        ----------
        why
            A sentence that says what goes wrong.

        Raises
        ------
        InputError
            If n <= d, a column is constant or the columns are collinear.
        """
        self.require_varying(why)
        if self.n <= self.d:
            raise InputError(
                f"X has n={self.n} rows for d={self.d} columns: {why} "
                "Use an l1 penalty (score='l1', lam > 0) or more rows (n > d)."
            )
        if len(self.singular):
            exact = "" if self.data is not None else "to the precision of a covariance "
            raise InputError(
                f"column {int(self.singular[0])} of X is {exact}a linear combination "
                f"of other columns: {why} Remove it or use score='l1'."
            )


def _matrix(name: str, value: npt.ArrayLike) -> Floats:
    array = np.asarray(value)
    if np.iscomplexobj(array):
        raise InputError(f"{name} must be real, got complex data not supported.")
    try:
        matrix = np.array(array, dtype=np.float64, order="C")
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} must be a matrix of numbers: {error}.") from error
    if matrix.ndim != 2:
        raise InputError(f"{name} must have 2 dimensions, got {matrix.ndim}.")
    if 0 in matrix.shape:
        raise InputError(f"{name} must not be empty, got shape {matrix.shape}.")
    if not np.isfinite(matrix).all():
        row, column = np.argwhere(~np.isfinite(matrix))[0]
        raise InputError(
            f"{name} must be finite, got {matrix[row, column]} in row {row}, "
            f"column {column}."
        )
    return matrix


def _frozen(S: Floats) -> Floats:
    S = np.ascontiguousarray(0.5 * (S + S.T))
    S.flags.writeable = False
    return S


def _inflation(S: Floats) -> Floats:
    """Return S_jj (S^-1)_jj, by a factor of the correlation matrix."""
    scale = np.sqrt(np.diag(S))
    if not scale.all():
        return np.full(len(S), math.inf)
    try:
        L = np.linalg.cholesky(S / np.outer(scale, scale))
    except np.linalg.LinAlgError:
        return np.full(len(S), math.inf)
    inverse, failed = lapack.dtrtri(L, lower=1)
    if failed:
        return np.full(len(S), math.inf)
    return _row_norms(np.tril(inverse).T)


def _inflation_of_root(root: Floats) -> Floats:
    scale = np.linalg.norm(root, axis=0)
    if not scale.all() or not np.diag(root).all():
        return np.full(len(root), math.inf)
    inverse, _ = lapack.dtrtri(root / scale, lower=0)
    return _row_norms(np.triu(inverse))


def _row_norms(matrix: Floats) -> Floats:
    with np.errstate(over="ignore"):
        norms: Floats = np.einsum("ij,ij->i", matrix, matrix)
    return norms
