"""Feasible sets as linear rows, which SCIP can read."""

from collections.abc import Sequence
from functools import singledispatch
from typing import Any

import numpy as np
from scipy.sparse import block_diag, csr_array, eye_array, hstack, kron, vstack

from boundwise.heuristics.frank_wolfe.protocols import Floats
from boundwise.instances.convex import polyhedron
from boundwise.instances.instance import Instance
from boundwise.solvers.convex.oracles.birkhoff import Birkhoff
from boundwise.solvers.convex.oracles.box import Box
from boundwise.solvers.convex.oracles.cardinality import Cardinality
from boundwise.solvers.convex.oracles.knapsack import Knapsack
from boundwise.solvers.convex.oracles.product import Product
from boundwise.solvers.convex.oracles.simplex import BoundedSum

#: A matrix with its sides.
Rows = tuple[csr_array, Floats, Floats]


def instance_of(feasible_set: Any) -> Instance | None:
    """Return a feasible set as rows, bounds and types, or None if it has no such form.

    Parameters
    ----------
    feasible_set
        An `Instance`, an oracle that holds one as ``instance``, or one of the
        combinatorial sets that are a polytope of few rows.
    """
    if isinstance(feasible_set, Instance):
        return feasible_set
    held = getattr(feasible_set, "instance", None)
    if isinstance(held, Instance):
        return held
    rows = rows_of(feasible_set)
    if rows is None:
        return None
    is_integer = np.zeros(len(feasible_set.lower), dtype=bool)
    is_integer[np.asarray(feasible_set.integers, dtype=np.intp)] = True
    return polyhedron(
        type(feasible_set).__name__,
        matrix=rows[0],
        row_lower=rows[1],
        row_upper=rows[2],
        lower=feasible_set.lower,
        upper=feasible_set.upper,
        is_integer=is_integer,
    )


@singledispatch
def rows_of(feasible_set: Any) -> Rows | None:
    """Return the rows of a combinatorial set besides its bounds; None if unknown."""
    return None


@rows_of.register
def _(feasible_set: Box) -> Rows:
    return csr_array((0, len(feasible_set.lower))), np.zeros(0), np.zeros(0)


@rows_of.register
def _(feasible_set: BoundedSum) -> Rows:
    low = -np.inf if feasible_set.at_most else feasible_set.total
    return _one_row(np.ones(len(feasible_set.lower)), low, feasible_set.total)


@rows_of.register
def _(feasible_set: Knapsack) -> Rows:
    return _one_row(feasible_set.weights, -np.inf, feasible_set.capacity)


@rows_of.register
def _(feasible_set: Cardinality) -> Rows:
    p = len(feasible_set.pairs)
    (low, high), (off_low, off_high) = feasible_set.on, feasible_set.off
    eye = eye_array(p)
    matrix = vstack(
        [
            hstack([eye, -eye * (high - off_high)]),
            hstack([-eye, eye * (low - off_low)]),
            csr_array(np.repeat([0.0, 1.0], p)[None, :]),
        ]
    )
    upper = np.concatenate([off_high, -off_low, [float(feasible_set.most)]])
    return csr_array(matrix), np.full(2 * p + 1, -np.inf), upper


@rows_of.register
def _(feasible_set: Birkhoff) -> Rows:
    n = feasible_set.order
    ones, eye = np.ones((1, n)), eye_array(n)
    return (
        csr_array(vstack([kron(eye, ones), kron(ones, eye)])),
        np.ones(2 * n),
        np.ones(2 * n),
    )


@rows_of.register
def _(feasible_set: Product) -> Rows | None:
    return _side_by_side(feasible_set.parts)


def _side_by_side(parts: Sequence[Any]) -> Rows | None:
    blocks, lower, upper = [], [], []
    for part in parts:
        rows = rows_of(part)
        if rows is None:
            return None
        blocks.append(rows[0])
        lower.append(rows[1])
        upper.append(rows[2])
    return (
        csr_array(block_diag(blocks, format="csr")),
        np.concatenate(lower),
        np.concatenate(upper),
    )


def _one_row(weights: Floats, low: float, high: float) -> Rows:
    return csr_array(weights[None, :]), np.array([low]), np.array([high])
