"""Random numbers: one seed per run, one numpy Generator made from it."""

import numpy as np

from boundwise.core.errors import InputError


def make_rng(seed: int | None) -> tuple[np.random.Generator, int]:
    """Make a generator and return it with the seed that reproduces it.

    Parameters
    ----------
    seed
        Non-negative integer, or None to draw one from the operating system.

    Returns
    -------
    tuple
        The generator and the seed in use.

    Raises
    ------
    InputError
        If ``seed`` is not a non-negative integer.

    Examples
    --------
    >>> rng, seed = make_rng(7)
    >>> seed
    7
    """
    if seed is None:
        drawn = np.random.SeedSequence().generate_state(1, np.uint32)
        seed = int(drawn[0]) & 0x7FFFFFFF
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise InputError(f"seed must be a non-negative integer or None, got {seed!r}.")
    return np.random.default_rng(int(seed)), int(seed)
