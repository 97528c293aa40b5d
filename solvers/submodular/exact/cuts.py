"""Nemhauser-Wolsey cuts: a constraint handler that makes eta the value of a set.

    max eta,   sum_j x_j <= k,   x binary,
    eta <= f(S) + sum_{j not in S} f(j | S) x_j      for every set S

describes the maximization of any monotone submodular f (Nemhauser & Wolsey 1981,
doi:10.1016/S0304-0208(08)73471-8). Violated cuts are found at S = the support of an
integer point, and at the prefixes of the order of decreasing x for a fractional one.

The cuts are not constraints of the model, so SCIP's symmetry detection does not see
them and would call different elements alike: it must be off. For the same reason the
handler declares its locks: eta must not grow, x must not move, without asking.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from pyscipopt import SCIP_RESULT, Conshdlr, Model

from boundwise.core.tolerances import FEAS_TOL

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Longest fractional order whose prefixes are tried, as a multiple of k.
_PREFIXES = 2
#: Least relative violation of a cut at a fractional point.
_WORTHWHILE = 1e-4


class SetOracle(Protocol):
    """What the cuts need of an objective."""

    def along(self, order: Ints) -> tuple[Floats, Floats]:
        """Return values and gains along the prefixes of an order.

        Parameters
        ----------
        order
            Distinct elements, shape (m,).

        Returns
        -------
        tuple
            Values of the m + 1 prefixes, and the gains of all n elements over each,
            shape (m + 1, n).
        """
        ...

    def value(self, elements: Sequence[int]) -> float:
        """Return the value of a set."""
        ...


def prefix_cuts(oracle: SetOracle, order: Ints) -> tuple[Floats, Floats]:
    """Return right-hand sides and coefficients of the cuts of an order's prefixes.

    Returns
    -------
    tuple
        Constants of shape (m + 1,) and coefficients of shape (m + 1, n); the elements
        of a prefix have coefficient 0 in its cut.
    """
    values, gains = oracle.along(order)
    coefficients = np.maximum(gains, 0.0)
    for length in range(1, len(order) + 1):
        coefficients[length:, order[length - 1]] = 0.0
    return values, coefficients


class NemhauserWolsey(Conshdlr):  # type: ignore[misc]
    """Enforce eta <= f(support of x).

    Parameters
    ----------
    oracle
        The objective.
    eta
        Variable of the value.
    x
        Binary variable of each element.
    k
        Largest number of elements.
    """

    def __init__(self, oracle: SetOracle, eta: Any, x: list[Any], k: int) -> None:
        self._oracle = oracle
        self._eta = eta
        self._x = x
        self._k = k
        self.n_cuts = 0
        #: What an oracle raised; a callback cannot raise through SCIP.
        self.error: BaseException | None = None

    def attach(self, model: Model) -> None:
        """Include the handler in a model and switch off what cannot see the cuts."""
        model.includeConshdlr(
            self,
            "nemhauser-wolsey",
            "eta is at most the submodular value of the chosen elements",
            sepapriority=100,
            enfopriority=-10,
            chckpriority=-10,
            sepafreq=1,
            eagerfreq=-1,
            maxprerounds=0,
            needscons=False,
        )
        model.setParam("misc/usesymmetry", 0)

    # The names below are SCIP's callbacks.

    def conslock(
        self, constraint: Any, locktype: Any, nlockspos: int, nlocksneg: int
    ) -> None:
        """Tell that eta must not be rounded up, nor x either way."""
        model, both = self.model, nlockspos + nlocksneg
        model.addVarLocksType(self._eta, locktype, nlocksneg, nlockspos)
        for variable in self._x:
            model.addVarLocksType(variable, locktype, both, both)

    def conscheck(
        self, constraints: Any, solution: Any, *flags: Any
    ) -> dict[str, SCIP_RESULT]:
        """Accept a solution whose eta is at most the value of its support."""
        support, eta = self._support(solution), self._value(solution)
        value = self._ask(lambda: self._oracle.value(support.tolist()))
        fits = value is not None and eta <= value + FEAS_TOL * max(1.0, abs(value))
        return _result(SCIP_RESULT.FEASIBLE if fits else SCIP_RESULT.INFEASIBLE)

    def consenfolp(
        self, constraints: Any, n_useful: int, is_infeasible: bool
    ) -> dict[str, SCIP_RESULT]:
        """Cut off an integer point of the relaxation that promises too much."""
        found = self._ask(lambda: self._separate(self._support(None), FEAS_TOL))
        if found is None:
            return _result(SCIP_RESULT.INFEASIBLE)
        return _result(SCIP_RESULT.SEPARATED if found else SCIP_RESULT.FEASIBLE)

    def consenfops(
        self,
        constraints: Any,
        n_useful: int,
        is_infeasible: bool,
        is_objective_infeasible: bool,
    ) -> dict[str, SCIP_RESULT]:
        """Ask for the relaxation where a pseudo solution promises too much."""
        verdict = self.conscheck(constraints, None)["result"]
        if verdict == SCIP_RESULT.FEASIBLE:
            return _result(SCIP_RESULT.FEASIBLE)
        return _result(SCIP_RESULT.SOLVELP)

    def conssepalp(self, constraints: Any, n_useful: int) -> dict[str, SCIP_RESULT]:
        """Look for cuts violated by a fractional point."""
        point = self._point(None)
        order = np.argsort(-point, kind="stable")
        n_positive = int((point > FEAS_TOL).sum())
        order = order[: min(n_positive, _PREFIXES * self._k)]
        found = self._ask(lambda: self._separate(order, _WORTHWHILE))
        return _result(SCIP_RESULT.SEPARATED if found else SCIP_RESULT.DIDNOTFIND)

    def _separate(self, order: Ints, tolerance: float) -> int:
        """Add the most violated cut of an order's prefixes; return how many (0, 1)."""
        constants, coefficients = prefix_cuts(self._oracle, order)
        point, eta = self._point(None), self._value(None)
        sides = constants + coefficients @ point
        best = int(np.argmin(sides))
        if eta <= sides[best] + tolerance * max(1.0, abs(sides[best])):
            return 0
        self._add(float(constants[best]), coefficients[best])
        return 1

    def _add(self, constant: float, coefficients: Floats) -> None:
        model = self.model
        row = model.createEmptyRowUnspec(
            f"nw{self.n_cuts}", lhs=None, rhs=constant, local=False, removable=True
        )
        model.cacheRowExtensions(row)
        model.addVarToRow(row, model.getTransformedVar(self._eta), 1.0)
        for j in np.flatnonzero(coefficients):
            variable = model.getTransformedVar(self._x[j])
            model.addVarToRow(row, variable, -float(coefficients[j]))
        model.flushRowExtensions(row)
        model.addCut(row, forcecut=True)
        model.addPoolCut(row)
        model.releaseRow(row)
        self.n_cuts += 1

    def _ask(self, question: Callable[[], float]) -> float | None:
        """Return an answer, or None after an exception, which ends the search."""
        if self.error is not None:
            return None
        try:
            return question()
        except BaseException as error:
            self.error = error
            self.model.interruptSolve()
            return None

    def _point(self, solution: Any) -> Floats:
        get = self.model.getSolVal
        return np.fromiter(
            (get(solution, variable) for variable in self._x),
            dtype=np.float64,
            count=len(self._x),
        )

    def _support(self, solution: Any) -> Ints:
        return np.flatnonzero(self._point(solution) > 0.5)

    def _value(self, solution: Any) -> float:
        return float(self.model.getSolVal(solution, self._eta))


def _result(result: SCIP_RESULT) -> dict[str, SCIP_RESULT]:
    return {"result": result}
