"""Convex terms as SCIP constraints t >= term(x), lifted so that cuts stay sparse.

    squares      r = Ax - y,  sum_i r_i^2 <= t
    ridge        x_j^2 <= s_j, one by one: SCIP finds x_j's switch and cuts with the
                 perspective of the square; or x_j^2 <= s_j z_k where it is known
    logistic     u = -y_i a_i x,  exp(-t_i) + exp(u - t_i) <= 1
    exponential  u = a_i x,  exp(u) <= t_i

Every method adds variables and constraints and returns what the objective must add.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from boundwise.core.tolerances import OBJ_TOL
from boundwise.solvers.convex.objectives.checks import Floats, Matrix


class Terms:
    """Add convex terms to a SCIP model.

    Parameters
    ----------
    model
        A ``pyscipopt.Model`` in problem stage.
    variables
        Its variables, in the order of x.
    """

    def __init__(self, model: Any, variables: Sequence[Any]) -> None:
        self._model = model
        self._x = variables
        self._n_added = 0

    def linear(self, c: Floats) -> list[Any]:
        """Return c'x."""
        return [float(c[j]) * self._x[j] for j in np.flatnonzero(c).tolist()]

    def squares(self, A: Matrix, y: Floats, *, lift: bool = True) -> list[Any]:
        """Return t with ||Ax - y||^2 <= t."""
        from pyscipopt import quicksum

        rows = csr_array(A)
        if not rows.nnz:
            return [float(y @ y)]
        residuals = [
            self._copy(self._row(rows, i), float(y[i]))
            if lift
            else self._row(rows, i) - float(y[i])
            for i in range(rows.shape[0])
        ]
        t = self._new(lower=0.0)
        self._model.addCons(quicksum(r * r for r in residuals) <= t)
        return [t]

    def weighted_squares(
        self, weights: Floats, switches: Mapping[int, int] | None = None
    ) -> list[Any]:
        """Return terms s with sum_j weights_j x_j^2 <= sum s.

        Parameters
        ----------
        weights
            The weights, not negative.
        switches
            Binaries z_k = 0 that force x_j = 0, by j: x_j^2 <= s_j z_k then.
        """
        terms = []
        switched = switches or {}
        for j in np.flatnonzero(weights).tolist():
            s = self._new(lower=0.0)
            x = self._x[j]
            side = s * self._x[switched[j]] if j in switched else s
            self._model.addCons(x * x <= side)
            terms.append(float(weights[j]) * s)
        return terms

    def sum_of_squares(self, weights: Floats) -> list[Any]:
        """Return t with sum_j weights_j x_j^2 <= t, as one constraint."""
        from pyscipopt import quicksum

        places = np.flatnonzero(weights).tolist()
        if not places:
            return []
        t = self._new(lower=0.0)
        self._model.addCons(
            quicksum(float(weights[j]) * self._x[j] * self._x[j] for j in places) <= t
        )
        return [t]

    def logistic(self, A: Matrix, labels: Floats, weight: float) -> list[Any]:
        """Return terms t with weight sum_i log(1 + exp(-labels_i a_i x)) <= sum t."""
        from pyscipopt import exp

        rows = (
            csr_array(-labels[:, None] * A)
            if not isinstance(A, csr_array)
            else (csr_array(A.multiply(-labels[:, None])))
        )
        terms = []
        for i in range(rows.shape[0]):
            u, t = self._copy(self._row(rows, i), 0.0), self._new(lower=0.0)
            self._model.addCons(exp(-t) + exp(u - t) <= 1.0)
            terms.append(weight * t)
        return terms

    def exponentials(self, A: Matrix, weight: float) -> list[Any]:
        """Return terms t with weight sum_i exp(a_i x) <= sum t."""
        from pyscipopt import exp

        rows = csr_array(A)
        terms = []
        for i in range(rows.shape[0]):
            u, t = self._copy(self._row(rows, i), 0.0), self._new(lower=0.0)
            self._model.addCons(exp(u) <= t)
            terms.append(weight * t)
        return terms

    def _row(self, rows: csr_array, i: int) -> Any:
        from pyscipopt import quicksum

        begin, end = rows.indptr[i], rows.indptr[i + 1]
        return quicksum(
            float(a) * self._x[j]
            for j, a in zip(rows.indices[begin:end], rows.data[begin:end], strict=True)
            if a != 0.0
        )

    def _copy(self, expression: Any, shift: float) -> Any:
        """Return a new variable equal to the expression less the shift."""
        made = self._new(lower=None)
        self._model.addCons(expression - made == shift)
        return made

    def _new(self, lower: float | None) -> Any:
        self._n_added += 1
        return self._model.addVar(name=f"lifted{self._n_added}", lb=lower, ub=None)


def factor(Q: Floats) -> Floats:
    """Return F with F'F = Q/2, of as many rows as Q has positive eigenvalues."""
    values, vectors = np.linalg.eigh(0.5 * Q)
    kept = values > OBJ_TOL * max(float(values[-1]), 0.0)
    factored: Floats = (vectors[:, kept] * np.sqrt(values[kept])).T
    return factored
