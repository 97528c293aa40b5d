"""Log-determinant: f(S) = log det(I + alpha K_S), diversity as volume (DPP).

Monotone, since every eigenvalue of I + alpha K_S is at least one.
"""

import numpy as np
import numpy.typing as npt

from boundwise.core.arguments import as_number
from boundwise.core.errors import InputError
from boundwise.core.tolerances import FEAS_TOL
from boundwise.solvers.submodular.objectives.base import CompiledObjective
from boundwise.solvers.submodular.objectives.inputs import (
    as_matrix,
    as_square,
)
from boundwise.solvers.submodular.objectives.kernels.cholesky import (
    CHOLESKY,
    FEATURES,
    KERNEL,
)
from boundwise.solvers.submodular.objectives.program import Floats, Term

#: Up to this size the kernel's eigenvalues are computed to check their sign.
_CHECKED_SIZE = 1000


class LogDeterminant(CompiledObjective):
    """Measure the volume that the chosen elements span.

    Parameters
    ----------
    kernel
        Symmetric positive semidefinite matrix, n x n.
    alpha
        Scale of the kernel, positive.
    features
        In place of ``kernel``: one row X_e for each element, for the kernel X X',
        whose entries are computed when they are needed.

    Raises
    ------
    InputError
        If the kernel is not symmetric, not finite, or has a negative eigenvalue
        (eigenvalues are computed for n up to 1000, the diagonal is always looked at).

    References
    ----------
    Kulesza, Taskar (2012), "Determinantal point processes for machine learning",
    doi:10.1561/2200000044.

    Examples
    --------
    >>> f = LogDeterminant([[1.0, 0.0], [0.0, 1.0]])
    >>> round(f.value([0, 1]), 4)  # 2 log 2
    1.3863
    """

    def __init__(
        self,
        kernel: npt.ArrayLike | None = None,
        alpha: float = 1.0,
        *,
        features: npt.ArrayLike | None = None,
    ) -> None:
        factor = as_number("alpha", alpha, above=0)
        if (kernel is None) == (features is None):
            raise InputError("give kernel or features, one of the two.")
        if kernel is not None:
            matrix = as_square(kernel, "kernel")
            _check_definite(matrix)
        else:
            matrix = as_matrix(features, "features")
            factor = float(np.sqrt(factor))
        matrix = matrix if factor == 1.0 else factor * matrix
        term = Term(
            kind=CHOLESKY,
            n_elements=matrix.shape[0],
            n_items=matrix.shape[1],
            data=matrix.reshape(-1),
            code=FEATURES if kernel is None else KERNEL,
        )
        super().__init__([term], [1.0], monotone=True)


def _check_definite(matrix: Floats) -> None:
    scale = max(1.0, float(np.abs(matrix).max()))
    lowest = matrix.diagonal().min()
    if len(matrix) <= _CHECKED_SIZE:
        lowest = np.linalg.eigvalsh(matrix).min()
    if lowest < -FEAS_TOL * scale:
        raise InputError(
            f"kernel must be positive semidefinite, got the value {lowest:g}."
        )
