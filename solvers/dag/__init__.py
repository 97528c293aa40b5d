"""Learning of directed acyclic graphs by search over topological orders.

The score of an order is that of the best weights that respect it,

    f(order) = min { Q(W) : W[i, j] = 0 unless i precedes j },

so that every answer is acyclic by construction, and a move of a node in the order
changes only the regressions of the nodes it passes. ``W[i, j]`` is the weight of the
edge i -> j.

Deng, Bello, Aragam, Ravikumar (2023), "Optimizing NOTEARS Objectives via Topological
Swaps", ICML, arXiv:2305.17277.
"""

from boundwise.instances.generators.sem import simulate_dag, simulate_sem
from boundwise.solvers.dag.engines import Neighbourhood
from boundwise.solvers.dag.estimator import TopologicalDAG
from boundwise.solvers.dag.exact import ExactOrder, best_order
from boundwise.solvers.dag.kkt import KktNeighbourhood
from boundwise.solvers.dag.metrics import dag_metrics, threshold_till_dag
from boundwise.solvers.dag.mip import learn_exact
from boundwise.solvers.dag.moments import Moments
from boundwise.solvers.dag.scores import NodeCosts, Score

__all__ = [
    "ExactOrder",
    "KktNeighbourhood",
    "Moments",
    "Neighbourhood",
    "NodeCosts",
    "Score",
    "TopologicalDAG",
    "best_order",
    "dag_metrics",
    "learn_exact",
    "simulate_dag",
    "simulate_sem",
    "threshold_till_dag",
]
