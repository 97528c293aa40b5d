"""One sweep over the rows: evaluate monomials in cache and add up their Gram matrix.

Rows are taken in chunks small enough that all monomials of a chunk stay in cache. A
chunk is held term by term, T[term, row], so a monomial costs one product of two
contiguous rows, T[term] = T[parent] * V[variable], and the Gram block is T_I T_B^T.

Few terms use a register-tiled product of 4 x 4 terms that skips the lower triangle;
many terms use BLAS.
"""

import numpy as np
import numpy.typing as npt
from scipy.linalg.blas import dgemm

from boundwise.heuristics.compiled import compiled

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Bytes of one chunk of terms: about the first-level and the second-level cache.
TILED_BYTES = 40_000
BLAS_BYTES = 750_000
#: From this many products per row, BLAS is faster than the tiles.
BLAS_PRODUCTS = 2_500


@compiled(reorder_sums=True)
def fill_terms(
    X: Floats,
    start: int,
    width: int,
    columns: Ints,
    shift: Floats,
    factor: Floats,
    parents: Ints,
    variables: Ints,
    V: Floats,
    T: Floats,
) -> None:
    """Evaluate the terms on rows start .. start+width; T[0] already holds ones."""
    # Indices instead of row views throughout: a view costs two atomic operations.
    for j in range(columns.shape[0]):
        column, low, scale = columns[j], shift[j], factor[j]
        for r in range(width):
            V[j, r] = (X[start + r, column] - low) * scale
    for i in range(1, parents.shape[0]):
        left, right = parents[i], variables[i]
        if left == 0:
            for r in range(width):
                T[i, r] = V[right, r]
        else:
            for r in range(width):
                T[i, r] = T[left, r] * V[right, r]


@compiled(reorder_sums=True)
def _tiled_products(
    T: Floats, first: int, rows: Ints, width: int, symmetric: bool, H: Floats
) -> None:
    """Add T[rows] T[first:]^T to H, both padded to multiples of four.

    The 16 sums of a tile stay in registers while the tile runs over the chunk.
    """
    for i in range(0, rows.shape[0], 4):
        i0, i1, i2, i3 = rows[i], rows[i + 1], rows[i + 2], rows[i + 3]
        for j in range(0, H.shape[1], 4):
            c = first + j
            if symmetric and c + 3 < i0:
                continue
            s00 = s01 = s02 = s03 = 0.0
            s10 = s11 = s12 = s13 = 0.0
            s20 = s21 = s22 = s23 = 0.0
            s30 = s31 = s32 = s33 = 0.0
            for r in range(width):
                x0, x1, x2, x3 = T[i0, r], T[i1, r], T[i2, r], T[i3, r]
                y0, y1, y2, y3 = T[c, r], T[c + 1, r], T[c + 2, r], T[c + 3, r]
                s00 += x0 * y0
                s01 += x0 * y1
                s02 += x0 * y2
                s03 += x0 * y3
                s10 += x1 * y0
                s11 += x1 * y1
                s12 += x1 * y2
                s13 += x1 * y3
                s20 += x2 * y0
                s21 += x2 * y1
                s22 += x2 * y2
                s23 += x2 * y3
                s30 += x3 * y0
                s31 += x3 * y1
                s32 += x3 * y2
                s33 += x3 * y3
            H[i, j] += s00
            H[i, j + 1] += s01
            H[i, j + 2] += s02
            H[i, j + 3] += s03
            H[i + 1, j] += s10
            H[i + 1, j + 1] += s11
            H[i + 1, j + 2] += s12
            H[i + 1, j + 3] += s13
            H[i + 2, j] += s20
            H[i + 2, j + 1] += s21
            H[i + 2, j + 2] += s22
            H[i + 2, j + 3] += s23
            H[i + 3, j] += s30
            H[i + 3, j + 1] += s31
            H[i + 3, j + 2] += s32
            H[i + 3, j + 3] += s33


@compiled(reorder_sums=True)
def _add_squares(T: Floats, first: int, width: int, squares: Floats) -> None:
    for j in range(squares.shape[0]):
        total = 0.0
        for r in range(width):
            total += T[first + j, r] * T[first + j, r]
        squares[j] += total


