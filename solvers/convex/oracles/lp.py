"""The linear relaxation of a program as a feasible set: warm-started simplex.

    min <d, x>   subject to   row_lower <= A x <= row_upper,  lower <= x <= upper

A call changes the objective and the bounds that differ and goes on from the last
basis, so it costs a few pivots where the integer points would cost a search. The
vertices may be fractional, and the bound is that of the relaxation.

The bound does not rely on the tolerances of the simplex: for any multipliers y, with
reduced costs r = d - A'y,

    <d, x>  >=  sum_i y_i (row_lower_i if y_i > 0 else row_upper_i)
                + sum_j r_j (lower_j if r_j > 0 else upper_j),

which is evaluated as written (Neumaier, Shcherbina, 2004,
doi:10.1007/s10107-003-0433-3; without directed rounding).
"""

import math
from typing import Any

import numpy as np

from boundwise.core.errors import InputError
from boundwise.core.tolerances import FEAS_TOL
from boundwise.heuristics.frank_wolfe.protocols import Floats, Indices, OracleAnswer
from boundwise.instances.instance import Instance
from boundwise.solvers.convex.oracles.scaling import scale_of

#: Reduced costs up to this are taken as zero where the bound that they ask for is
#: infinite: rows keep such a variable finite, and its exact price is zero.
_NOISE = 1e-7
#: Feasibility tolerances of the simplex.
_TOLERANCE = 1e-9


