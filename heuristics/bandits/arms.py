"""What all policies check: the number of arms, the arm that was pulled, its reward."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from boundwise.core.errors import InputError


def check_arms(n_arms: int) -> int:
    """Return ``n_arms`` if it is a positive integer.

    Raises
    ------
    InputError
        Otherwise.
    """
    if isinstance(n_arms, bool) or not isinstance(n_arms, int) or n_arms < 1:
        raise InputError(f"n_arms must be a positive integer, got {n_arms!r}.")
    return n_arms


def check_pull(n_arms: int, arm: int, reward: float) -> None:
    """Check the arguments of an update.

    Raises
    ------
    InputError
        If the arm does not exist or the reward is not in [0, 1].
    """
    if (
        isinstance(arm, bool)
        or not isinstance(arm, int | np.integer)
        or not 0 <= arm < n_arms
    ):
        raise InputError(f"arm must be in 0..{n_arms - 1}, got {arm!r}.")
    if not 0.0 <= reward <= 1.0:
        raise InputError(f"reward must be in [0, 1], got {reward!r}.")


def restrict(n_arms: int, available: Sequence[int] | None) -> NDArray[np.int64]:
    """Return the arms that may be chosen.

    Raises
    ------
    InputError
        If there is none, or one that does not exist.
    """
    if available is None:
        return np.arange(n_arms)
    arms = np.unique(np.asarray(available))
    if arms.dtype.kind not in "iu" or arms[0] < 0 or arms[-1] >= n_arms:
        raise InputError(
            f"available must name at least one arm in 0..{n_arms - 1}, "
            f"got {available!r}."
        )
    return arms.astype(np.int64)
