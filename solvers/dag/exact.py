"""The best graph of all, for few nodes: the subset dynamic program as a solver."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from boundwise.core.errors import InputError
from boundwise.solvers.dag import prefix
from boundwise.solvers.dag.constraints import Constraints
from boundwise.solvers.dag.factor import factorise, weights_of
from boundwise.solvers.dag.moments import Floats, Ints, Moments
from boundwise.solvers.dag.problem import OrderProblem
from boundwise.solvers.dag.scores import Score
from boundwise.solvers.dag.subset_choice import EXACT_UP_TO
from boundwise.solvers.dag.subset_dp import (
    best_order_of_covariance,
    best_order_of_table,
    check_size,
)

#: Largest number of nodes for scores that need a table of node costs.
MAX_NODES_TABLE = 20


@dataclass(frozen=True, slots=True, eq=False)
class ExactOrder:
    """The best order and its weights.

    Parameters
    ----------
    score
        The least score of all acyclic graphs.
    order
        An order that reaches it.
    weights
        Its weights, ``[i, j]`` of edge i -> j.
    """

    score: float
    order: Ints
    weights: Floats


def best_order(
    data: Moments,
    score: str | Score = "ls",
    lam: float = 0.0,
    *,
    required_edges: Any = None,
    forbidden_edges: Any = None,
    tiers: Any = None,
) -> ExactOrder:
    """Minimise a decomposable score over all orders.

    Time and memory grow as 2^d: up to 24 nodes for least squares and its like, 20 with
    a penalty, 12 or so for scores in Python.

    Parameters
    ----------
    data
        Moments of the data.
    score, lam, required_edges, forbidden_edges, tiers
        As for `TopologicalDAG`. The penalised scores with one variance for all nodes
        are no sums of node costs, and not served.

    Returns
    -------
    ExactOrder
        The optimum.

    Raises
    ------
    InputError
        If there are too many nodes or the score is not a sum of node costs.

    References
    ----------
    Silander, Myllymaki (2006), arXiv:1206.6875.

    Examples
    --------
    >>> S = np.array([[1.0, 2.0], [2.0, 5.0]])
    >>> answer = best_order(Moments.of_covariance(S, 100))
    >>> answer.order.tolist(), round(answer.score, 9)
    ([0, 1], 1.0)
    """
    constraints = Constraints.make(data.d, required_edges, forbidden_edges, tiers)
    problem = OrderProblem.of(data, score, lam, constraints)
    linear = problem.linear
    if problem.has_closed_form:
        assert linear is not None
        assert linear.phi_kind is not None
        check_size(data.d)
        # From the factor, whose digits a root saves; positions are nodes here.
        R, _ = factorise(data, np.arange(data.d))
        order, _ = best_order_of_covariance(
            R.T @ R, linear.phi_kind, constraints.before
        )
        W = weights_of(order, *factorise(data, order))
        return ExactOrder(linear.value(data, W, constraints.required), order, W)
    if linear is not None and linear.has_common_scale:
        raise InputError(
            f"score={linear.name!r} with lam > 0 is not a sum of node costs: there is "
            "no exact search for it."
        )
    check_size(data.d, MAX_NODES_TABLE)
    if linear is not None and linear.name == "bic":
        check_size(data.d, EXACT_UP_TO + 1)
    model = problem.model()
    order, _ = best_order_of_table(model.table(), constraints.before)
    state = prefix.new_state(order)
    model.refit(state, 0, data.d - 1)
    return ExactOrder(float(state.costs.sum()), order, state.weights.T.copy())
