"""Exact learning of small graphs with a price per edge, as a mixed-integer program.

    min  1/2 tr((I - W)' S (I - W)) + price |{edges}|   over acyclic W

on SCIP, with the search over topological orders as its primal heuristic. `learn_exact`
returns the graph with a proven bound.
"""

from boundwise.solvers.dag.mip.solve import ExactGraph, learn_exact

__all__ = ["ExactGraph", "learn_exact"]
