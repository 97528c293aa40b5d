"""Continuous relaxations of DAG learning: the methods to compare with.

They minimise a score plus an l1 penalty over all weight matrices, with a smooth
function h that is zero exactly on acyclic graphs:

    min Q(W) + lam |W|_1   subject to   h(W) = 0.

`notears` does so by augmented Lagrangians, `golem` by a soft penalty, `dagma` and
`colide` along a central path. All centre the data in a copy of their own, drop small
weights at the end, and return W with ``W[i, j]`` for the edge i -> j.
"""

from boundwise.solvers.dag.continuous.central_path import colide, dagma
from boundwise.solvers.dag.continuous.golem import golem
from boundwise.solvers.dag.continuous.notears import notears

__all__ = ["colide", "dagma", "golem", "notears"]
