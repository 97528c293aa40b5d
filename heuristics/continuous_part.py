"""The continuous part of a problem: the best values once the integers are fixed.

    minimise  c_C y   subject to   l - A_I z <= A_C y <= u - A_I z,   bounds of y,

where z are the integers. One LP is kept; only its sides change from one z to the next,
so that the dual simplex method goes on from the last basis.
"""

from itertools import pairwise
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.protocols import FloatVector

#: Feasibility tolerance of the LP: well inside what is allowed.
_LP_TOL = 1e-9
#: Most simplex iterations of one solve: so many times rows and columns, and so many
#: nonzeros looked at. A solve holds the interpreter, and must not do so for long.
_ITERATIONS, _MOST = 20, 2e9


class ContinuousPart:
    """Complete points of a problem by an LP.

    Parameters
    ----------
    mip
        The problem.

    Attributes
    ----------
    effort
        What all solves have cost: nonzeros times simplex iterations.
    """

    def __init__(self, mip: LinearMip) -> None:
        self._mip = mip
        self._matrix = mip.matrix
        self._lp: Any = None
        self._lp_rows = np.zeros(0, dtype=np.int64)
        self._unit = 1
        self.effort = 0

    def complete(self, x: FloatVector, seconds: float) -> FloatVector | None:
        """Return the best solution that has the integers of a point.

        Parameters
        ----------
        x
            The point, shape (n,); its integers are rounded.
        seconds
            Most seconds for the LP; ``inf`` for no limit.

        Returns
        -------
        ndarray or None
            None if the LP found none.
        """
        mip = self._mip
        point = np.where(mip.is_integer, np.round(x), x)
        if not len(mip.continuous):
            return point if mip.is_feasible(point) else None
        if seconds <= 0.0:
            return None
        if self._lp is None:
            self._build()
        values = self._solve(np.where(mip.is_integer, point, 0.0), seconds)
        if values is None:
            return None
        point[mip.continuous] = np.clip(
            values, mip.lower[mip.continuous], mip.upper[mip.continuous]
        )
        return point if mip.is_feasible(point) else None

    def _build(self) -> None:
        from pyscipopt import LP, SCIP_LPPARAM

        mip = self._mip
        part = csr_array(mip.matrix[:, mip.continuous])
        self._lp_rows = np.flatnonzero(np.diff(part.indptr) > 0)
        part = csr_array(part[self._lp_rows])
        lp = LP()
        lp.setRealParam(SCIP_LPPARAM.FEASTOL, _LP_TOL)
        size = sum(part.shape)
        unit = int(part.nnz) + size
        iterations = min(_ITERATIONS * size, int(_MOST / unit)) + 1000
        lp.setIntParam(SCIP_LPPARAM.LPITLIM, iterations)
        lower, upper = mip.lower[mip.continuous], mip.upper[mip.continuous]
        lp.addCols(
            [[] for _ in mip.continuous],
            mip.objective[mip.continuous].tolist(),
            self._finite(lp, lower),
            self._finite(lp, upper),
        )
        starts, columns = part.indptr.tolist(), part.indices.tolist()
        values = part.data.tolist()
        entries = [
            list(zip(columns[a:b], values[a:b], strict=True))
            for a, b in pairwise(starts)
        ]
        infinity = lp.infinity()
        m = len(self._lp_rows)
        lp.addRows(entries, [-infinity] * m, [infinity] * m)
        self._lp, self._unit = lp, unit

    def _solve(self, fixed: FloatVector, seconds: float) -> list[float] | None:
        from pyscipopt import SCIP_LPPARAM

        mip, lp = self._mip, self._lp
        shift = mip.activity(fixed)[self._lp_rows]
        lower = self._finite(lp, mip.row_lower[self._lp_rows] - shift)
        upper = self._finite(lp, mip.row_upper[self._lp_rows] - shift)
        for i, sides in enumerate(zip(lower, upper, strict=True)):
            lp.chgSide(i, *sides)
        if np.isfinite(seconds):
            lp.setRealParam(SCIP_LPPARAM.LPTILIM, seconds)
        lp.solve()
        self.effort += self._unit * (1 + lp.getNIterations())
        if not lp.isOptimal():
            return None
        values: list[float] = lp.getPrimal()
        return values

    @staticmethod
    def _finite(lp: Any, values: FloatVector) -> list[float]:
        clipped: list[float] = np.clip(values, -lp.infinity(), lp.infinity()).tolist()
        return clipped
