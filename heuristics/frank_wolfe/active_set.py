"""An iterate as a convex combination of atoms: x = sum_i w_i a_i, w >= 0, sum w = 1.

Steps change weights: towards a vertex (all weights shrink), away from an atom (all
others grow), from one atom to another (two change). The iterate is updated along and
recomputed from the atoms by `renormalise`, which also removes rounding errors of the
weights. Equal atoms are one atom.
"""

import numpy as np

from boundwise.core.errors import InputError
from boundwise.core.tolerances import INT_TOL
from boundwise.heuristics.frank_wolfe.protocols import Bools, Floats, Indices
from boundwise.heuristics.frank_wolfe.rows import Rows, as_points, rows_within, sides

#: A weight at or below this is rounding noise.
WEIGHT_TOL = 1e-12


class ActiveSet:
    """Hold atoms, their weights and the point they make.

    Parameters
    ----------
    atoms
        Points, shape (k, n), k >= 1; copied, equal ones merged.
    weights
        Non-negative, shape (k,), not all zero; scaled to sum to one.

    Raises
    ------
    InputError
        If shapes do not match, or weights are negative, not finite or all zero.

    Examples
    --------
    >>> import numpy as np
    >>> active = ActiveSet(np.eye(2), np.array([1.0, 3.0]))
    >>> active.x
    array([0.25, 0.75])
    """

    def __init__(self, atoms: object, weights: object) -> None:
        points = as_points("atoms", atoms)
        try:
            shares = np.array(weights, dtype=np.float64)
        except (TypeError, ValueError):
            raise InputError(f"weights must be a vector, got {weights!r}.") from None
        if shares.shape != (len(points),) or not len(points):
            raise InputError(
                f"weights must have one entry an atom, got shape {shares.shape} for "
                f"{len(points)} atoms."
            )
        if not np.isfinite(shares).all() or shares.min() < 0 or not shares.sum() > 0:
            raise InputError("weights must be finite, not negative and not all zero.")
        self._rows = Rows(points.shape[1])
        self._weights = np.zeros(8)
        self._keys = np.zeros(8, dtype=np.intp)
        self._next_key = 0
        self.x: Floats = np.empty(points.shape[1])
        for point, share in zip(points, shares, strict=True):
            if share > 0:
                # Appending may replace the array of weights.
                row = self._append(point)
                self._weights[row] += share
        self.renormalise()

    @classmethod
    def from_vertex(cls, vertex: Floats) -> "ActiveSet":
        """Return the active set of one atom."""
        return cls(np.asarray(vertex)[None, :], np.ones(1))

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def atoms(self) -> Floats:
        """View of the atoms, shape (k, n); valid until the next change."""
        return self._rows.points

    @property
    def weights(self) -> Floats:
        """View of the weights, shape (k,); valid until the next change."""
        return self._weights[: len(self._rows)]

    @property
    def keys(self) -> Indices:
        """View of numbers that name the atoms; none is used twice by one set."""
        return self._keys[: len(self._rows)]

    def copy(self) -> "ActiveSet":
        """Return an independent copy."""
        return ActiveSet(self.atoms, self.weights)

    def find(self, point: Floats) -> int:
        """Return the row of an equal atom, or -1."""
        return self._rows.find(point)

    def extremes(self, direction: Floats) -> tuple[int, int, float, float]:
        """Return the atoms of largest and smallest <direction, a>, and the values."""
        return self._rows.extremes(direction)

    def drop_idle(self) -> list[Floats]:
        """Drop every atom without weight and return them."""
        return self._drop_if_idle(True)

    def replace(self, point: Floats) -> None:
        """Become the one atom ``point``."""
        self._rows.count = 0
        self._weights[self._append(point)] = 1.0
        self.x = point.copy()

    def add(self, vertex: Floats) -> int:
        """Return the row of a vertex, which joins with weight zero if it is new."""
        return self._append(vertex)

    def step_towards(self, vertex: Floats, step: float) -> list[Floats]:
        """Move the share ``step`` of the way to a vertex; return the dropped atoms."""
        self.x = self.x + step * (vertex - self.x)
        row = self._append(vertex)
        self.weights[:] *= 1.0 - step
        self.weights[row] += step
        return self._drop_if_idle(step >= 1.0 - WEIGHT_TOL)

    def step_away(self, row: int, step: float) -> list[Floats]:
        """Move away from an atom, x + step * (x - atom); return the dropped atoms."""
        self.x = self.x + step * (self.x - self.atoms[row])
        self.weights[:] *= 1.0 + step
        self.weights[row] -= step
        return self._drop_if_idle(self.weights[row] <= WEIGHT_TOL)

    def shift(self, giver: int, taker: int, step: float) -> list[Floats]:
        """Move weight between two atoms; return the dropped atoms."""
        self.x = self._rows.moved(self.x, giver, taker, step)
        self._weights[taker] += step
        self._weights[giver] -= step
        return self._drop_if_idle(self._weights[giver] <= WEIGHT_TOL)

    def set_weights(self, weights: Floats) -> list[Floats]:
        """Give all atoms new weights; return the atoms dropped."""
        self.weights[:] = weights
        return self.renormalise()

    def renormalise(self) -> list[Floats]:
        """Drop idle atoms, scale the weights to sum to one, recompute the point."""
        dropped = self._drop_if_idle(True)
        self.weights[:] /= self.weights.sum()
        self.x = self.weights @ self.atoms
        return dropped

    def within(self, lower: Floats, upper: Floats) -> "ActiveSet | None":
        """Return the atoms that lie in a box, weights scaled; None if none does."""
        return self._kept(rows_within(self.atoms, lower, upper, INT_TOL))

    def split(
        self, variable: int, value: float
    ) -> tuple["ActiveSet | None", "ActiveSet | None"]:
        """Split at a fractional value of one coordinate, as branching does.

        Parameters
        ----------
        variable
            Coordinate.
        value
            Its fractional value.

        Returns
        -------
        tuple
            The atoms at or below floor(value), and those at or above ceil(value), with
            weights scaled; None for a side without atoms. Both sides have some if all
            atoms are integral there and ``value`` is the iterate's; atoms of a
            relaxation that lie strictly between are in neither.

        Raises
        ------
        InputError
            If ``variable`` is no coordinate, or ``value`` is integral.
        """
        if not 0 <= variable < self._rows.dimension:
            raise InputError(
                f"variable must be in 0..{self._rows.dimension - 1}, got {variable!r}."
            )
        below, above = sides(self.atoms[:, variable], value)
        return self._kept(below), self._kept(above)

    def _kept(self, mask: Bools) -> "ActiveSet | None":
        if not mask.any():
            return None
        return ActiveSet(self.atoms[mask], self.weights[mask])

    def _append(self, point: Floats) -> int:
        row = self._rows.find(point)
        if row >= 0:
            return row
        row = self._rows.append(point)
        if row == len(self._weights):
            self._weights = np.concatenate((self._weights, np.zeros(row)))
            self._keys = np.concatenate((self._keys, np.zeros(row, dtype=np.intp)))
        self._weights[row] = 0.0
        self._keys[row] = self._next_key
        self._next_key += 1
        return row

    def _drop_if_idle(self, is_due: bool | np.bool_) -> list[Floats]:
        """Drop every atom without weight, if there may be one."""
        dropped: list[Floats] = []
        if not is_due:
            return dropped
        for row in np.flatnonzero(self.weights <= WEIGHT_TOL)[::-1]:
            dropped.append(self.atoms[row].copy())
            last = len(self._rows) - 1
            self._weights[row] = self._weights[last]
            self._keys[row] = self._keys[last]
            self._rows.drop(row)
        return dropped
