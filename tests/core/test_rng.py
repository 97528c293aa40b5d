"""One seed, one generator, and a seed that is reported when none was given."""

import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.core.rng import make_rng


def test_the_same_seed_gives_the_same_numbers():
    one, seed = make_rng(11)
    other, _ = make_rng(np.int64(11))
    assert seed == 11
    assert type(seed) is int
    assert np.array_equal(one.random(5), other.random(5))


def test_a_drawn_seed_reproduces_its_generator():
    rng, seed = make_rng(None)
    again, _ = make_rng(seed)
    assert 0 <= seed < 2**31
    assert np.array_equal(rng.random(5), again.random(5))
    assert len({make_rng(None)[1] for _ in range(20)}) > 10


@pytest.mark.parametrize("seed", [-1, True, 1.0, "1", np.float64(2), float("nan")])
def test_what_is_no_seed_is_refused(seed):
    with pytest.raises(InputError, match="seed"):
        make_rng(seed)


def test_seeds_beyond_64_bits_are_kept_whole():
    assert make_rng(2**200)[1] == 2**200
