"""What the continuous methods share: checked arguments and the end of a run."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from boundwise.core.arguments import as_count, as_number
from boundwise.core.limits import Deadline, Limits
from boundwise.solvers.dag.metrics import thresholded
from boundwise.solvers.dag.moments import Moments

Floats = NDArray[np.float64]
#: Is shown the weights from time to time while a method runs.
Watch = Callable[[Floats], object]


def covariance_of(X: ArrayLike) -> Floats:
    """Return the covariance of the rows, divided by n; X is left as it was.

    Raises
    ------
    InputError
        If X is not a finite matrix of two rows or more.
    """
    return Moments.of_data(X).S


def check_options(
    *, lam: float, threshold: float, counts: dict[str, int], time_limit: float | None
) -> Deadline:
    """Check the arguments that the methods share and start the clock.

    Raises
    ------
    InputError
        If one of them is out of range.
    """
    for name, value in (("lam", lam), ("threshold", threshold)):
        as_number(name, value, at_least=0)
    for name, count in counts.items():
        as_count(name, count)
    return Limits(time_limit=time_limit).start()


def finished(W: Floats, threshold: float) -> Floats:
    """Return the weights above the threshold, with an empty diagonal."""
    left = thresholded(W, threshold)
    np.fill_diagonal(left, 0.0)
    return left
