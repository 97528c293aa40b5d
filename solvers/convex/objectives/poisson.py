"""Poisson regression: f(x) = mean_i (exp(a_i x) - y_i a_i x) + sum_j alpha_j x_j^2."""

import math
from typing import Any, Self

import numpy as np

from boundwise.solvers.convex.objectives import checks
from boundwise.solvers.convex.objectives.checks import Floats
from boundwise.solvers.convex.objectives.linear_model import LinearModel


class PoissonLoss(LinearModel):
    """Mean negative log-likelihood of counts whose logarithmic rate is linear.

    Parameters
    ----------
    A
        Data, shape (m, n), dense or sparse; an intercept is a column of ones.
    counts
        Observed counts, not negative, shape (m,).
    alpha
        Penalty of squares, a number or one for each variable.
    linear
        Linear part c; zero if None.

    Raises
    ------
    InputError
        If a value is not finite or negative where it must not, or shapes disagree.

    Examples
    --------
    >>> f = PoissonLoss([[1.0]], [2.0])
    >>> f.value(np.zeros(1)), f.gradient(np.zeros(1))
    (1.0, array([-1.]))
    """

    _PENALTY = ("alpha", 2.0)

    def __init__(
        self, A: Any, counts: Any, alpha: float | Floats = 0.0, linear: Any = None
    ) -> None:
        super().__init__(A, alpha, linear)
        self._counts = checks.non_negative(
            "counts", checks.vector("counts", counts, self._A.shape[0])
        )

    @property
    def counts(self) -> Floats:
        """The counts, read-only."""
        return self._counts

    def moved(self, diagonal: Floats, linear: Floats) -> Self:
        """Return f(x) less a diagonal and plus a linear part; see `LinearModel`."""
        rest = self._remaining(diagonal)
        return type(self)(self._A, self._counts, 0.5 * rest, self._c + linear)

    def _loss(self, u: Floats) -> float:
        return float((_exp(u) - self._counts * u).mean())

    def _slopes(self, u: Floats) -> Floats:
        return np.asarray((_exp(u) - self._counts) / len(u))

    def _bends(self, u: Floats) -> Floats:
        return np.asarray(_exp(u) / len(u))

    def _steepest(self) -> float:
        return math.inf


def _exp(u: Floats) -> Floats:
    # Beyond 709 the rate is infinite, which `in_domain` tells.
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(u))
