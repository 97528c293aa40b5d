"""Facility location: f(S) = sum_u w_u max_{e in S} a_eu, how S serves each user."""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from boundwise.core.errors import InputError
from boundwise.solvers.submodular.objectives.base import CompiledObjective
from boundwise.solvers.submodular.objectives.inputs import (
    as_csr,
    as_matrix,
    as_weights,
)
from boundwise.solvers.submodular.objectives.kernels.chain import CHAIN, MAXIMUM
from boundwise.solvers.submodular.objectives.kernels.dense import DENSE
from boundwise.solvers.submodular.objectives.program import NO_INTS, Term


class FacilityLocation(CompiledObjective):
    """Sum the similarity of each user to the chosen element that is nearest to it.

    Parameters
    ----------
    similarity
        Row e holds the non-negative similarity of element e to each user. Sparse
        matrices stay sparse: a missing entry is a similarity of zero.
    weights
        Non-negative weight of each user; 1 each if None.

    Raises
    ------
    InputError
        If a similarity or weight is negative or not finite.

    Examples
    --------
    >>> f = FacilityLocation([[1.0, 0.25], [0.0, 0.75]])
    >>> f.value([0]), f.value([0, 1])
    (1.25, 1.75)
    """

    def __init__(self, similarity: Any, weights: npt.ArrayLike | None = None) -> None:
        if sparse.issparse(similarity):
            rows, indices, data, shape = as_csr(similarity, "similarity")
            if weights is not None:
                data = data * as_weights(weights, shape[1], "weights")[indices]
            kind = CHAIN
        else:
            matrix = as_matrix(similarity, "similarity")
            if weights is not None:
                matrix = matrix * as_weights(weights, matrix.shape[1], "weights")
            rows, indices, data = NO_INTS, NO_INTS, matrix.reshape(-1)
            shape = matrix.shape[0], matrix.shape[1]
            kind = DENSE
        if len(data) and data.min() < 0:
            raise InputError(
                f"similarity must not be negative, got {float(data.min())!r}."
            )
        term = Term(
            kind=kind,
            n_elements=shape[0],
            n_items=shape[1],
            rows=rows,
            indices=indices,
            data=data,
            code=MAXIMUM,
        )
        super().__init__([term], [1.0], monotone=True)

    @property
    def similarity(self) -> Any:
        """The similarities times the weights of the users, dense or CSR."""
        _, term = self.terms[0]
        shape = term.n_elements, term.n_items
        if term.kind == DENSE:
            return term.data.reshape(shape)
        return sparse.csr_array((term.data, term.indices, term.rows), shape=shape)

    @classmethod
    def from_points(
        cls, X: npt.ArrayLike, metric: str = "euclidean"
    ) -> "FacilityLocation":
        """Make similarities from points: the largest distance minus each distance.

        Parameters
        ----------
        X
            One point a row; points are elements and users.
        metric
            Name that `scipy.spatial.distance.cdist` knows.

        Raises
        ------
        InputError
            If the points are not finite or the metric is unknown.
        """
        from scipy.spatial.distance import cdist

        points = as_matrix(X, "X")
        try:
            distances: npt.NDArray[np.float64] = cdist(points, points, metric)  # type: ignore[call-overload]
        except ValueError as error:
            raise InputError(f"metric must be known to cdist: {error}.") from error
        return cls(distances.max() - distances)
