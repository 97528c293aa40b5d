"""Graph cut: f(S) = sum_{i, j in S} w_ij - redundancy * (that sum over i in S alone).

With redundancy 1 it is the weight of the edges that leave S: submodular, not monotone.
Up to 1/2 it is monotone.
"""

from typing import Any

import numpy as np
from scipy import sparse

from boundwise.core.arguments import as_number
from boundwise.core.errors import InputError
from boundwise.solvers.submodular.objectives.base import CompiledObjective
from boundwise.solvers.submodular.objectives.inputs import (
    as_csr,
    graph_labels,
    graph_matrix,
    is_graph,
)
from boundwise.solvers.submodular.objectives.kernels.cut import CUT
from boundwise.solvers.submodular.objectives.program import Term


class GraphCut(CompiledObjective):
    """Weigh the edges between the chosen nodes and the others.

    Parameters
    ----------
    W
        Symmetric non-negative weights, sparse or dense, or an undirected networkx
        graph. Entries on the diagonal do not count.
    redundancy
        Weight of the edges inside S that is taken off, in [0, 1].

    Raises
    ------
    InputError
        If a weight is negative or not finite, or W is not symmetric.

    Examples
    --------
    >>> f = GraphCut([[0, 1, 1], [1, 0, 0], [1, 0, 0]])
    >>> f.value([0]), f.value([0, 1])
    (2.0, 1.0)
    """

    def __init__(self, W: Any, redundancy: float = 1.0) -> None:
        labels = None
        if is_graph(W):
            labels = graph_labels(W)
            W = graph_matrix(W, weight="weight", loops=False)
        rows, indices, data, shape = as_csr(W, "W")
        redundancy = as_number("redundancy", redundancy, at_least=0, at_most=1)
        matrix = sparse.csr_array((data, indices, rows), shape=shape)
        if shape[0] != shape[1] or abs(matrix - matrix.T).max() > 0:
            raise InputError(f"W must be symmetric, got shape {shape}.")
        if len(data) and data.min() < 0:
            raise InputError(f"W must not be negative, got {float(data.min())!r}.")
        matrix.setdiag(0.0)
        matrix.eliminate_zeros()
        term = Term(
            kind=CUT,
            n_elements=shape[0],
            n_items=shape[0],
            rows=matrix.indptr.astype(np.int32),
            indices=matrix.indices.astype(np.int32),
            data=np.asarray(matrix.data, dtype=np.float64),
            extra=np.asarray(matrix.sum(axis=1), dtype=np.float64),
            parameter=redundancy,
        )
        super().__init__([term], [1.0], monotone=redundancy <= 0.5, labels=labels)
