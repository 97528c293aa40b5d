"""Sparse generators: weak inverse Hessian boosting (WIHB).

The exact oracle has decided that the term vanishes. Blended pairwise conditional
gradients then start from zero coefficients and stop as soon as the error is at most
psi, which needs few of them. Where that takes too long, the exact coefficients stay.

Wirth, Kera, Pokutta (2023), arXiv:2207.01236, "BPCGAVI-WIHB".
"""

import numpy as np
import numpy.typing as npt

from boundwise.heuristics.frank_wolfe.l1_ball import minimize_columns_over_l1_ball

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Radius of the l1 ball if there is no tau, in norms of the exact coefficients.
_RADIUS = 2.0
#: Steps spent on one generator before its exact coefficients are kept.
_ITERATIONS = 300


def sparsify(
    gram: Floats,
    cross: Floats,
    squares: Floats,
    sizes: Ints,
    coefficients: Floats,
    losses: Floats,
    *,
    psi: float,
    tau: float | None,
) -> None:
    """Replace coefficients, in place, by sparser ones that vanish too.

    Parameters
    ----------
    gram, cross, squares
        O'O, O't and t't of the leading terms t, divided by m.
    sizes
        Number of terms of O that come before each leading term.
    coefficients, losses
        Those of the exact oracle; overwritten.
    psi
        Largest mean squared error that vanishes.
    tau
        Largest l1 norm of a generator's coefficients, the leading one included.
    """
    norms = np.abs(coefficients).sum(axis=0)
    radii = np.full(len(norms), tau - 1.0) if tau is not None else _RADIUS * norms
    able = np.flatnonzero(norms > 0.0)
    points, values = minimize_columns_over_l1_ball(
        gram,
        cross[:, able],
        squares[able],
        sizes=sizes[able],
        radii=radii[able],
        target=psi,
        max_iterations=_ITERATIONS,
    )
    good = values <= psi
    coefficients[:, able[good]] = points[:, good]
    losses[able[good]] = np.maximum(values[good], 0.0)
