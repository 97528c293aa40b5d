"""From a score's name, data and constraints to engines, starts and answers."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from boundwise.core.arguments import as_number
from boundwise.core.errors import InputError
from boundwise.solvers.dag.constraints import Constraints
from boundwise.solvers.dag.engines import (
    ClosedFormEngine,
    Engine,
    Neighbourhood,
    TableEngine,
)
from boundwise.solvers.dag.factor import min_pivot_order, min_pivot_order_of_rows
from boundwise.solvers.dag.linear_scores import NAMES, LinearScore
from boundwise.solvers.dag.models import CallbackModel, GramModel, NodeModel
from boundwise.solvers.dag.moments import Floats, Ints, Moments
from boundwise.solvers.dag.orders import (
    checked_order,
    checked_weights,
    order_of_weights,
    respecting,
    topological_order,
)
from boundwise.solvers.dag.reordering import reachable
from boundwise.solvers.dag.scores import NodeCosts, Score, nonlinear_score

#: Scores by name that are not linear.
NONLINEAR_NAMES = ("logistic", "mlp")


@dataclass(frozen=True, slots=True, eq=False)
class OrderProblem:
    """One score on one set of data under constraints.

    Make one by `of`.

    Parameters
    ----------
    moments
        The data.
    constraints
        The constraints.
    linear
        The score, if it is linear.
    costs
        Its node costs, if it is not.
    """

    moments: Moments
    constraints: Constraints
    linear: LinearScore | None
    costs: NodeCosts | None

    @classmethod
    def of(
        cls, moments: Moments, score: str | Score, lam: float, constraints: Constraints
    ) -> "OrderProblem":
        """Validate a score and bind it to data.

        Raises
        ------
        InputError
            If the score is unknown or has no minimum on these data, or ``lam`` is not a
            non-negative number.
        """
        lam = as_number("lam", lam, at_least=0)
        if isinstance(score, str) and score in NAMES:
            linear = LinearScore(score, lam)
            linear.require(moments)
            if constraints.restricts_parents and not linear.penalised:
                _require_digits(moments)
            return cls(moments, constraints, linear, None)
        if isinstance(score, str):
            if score not in NONLINEAR_NAMES:
                names = NAMES + NONLINEAR_NAMES
                raise InputError(
                    f"score must be one of {names} or a Score, got {score!r}."
                )
            score = nonlinear_score(score)
        elif not isinstance(score, Score):
            raise InputError(f"score must be a name or have bind(), got {score!r}.")
        return cls(moments, constraints, None, score.bind(moments, lam))

    @property
    def has_closed_form(self) -> bool:
        """Whether the score is a sum of phi(Var(k | all nodes before))."""
        return (
            self.linear is not None
            and self.linear.phi_kind is not None
            and not self.constraints.restricts_parents
        )

    def model(self) -> NodeModel:
        """Return the node fits of the score."""
        if self.linear is not None:
            return GramModel(self.moments, self.linear, self.constraints)
        assert self.costs is not None
        return CallbackModel(self.costs, self.constraints)

    def engines(
        self, neighbourhood: Neighbourhood, seeds: list[int]
    ) -> Callable[[int], Engine]:
        """Return a function that makes the engine of a start, given its number."""
        if self.has_closed_form:
            linear = self.linear
            assert linear is not None
            return lambda number: ClosedFormEngine(
                self.moments, linear, self.constraints, neighbourhood, seeds[number]
            )
        return lambda number: TableEngine(
            self.model(),
            self.constraints,
            neighbourhood,
            seeds[number],
            self.linear,
            self.moments,
        )

    def value(self, W: Floats, order: Ints) -> float:
        """Return the score of weights that respect an order.

        Parameters
        ----------
        W
            Weights.
        order
            The order they were fitted in (for scores that are not linear, which are
            fitted again).
        """
        if self.linear is not None:
            return self.linear.value(self.moments, W, self.constraints.required)
        assert self.costs is not None
        total = 0.0
        for k, node in enumerate(order):
            before = order[:k]
            allowed = np.sort(before[self.constraints.allowed[before, node]])
            total += self.costs.cost(int(node), allowed)[0]
        return total

    def admits(self, W: Floats) -> bool:
        """Tell whether weights are acyclic and meet the constraints."""
        edges, constraints = W != 0.0, self.constraints
        if (edges & ~constraints.allowed).any():
            return False
        return (
            topological_order(edges | constraints.before, np.arange(len(W))) is not None
        )

    def kkt_residual(self, W: Floats, order: Ints) -> float:
        """Return the largest violation of the optimality conditions.

        They ask that the gradient (the least subgradient) of the score vanish for
        every allowed edge i -> j where no path of the graph leads from j to i, that
        is, wherever an edge would not close a cycle. NaN if the score is not linear.
        """
        if self.linear is None:
            return math.nan
        constraints = self.constraints
        paths = reachable((W != 0.0) | constraints.before, order)
        free = constraints.allowed & ~paths.T
        if self.linear.name == "bic":
            free &= W != 0.0  # a missing edge has its price
        slopes = self.linear.slopes(self.moments, W, constraints.required)
        return float(np.max(slopes, where=free, initial=0.0))

    def start(self, init: Any, rng: np.random.Generator) -> Ints:
        """Return the order that a start calls for.

        Parameters
        ----------
        init
            "min_pivot", "random", "variance", an order or a weight matrix.
        rng
            Randomness of "random".

        Raises
        ------
        InputError
            If ``init`` is none of these.
        """
        d, before = self.moments.d, self.constraints.before
        if isinstance(init, str):
            if init == "min_pivot":
                if self.moments.root is not None:
                    rows = np.ascontiguousarray(self.moments.root.T)
                    return min_pivot_order_of_rows(rows, before)
                return min_pivot_order(np.array(self.moments.S), before)
            if init == "random":
                return respecting(rng.permutation(d).astype(np.int64), before)
            if init == "variance":
                order = np.argsort(np.diag(self.moments.S), kind="stable")
                return respecting(order.astype(np.int64), before)
            raise InputError(
                "init must be 'min_pivot', 'random', 'variance', an order or a weight "
                f"matrix, got {init!r}."
            )
        if np.ndim(init) == 2:
            W = checked_weights(init, d, "init")
            return order_of_weights(W, before, self.constraints.allowed)
        return respecting(checked_order(init, d), before)


def _require_digits(moments: Moments) -> None:
    """Refuse what regressions from the covariance cannot resolve."""
    if moments.root is not None and moments.inflation.max() > 1e11:
        raise InputError(
            "X is too close to collinear for regressions on some of the predecessors "
            "(forbidden_edges): remove columns, or use score='l1'."
        )
