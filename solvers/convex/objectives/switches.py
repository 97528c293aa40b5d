"""Which variables a binary switches off: z_k = 0 forces x_j = 0 in every solution.

Found in the rows alone: with z_k = 0, a row bounds every other variable by what the
least activity of the rest leaves,

    a_j x_j <= upper - sum_{i != j} min a_i x_i,

and if that (with the variable's own bound) leaves only zero, (j, k) is a pair. Big-M
rows |x_j| <= M z_k are the plainest case, flow rows sum_j x_j <= u z_k another.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from boundwise.core.tolerances import FEAS_TOL
from boundwise.heuristics.frank_wolfe.protocols import Bools, Floats, Indices

#: Rows with more binaries than this are not looked at: no model switches like that.
_MAX_BINARIES = 8


@dataclass(frozen=True, slots=True)
class Switches:
    """Hold pairs of a variable and the binary that switches it off.

    Parameters
    ----------
    pairs
        Pairs (j, k), shape (p, 2); each variable at most once.
    bounds
        Largest |x_j| of each pair where the binary is 1.
    """

    pairs: Indices
    bounds: Floats

    @property
    def count(self) -> int:
        """Number of pairs."""
        return len(self.pairs)


NO_SWITCHES = Switches(np.zeros((0, 2), dtype=np.intp), np.zeros(0))


def find_switches(
    matrix: csr_array,
    row_lower: Floats,
    row_upper: Floats,
    lower: Floats,
    upper: Floats,
    is_integer: Bools,
) -> Switches:
    """Find the pairs in the rows of a mixed-integer set.

    Parameters
    ----------
    matrix, row_lower, row_upper
        Rows, sides infinite where absent.
    lower, upper, is_integer
        Bounds and types of the variables.

    Returns
    -------
    Switches
        What was found; a variable switched by several binaries is given to the first.
    """
    is_binary = is_integer & (lower >= 0.0) & (upper <= 1.0)
    # (j, k) -> what z_k = 0 leaves of [lower_j, upper_j].
    left: dict[tuple[int, int], tuple[float, float]] = {}
    for row in range(matrix.shape[0]):
        begin, end = matrix.indptr[row], matrix.indptr[row + 1]
        columns = matrix.indices[begin:end].astype(np.intp)
        values = matrix.data[begin:end]
        if not 1 <= np.count_nonzero(is_binary[columns]) <= _MAX_BINARIES:
            continue
        if np.isfinite(row_upper[row]):
            _propagate(columns, values, row_upper[row], lower, upper, is_binary, left)
        if np.isfinite(row_lower[row]):
            _propagate(columns, -values, -row_lower[row], lower, upper, is_binary, left)
    found: dict[int, int] = {}
    for (j, k), (low, high) in left.items():
        if low >= -FEAS_TOL and high <= FEAS_TOL and not is_integer[j]:
            found.setdefault(j, k)
    if not found:
        return NO_SWITCHES
    pairs = np.array(sorted(found.items()), dtype=np.intp)
    x = pairs[:, 0]
    return Switches(pairs, np.maximum(np.abs(lower[x]), np.abs(upper[x])))


def _propagate(
    columns: Indices,
    values: Floats,
    side: float,
    lower: Floats,
    upper: Floats,
    is_binary: Bools,
    left: dict[tuple[int, int], tuple[float, float]],
) -> None:
    """Bound the variables of one row ``values x <= side`` with each binary at 0."""
    least = np.minimum(values * lower[columns], values * upper[columns])
    for place in np.flatnonzero(is_binary[columns]):
        k = int(columns[place])
        others = np.arange(len(columns)) != place
        activity = least[others]
        total = float(activity.sum())
        for j, value, own in zip(
            columns[others], values[others], activity, strict=True
        ):
            if not np.isfinite(total) or value == 0.0:
                rest = _rest(activity, own)
            else:
                rest = total - own
            if value == 0.0 or not np.isfinite(rest):
                continue
            limit = (side - rest) / value
            low, high = left.get((int(j), k), (lower[j], upper[j]))
            if value > 0.0:
                high = min(high, limit)
            else:
                low = max(low, limit)
            left[int(j), k] = (float(low), float(high))


def _rest(activity: Floats, own: float) -> float:
    """Return the sum of the others, which only one's own infinity may spoil."""
    infinite = np.isinf(activity)
    if infinite.sum() == 1 and np.isinf(own):
        return float(activity[~infinite].sum())
    return float("nan")
