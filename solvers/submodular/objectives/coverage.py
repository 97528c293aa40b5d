"""Weighted coverage: f(S) = total weight of the items that some element of S covers."""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from boundwise.solvers.submodular.objectives.base import CompiledObjective
from boundwise.solvers.submodular.objectives.inputs import (
    as_csr,
    as_weights,
    graph_labels,
    graph_matrix,
    is_graph,
)
from boundwise.solvers.submodular.objectives.kernels.cover import COVER, UNIT, WEIGHTED
from boundwise.solvers.submodular.objectives.program import NO_FLOATS, Term


class Coverage(CompiledObjective):
    """Count the items that the chosen elements cover, with weights.

    Parameters
    ----------
    A
        Matrix, sparse or dense: row e has a nonzero entry for each item that element e
        covers. Or a networkx graph: a node covers itself and its (out-)neighbours.
    weights
        Non-negative weight of each item; 1 each if None.

    Raises
    ------
    InputError
        If the matrix is empty or not finite, or a weight is negative or not finite.

    Examples
    --------
    >>> f = Coverage([[1, 1, 0], [0, 1, 1]], weights=[1.0, 2.0, 4.0])
    >>> f.value([0]), f.value([0, 1])
    (3.0, 7.0)
    """

    def __init__(
        self,
        A: Any,
        weights: npt.ArrayLike | None = None,
    ) -> None:
        labels = None
        if is_graph(A):
            labels = graph_labels(A)
            A = graph_matrix(A, weight=None, loops=True)
        rows, indices, _, shape = as_csr(A, "A")
        item_weights = as_weights(weights, shape[1], "weights")
        unit = bool((item_weights == 1.0).all())
        term = Term(
            kind=COVER,
            n_elements=shape[0],
            n_items=shape[1],
            rows=rows,
            indices=indices,
            data=NO_FLOATS if unit else item_weights,
            code=UNIT if unit else WEIGHTED,
        )
        self.weights = item_weights
        super().__init__([term], [1.0], monotone=True, labels=labels)

    @property
    def matrix(self) -> Any:
        """Which element covers which item, as a CSR array of ones."""
        _, term = self.terms[0]
        shape = term.n_elements, term.n_items
        ones = np.ones(len(term.indices))
        return sparse.csr_array((ones, term.indices, term.rows), shape=shape)
