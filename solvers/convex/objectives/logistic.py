"""Logistic loss: f(x) = mean_i log(1 + exp(-y_i a_i x)) + 1/2 sum_j mu_j x_j^2."""

from typing import Any, Self

import numpy as np
from scipy.special import expit

from boundwise.core.errors import InputError
from boundwise.solvers.convex.objectives import checks
from boundwise.solvers.convex.objectives.checks import Floats
from boundwise.solvers.convex.objectives.linear_model import LinearModel


class LogisticLoss(LinearModel):
    """Mean logistic loss of a linear classifier.

    Parameters
    ----------
    A
        Data, shape (m, n), dense or sparse.
    labels
        Classes -1 and 1, shape (m,).
    mu
        Penalty of half the squares, a number or one for each variable.
    linear
        Linear part c; zero if None.

    Raises
    ------
    InputError
        If a value is not finite, a label is not -1 or 1, or shapes disagree.

    Examples
    --------
    >>> f = LogisticLoss([[1.0]], [1.0])
    >>> round(f.value(np.zeros(1)), 6), f.gradient(np.zeros(1))
    (0.693147, array([-0.5]))
    """

    _PENALTY = ("mu", 1.0)

    def __init__(
        self, A: Any, labels: Any, mu: float | Floats = 0.0, linear: Any = None
    ) -> None:
        super().__init__(A, mu, linear)
        self._labels = checks.vector("labels", labels, self._A.shape[0])
        if not np.isin(self._labels, (-1.0, 1.0)).all():
            raise InputError("labels must be -1 or 1.")

    @property
    def labels(self) -> Floats:
        """The classes, read-only."""
        return self._labels

    def moved(self, diagonal: Floats, linear: Floats) -> Self:
        """Return f(x) less a diagonal and plus a linear part; see `LinearModel`."""
        rest = self._remaining(diagonal)
        return type(self)(self._A, self._labels, rest, self._c + linear)

    def _loss(self, u: Floats) -> float:
        return float(np.logaddexp(0.0, -self._labels * u).mean())

    def _slopes(self, u: Floats) -> Floats:
        return np.asarray(-self._labels * expit(-self._labels * u) / len(u))

    def _bends(self, u: Floats) -> Floats:
        return np.asarray(expit(u) * expit(-u) / len(u))

    def _steepest(self) -> float:
        return 0.25 / len(self._labels)