class LinearRelaxation:
    """Hold the linear relaxation of an instance.

    Parameters
    ----------
    instance
        The program; its objective and integrality are ignored.

    Raises
    ------
    InputError
        If ``instance`` is no `Instance`.
    """

    def __init__(self, instance: Instance) -> None:
        if not isinstance(instance, Instance):
            raise InputError(
                f"instance must be an Instance, got {type(instance).__name__}."
            )
        self.instance = instance
        self._matrix = instance.matrix
        self._transposed = instance.matrix.T.tocsr()
        self._row_lower, self._row_upper = instance.row_lower, instance.row_upper
        self._lower, self._upper = np.array(instance.lower), np.array(instance.upper)
        self._none = np.empty(0, dtype=np.intp)
        self._box = (self._lower.copy(), self._upper.copy())
        self._lp = self._build()

    @property
    def lower(self) -> Floats:
        """Lower bounds of the variables, perhaps infinite."""
        return self._lower

    @property
    def upper(self) -> Floats:
        """Upper bounds of the variables, perhaps infinite."""
        return self._upper

    @property
    def integers(self) -> Indices:
        """No variable of a relaxation is integer."""
        return self._none

    def extreme_point(
        self, direction: Floats, lower: Floats, upper: Floats
    ) -> Floats | None:
        """Return a minimiser over the relaxation within a box, None if it is empty."""
        return self.minimize_between(direction, lower, upper).vertex

    def minimize_between(
        self,
        direction: Floats,
        lower: Floats,
        upper: Floats,
        *,
        target: float = -math.inf,
        start: Floats | None = None,
    ) -> OracleAnswer:
        """Minimise over the relaxation within a box; see `Oracle.minimize`.

        Raises
        ------
        InputError
            If the direction is unbounded over the relaxation.
        """
        scale = scale_of(direction)
        direction = direction / scale
        if not self._solve(direction, lower, upper):
            return OracleAnswer(None, math.inf)
        vertex = np.clip(np.array(self._lp.getPrimal()), lower, upper)
        bound, _ = self._safe_bound(direction, lower, upper)
        return OracleAnswer(vertex, bound * scale)

    def reduced_costs(
        self, direction: Floats, lower: Floats, upper: Floats
    ) -> tuple[float, Floats]:
        """Return a proven bound z and r with <direction, x> >= z + |r_j| * shift_j.

        The shift of x_j is its distance from the bound that r_j prefers: the lower one
        if r_j > 0, else the upper one. An empty relaxation has z = inf.
        """
        scale = scale_of(direction)
        direction = direction / scale
        if not self._solve(direction, lower, upper):
            return math.inf, np.zeros_like(direction)
        bound, reduced = self._safe_bound(direction, lower, upper)
        return bound * scale, reduced * scale

    def contains(self, x: Floats) -> bool:
        """Tell whether a point satisfies rows and bounds within 1e-6, scaled."""
        activity = self._matrix @ x
        scale = FEAS_TOL * np.maximum(1.0, abs(self._matrix) @ np.abs(x))
        rows = (activity >= self._row_lower - scale) & (
            activity <= self._row_upper + scale
        )
        slack = FEAS_TOL * np.maximum(1.0, np.abs(x))
        columns = (x >= self._lower - slack) & (x <= self._upper + slack)
        return bool(rows.all() and columns.all())

    def _build(self) -> Any:
        from pyscipopt import LP, SCIP_LPPARAM

        lp = LP(sense="minimize")
        lp.setRealParam(SCIP_LPPARAM.FEASTOL, _TOLERANCE)
        lp.setRealParam(SCIP_LPPARAM.DUALFEASTOL, _TOLERANCE)
        n, m = self.instance.n_variables, self.instance.n_rows
        lp.addCols(
            [[] for _ in range(n)],
            objs=[0.0] * n,
            lbs=_lp_numbers(lp, self._lower),
            ubs=_lp_numbers(lp, self._upper),
        )
        matrix = self._matrix
        rows = [
            list(
                zip(
                    matrix.indices[start:end].tolist(),
                    matrix.data[start:end].tolist(),
                    strict=True,
                )
            )
            for start, end in zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True)
        ]
        if m:
            lp.addRows(
                rows,
                lhss=_lp_numbers(lp, self._row_lower),
                rhss=_lp_numbers(lp, self._row_upper),
            )
        return lp

    def _solve(self, direction: Floats, lower: Floats, upper: Floats) -> bool:
        """Solve for a direction; return whether the relaxation has a point."""
        lp = self._lp
        old_lower, old_upper = self._box
        changed = np.flatnonzero((lower != old_lower) | (upper != old_upper))
        if len(changed):
            lows, ups = _lp_numbers(lp, lower), _lp_numbers(lp, upper)
            for j in changed.tolist():
                lp.chgBound(j, lows[j], ups[j])
            self._box = (np.array(lower), np.array(upper))
        for j, value in enumerate(direction.tolist()):
            lp.chgObj(j, value)
        # After new bounds the old basis is dual feasible, else primal feasible.
        lp.solve(dual=bool(len(changed)))
        if lp.isOptimal():
            return True
        # The objective of an infeasible problem is +infinity, of an unbounded one -.
        if not lp.isPrimalFeasible() and self._is_empty():
            return False
        raise InputError(
            "feasible_set must be bounded, but a linear objective over its relaxation "
            "is not."
        )

    def _is_empty(self) -> bool:
        """Solve without objective, so that unbounded and infeasible are told apart."""
        for j in range(self.instance.n_variables):
            self._lp.chgObj(j, 0.0)
        self._lp.solve()
        return not self._lp.isOptimal()

    def _safe_bound(
        self, direction: Floats, lower: Floats, upper: Floats
    ) -> tuple[float, Floats]:
        multipliers = np.array(self._lp.getDual(), dtype=np.float64)
        # The simplex may leave a multiplier on a side that does not exist, within its
        # tolerance. Any multipliers give a bound, so that one is set to zero.
        sides = np.where(multipliers > 0.0, self._row_lower, self._row_upper)
        multipliers[np.isinf(sides)] = 0.0
        reduced = direction - self._transposed @ multipliers
        rows = float(multipliers @ np.where(multipliers == 0.0, 0.0, sides))
        return rows + _support(reduced, lower, upper), reduced


def _support(reduced: Floats, lower: Floats, upper: Floats) -> float:
    """Return sum_j r_j (lower_j if r_j > 0 else upper_j).

    Noise on an infinite bound is dropped; a real price on it makes the sum -inf.
    """
    sides = np.where(reduced > 0.0, lower, upper)
    endless = np.isinf(sides)
    if (np.abs(reduced[endless]) > _NOISE).any():
        return -math.inf
    return float(reduced @ np.where(endless, 0.0, sides))


def _lp_numbers(lp: Any, values: Floats) -> list[float]:
    top = lp.infinity()
    return np.clip(values, -top, top).tolist()  # type: ignore[no-any-return]
