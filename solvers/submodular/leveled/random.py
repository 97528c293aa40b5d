"""Random numbers inside compiled code: SplitMix64, one word of state.

Steele, Lea, Flood (2014), "Fast splittable pseudorandom number generators",
doi:10.1145/2660193.2660195.
"""

import numpy as np

from boundwise.solvers.submodular.compiled import compiled
from boundwise.solvers.submodular.leveled.fields import random_words


@compiled(internal=True)
def uniform(state: int) -> float:
    """Return a number in [0, 1)."""
    words = random_words(state)
    z = np.uint64(words[0]) + np.uint64(0x9E3779B97F4A7C15)
    words[0] = np.int64(z)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return float(z >> np.uint64(11)) * 2.0**-53


@compiled(internal=True)
def below(state: int, count: int) -> int:
    """Return one of 0, ..., count-1."""
    return min(count - 1, int(uniform(state) * count))
