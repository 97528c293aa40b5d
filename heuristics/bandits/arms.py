"""What all policies check: the arm that was pulled, its reward, what is available."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from boundwise.core.arguments import as_number
from boundwise.core.errors import InputError


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
    as_number("reward", reward, at_least=0, at_most=1)


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
