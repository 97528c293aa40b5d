"""What a decomposable score is: a sum over the nodes of a cost given predecessors.

    f(order) = sum_j cost(j, {nodes before j in the order}),

where the cost is that of the best model of node j which uses predecessors only. The
weight of edge i -> j is ``W[i, j]`` everywhere.
"""

from importlib import import_module
from typing import Protocol, cast, runtime_checkable

from boundwise.core.errors import InputError
from boundwise.solvers.dag.moments import Floats, Ints, Moments


class NodeCosts(Protocol):
    """Cost of every node given its predecessors, on one set of data."""

    def cost(self, node: int, predecessors: Ints) -> tuple[float, Floats]:
        """Fit one node.

        The answer must depend on the arguments only, not on earlier calls.

        Parameters
        ----------
        node
            The node j.
        predecessors
            Nodes that may be parents of j, ascending.

        Returns
        -------
        tuple
            The cost and the weight of each predecessor (0: no edge), aligned with
            ``predecessors``.
        """
        ...


@runtime_checkable
class Score(Protocol):
    """A decomposable score that a user passes as ``TopologicalDAG(score=...)``."""

    def bind(self, moments: Moments, lam: float) -> NodeCosts:
        """Return the node costs on data.

        Parameters
        ----------
        moments
            Moments of the data; ``moments.data`` holds the data as given (not
            centred), or None after ``fit_covariance``.
        lam
            Strength of the penalty, the estimator's ``lam``.
        """
        ...


#: Scores of models that are not linear, and where their class lives.
_NONLINEAR = {
    "logistic": ("boundwise.solvers.dag.nonlinear.logistic", "LogisticScore"),
    "mlp": ("boundwise.solvers.dag.nonlinear.mlp", "MlpScore"),
}


def nonlinear_score(name: str) -> Score:
    """Return the score of a node model that is not linear.

    Parameters
    ----------
    name
        ``"logistic"`` or ``"mlp"``.

    Raises
    ------
    InputError
        If there is no such score.
    """
    if name not in _NONLINEAR:
        raise InputError(f"score must be one of {sorted(_NONLINEAR)}, got {name!r}.")
    module, attribute = _NONLINEAR[name]
    return cast("Score", getattr(import_module(module), attribute)())