@compiled()
def _tiled_sweep(
    X: Floats,
    columns: Ints,
    shift: Floats,
    factor: Floats,
    parents: Ints,
    variables: Ints,
    first: int,
    rows: Ints,
    symmetric: bool,
    chunk: int,
    want_squares: bool,
    H: Floats,
    squares: Floats,
) -> None:
    T = np.zeros((first + H.shape[1], chunk))
    V = np.empty((columns.shape[0], chunk))
    T[0] = 1.0
    for start in range(0, X.shape[0], chunk):
        width = min(chunk, X.shape[0] - start)
        fill_terms(X, start, width, columns, shift, factor, parents, variables, V, T)
        _tiled_products(T, first, rows, width, symmetric, H)
        if want_squares:
            _add_squares(T, first, width, squares)


def _blas_sweep(
    X: Floats,
    scaling: tuple[Ints, Floats, Floats],
    parents: Ints,
    variables: Ints,
    first: int,
    rows: Ints,
    block: Ints,
    chunk: int,
    squares: Floats | None,
) -> tuple[Floats, Floats]:
    count = len(parents)
    T = np.empty((count, chunk))
    V = np.empty((len(scaling[0]), chunk))
    T[0] = 1.0
    contiguous = bool(rows[-1] - rows[0] == len(rows) - 1)
    H = np.zeros((len(rows), count - first), order="F")
    G = np.zeros((len(block), len(block)), order="F")
    for start in range(0, len(X), chunk):
        width = min(chunk, len(X) - start)
        if width < chunk:
            # BLAS wants whole chunks: the last one gets arrays of its own.
            T, V = np.empty((count, width)), np.empty((len(V), width))
            T[0] = 1.0
        fill_terms(X, start, width, *scaling, parents, variables, V, T)
        left = T[rows[0] : rows[-1] + 1] if contiguous else T[rows]
        H = dgemm(1.0, left.T, T[first:].T, 1.0, H, trans_a=True, overwrite_c=True)
        if len(block):
            left = T[block]
            G = dgemm(1.0, left.T, left.T, 1.0, G, trans_a=True, overwrite_c=True)
        if squares is not None:
            _add_squares(T, first, width, squares)
    return H, G


def gram_of_rows(
    X: Floats,
    scaling: tuple[Ints, Floats, Floats],
    parents: Ints,
    variables: Ints,
    first: int,
    rows: Ints,
    block: Ints,
    *,
    symmetric: bool,
    squares: bool,
    chunk_size: int | None,
) -> tuple[Floats, Floats, Floats]:
    """Add up inner products of monomials over the rows of one array.

    Parameters
    ----------
    X
        Rows, C-contiguous float64.
    scaling
        Column of each variable, shift and factor: variable j has the values
        ``(X[:, column[j]] - shift[j]) * factor[j]``.
    parents, variables
        Recipe of the terms: term i is term ``parents[i]`` times a variable; term 0
        is the constant one.
    first
        Index of the first right-hand term; all from there on are right-hand terms.
    rows
        Indices of the left-hand terms, ascending.
    block
        Indices of terms whose products with each other are wanted too; may be empty.
    symmetric
        ``rows`` ends with all right-hand terms; their block is symmetric.
    squares
        Also add up the squares of the right-hand terms.
    chunk_size
        Rows evaluated at a time, or None to let the cache decide.

    Returns
    -------
    tuple
        The inner products, left by right, the squares (zeros if not wanted) and the
        products of the block.
    """
    count = len(parents)
    width = count - first
    diagonal = np.zeros(width)
    if len(block) or len(rows) * width >= BLAS_PRODUCTS:
        chunk = chunk_size or max(256, BLAS_BYTES // (8 * (count + len(scaling[0]))))
        H, G = _blas_sweep(
            X,
            scaling,
            parents,
            variables,
            first,
            rows,
            block,
            min(chunk, max(1, len(X))),
            diagonal if squares else None,
        )
        return H, diagonal, G
    chunk = chunk_size or max(64, TILED_BYTES // (8 * (count + len(scaling[0]))))
    padded = np.zeros(-(-len(rows) // 4) * 4, dtype=np.int64)
    padded[: len(rows)] = rows
    H = np.zeros((len(padded), -(-width // 4) * 4))
    _tiled_sweep(
        X,
        *scaling,
        parents,
        variables,
        first,
        padded,
        symmetric,
        min(chunk, max(1, len(X))),
        squares,
        H,
        diagonal,
    )
    H = H[: len(rows), :width]
    if symmetric:
        offset = len(rows) - width
        lower = np.tril_indices(width, -1)
        H[offset + lower[0], lower[1]] = H[offset + lower[1], lower[0]]
    return H, diagonal, np.zeros((0, 0))
