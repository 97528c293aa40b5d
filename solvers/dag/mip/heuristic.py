"""The search over topological orders, called by SCIP as a primal heuristic.

    order   the nodes by the number of predecessors that the LP gives them
    search  insertions, swaps and windows on least squares from there, exact gains
    price   choose each node's parents among its predecessors, at the price per edge
    polish  insertions on the priced score, if the graph beats the incumbent

An order that was tried is not tried again.
"""

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from boundwise.solvers.dag.descent import descend
from boundwise.solvers.dag.factor import factorise
from boundwise.solvers.dag.mip.costs import PricedLeastSquares
from boundwise.solvers.dag.mip.ordering import Pairs
from boundwise.solvers.dag.moments import Moments
from boundwise.solvers.dag.moves import HALF

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_WINDOW = 6
_GAIN = 1e-10


class Program(Protocol):
    """The variables of a formulation, as far as the search needs them."""

    @property
    def edge(self) -> Pairs:
        """Variable of each edge (i, j)."""
        ...

    @property
    def before(self) -> Pairs:
        """Binary of each pair i < j, one if i comes before j."""
        ...

    def values(self, W: Floats, order: Ints) -> list[tuple[Any, float]]:
        """Return the value of every variable at a graph."""
        ...


class OrderSearch:
    """Make good graphs from orders.

    Parameters
    ----------
    moments
        Regular moments.
    price
        Price of an edge.
    """

    def __init__(self, moments: Moments, price: float) -> None:
        self._moments = moments
        self._costs = PricedLeastSquares(moments.S, price)
        self._tried: set[bytes] = set()
        self.best = np.inf

    def from_order(self, start: Ints) -> tuple[float, Floats, Ints] | None:
        """Search from an order; None if it was tried or leads nowhere better.

        Parameters
        ----------
        start
            The nodes, first to last.

        Returns
        -------
        tuple or None
            Objective, weights and order of a graph better than all before.
        """
        if start.tobytes() in self._tried:
            return None
        self._tried.add(start.tobytes())
        found = min((self._descended(start), start), key=self.value)
        if self.value(found) >= self.best - _GAIN * abs(self.best):
            return None
        order = self._polished(found)
        self.best = self.value(order)
        return self.best, self.weights(order), order

    def value(self, order: Ints) -> float:
        """Return the priced score of an order."""
        return sum(
            self._costs.cost(int(j), np.sort(order[:k]))[0] for k, j in enumerate(order)
        )

    def weights(self, order: Ints) -> Floats:
        """Return the weights behind `value`."""
        W = np.zeros((len(order), len(order)))
        for k, j in enumerate(order):
            before = np.sort(order[:k])
            W[before, j] = self._costs.cost(int(j), before)[1]
        return W

    def _descended(self, start: Ints) -> Ints:
        order = start.copy()
        R, V = factorise(self._moments, order)
        free = np.zeros((len(order), len(order)), dtype=np.bool_)
        descend(order, R, V, HALF, free, True, _WINDOW, np.inf)
        return order

    def _polished(self, order: Ints) -> Ints:
        """Insert nodes elsewhere while that lowers the priced score."""
        best, improved = self.value(order), True
        while improved:
            improved = False
            for source in range(len(order)):
                rest = np.delete(order, source)
                for target in range(len(order)):
                    moved = np.insert(rest, target, order[source])
                    value = self.value(moved)
                    if value < best - _GAIN * abs(best):
                        order, best, improved = moved, value, True
                        break
        return order


def attach(model: Any, variables: Program, search: OrderSearch) -> Any:
    """Let SCIP call the search at the nodes of its tree.

    Parameters
    ----------
    model
        The model, in problem stage.
    variables
        Its variables.
    search
        The search.

    Returns
    -------
    pyscipopt.Heur
        The heuristic; its ``error`` is what went wrong in it, or None.
    """
    from pyscipopt import SCIP_HEURTIMING, SCIP_RESULT, Heur

    d = 1 + max((j for _, j in variables.before), default=0)

    class Callback(Heur):  # type: ignore[misc]
        error: BaseException | None = None

        def heurexec(self, heurtiming: int, nodeinfeasible: bool) -> dict[str, Any]:
            if nodeinfeasible or self.error is not None:
                return {"result": SCIP_RESULT.DIDNOTRUN}
            # PySCIPOpt would print an exception and go on.
            try:
                accepted = self._search()
            except BaseException as error:
                self.error = error
                self.model.interruptSolve()
                accepted = False
            found = SCIP_RESULT.FOUNDSOL if accepted else SCIP_RESULT.DIDNOTFIND
            return {"result": found}

        def _search(self) -> bool:
            predecessors = np.zeros(d)
            for (i, j), before in variables.before.items():
                value = self.model.getSolVal(None, before)
                predecessors[j] += value
                predecessors[i] += 1.0 - value
            answer = search.from_order(np.argsort(predecessors, kind="stable"))
            if answer is None:
                return False
            _, W, order = answer
            return hand_over(self.model, self, variables, W, order)

    callback = Callback()
    model.includeHeur(
        callback,
        "topological",
        "search over topological orders",
        "T",
        timingmask=SCIP_HEURTIMING.AFTERLPNODE,
    )
    return callback


def hand_over(
    model: Any, heuristic: Any, variables: Program, W: Floats, order: Ints
) -> bool:
    """Give SCIP a graph as a solution; return whether it was accepted.

    Parameters
    ----------
    model
        The model.
    heuristic
        The heuristic that found it, or None before the solve.
    variables
        The model's variables.
    W, order
        The graph and an order it respects.
    """
    solution = model.createOrigSol(heuristic)
    for variable, value in variables.values(W, order):
        model.setSolVal(solution, variable, value)
    accepted: bool = (
        model.addSol(solution) if heuristic is None else model.trySol(solution, False)
    )
    return accepted
