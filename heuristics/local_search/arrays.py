"""The arrays that the kernels of local search read and change.

The objective is the last row: ``c x <= target``. So a move that lowers the objective
is a move that repairs a row, with a weight of its own, and needs no code of its own.
What belongs to one row or one variable lies side by side, in one line of the cache.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, vstack

from boundwise.core.tolerances import FEAS_TOL
from boundwise.heuristics.linear import LinearMip

#: Share of the tolerance that the search itself uses: its activities drift a little.
_STRICTER = 0.25

Records = NDArray[Any]

_ENTRY = np.dtype([("at", np.int32), ("coef", np.float64)], align=True)
_ROW = np.dtype(
    [
        ("lower", np.float64),
        ("upper", np.float64),
        ("tolerance", np.float64),  # violation that counts as none
        ("unit", np.float64),  # largest coefficient: what violations are measured in
        ("activity", np.float64),
        ("weight", np.float64),
        ("place", np.int32),  # position in the list of violated rows, or -1
    ],
    align=True,
)
_COLUMN = np.dtype(
    [
        ("x", np.float64),
        ("lower", np.float64),
        ("upper", np.float64),
        ("best", np.float64),  # value in the best solution
        ("cost", np.float64),
        ("no_up", np.int64),  # step until which it must not be raised
        ("no_down", np.int64),
        ("place", np.int32),  # position in the list of improvers, or -1
        ("integral", np.int32),
    ],
    align=True,
)
_OWN = np.dtype(
    [
        ("n_violated", np.int64),
        ("n_improvers", np.int64),
        ("step", np.int64),
        ("n_found", np.int64),
        ("improved_at", np.int64),
        ("random", np.uint64),
        ("best", np.float64),  # objective of the best solution
        ("grid", np.float64),  # all objectives are multiples of it; 0 if unknown
    ],
    align=True,
)
_BREAK = np.dtype([("time", np.float64), ("slope", np.float64)], align=True)


class Search(NamedTuple):
    """Hold a problem by rows and columns, and where the search stands.

    ``violated`` lists the violated rows, ``improvers`` the variables that can move
    towards a lower objective; the last row is the objective. ``own[0]`` holds the
    numbers that belong to the search as a whole, ``breaks`` is room for breakpoints.
    """

    row_start: NDArray[np.int32]
    row_entry: Records
    col_start: NDArray[np.int32]
    col_entry: Records
    row: Records
    col: Records
    violated: NDArray[np.int32]
    improvers: NDArray[np.int32]
    own: Records
    breaks: Records


Structure = tuple[NDArray[np.int32], Records, NDArray[np.int32], Records, Records]


def make_rows(mip: LinearMip) -> Structure:
    """Return a problem's rows, columns and sides, with the objective as last row.

    These are the first five fields of `Search`.
    """
    objective = csr_array(mip.objective[np.newaxis, :])
    rows = csr_array(vstack([mip.matrix, objective], format="csr"))
    columns = csc_array(rows)
    columns.sort_indices()
    return (
        rows.indptr.astype(np.int32),
        _entries(rows),
        columns.indptr.astype(np.int32),
        _entries(columns),
        _row_records(mip, rows),
    )


def make_search(mip: LinearMip, seed: int) -> Search:
    """Return the arrays of a search that has not begun: all variables are 0."""
    structure = make_rows(mip)
    longest = int(np.diff(structure[2]).max(initial=0))
    own = np.zeros(1, dtype=_OWN)
    # A xorshift generator that starts at zero would stay there.
    state = np.random.SeedSequence(seed).generate_state(1, np.uint64)
    own["random"] = state | np.uint64(1)
    own["best"] = np.inf
    own["grid"] = _grid(mip)
    return Search(
        *structure,
        col=_column_records(mip),
        violated=np.zeros(mip.n_rows + 1, dtype=np.int32),
        improvers=np.zeros(mip.n_variables, dtype=np.int32),
        own=own,
        breaks=np.zeros(2 * longest, dtype=_BREAK),
    )


def _entries(matrix: csr_array | csc_array) -> Records:
    entries = np.zeros(matrix.nnz, dtype=_ENTRY)
    entries["at"], entries["coef"] = matrix.indices, matrix.data
    return entries


def _row_records(mip: LinearMip, rows: csr_array) -> Records:
    row = np.zeros(mip.n_rows + 1, dtype=_ROW)
    row["lower"] = np.append(mip.row_lower, -np.inf)
    row["upper"] = np.append(mip.row_upper, np.inf)
    low, high = np.abs(row["lower"]), np.abs(row["upper"])
    sides = np.minimum(low, high)
    sides[np.isinf(sides)] = 0.0
    row["tolerance"] = _STRICTER * FEAS_TOL * np.maximum(1.0, sides)
    unit = np.asarray(abs(rows).max(axis=1).todense()).ravel()
    row["unit"] = np.where(unit > 0.0, unit, 1.0)
    row["weight"] = 1.0
    row["place"] = -1
    return row


def _column_records(mip: LinearMip) -> Records:
    col = np.zeros(mip.n_variables, dtype=_COLUMN)
    col["lower"], col["upper"] = mip.integral_bounds
    col["cost"] = mip.objective
    col["integral"] = mip.is_integer
    col["place"] = -1
    return col


def _grid(mip: LinearMip) -> float:
    """Return 1 if every solution has an integral objective, up to the offset."""
    used = mip.objective != 0.0
    costs = mip.objective[used]
    if not mip.is_integer[used].all() or (costs != np.round(costs)).any():
        return 0.0
    if not len(costs) or np.abs(costs).max() > 2.0**53:
        return 0.0
    return float(np.gcd.reduce(np.abs(costs).astype(np.int64)))
