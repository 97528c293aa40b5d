"""Pulls of others teach a policy, once each, and never drown its own."""

import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.heuristics.bandits.factory import make_policy
from boundwise.heuristics.protocols import Policy
from boundwise.solvers.mip.cluster.policy import SharedPolicy


class Diary:
    """A policy that notes what it is taught."""

    n_arms = 3

    def __init__(self):
        self.updates = []

    def choose(self, rng, available=None):
        return 0

    def update(self, arm, reward):
        self.updates.append((arm, reward))


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_it_is_a_policy():
    shared = SharedPolicy(make_policy("exp3ix", 4))
    assert isinstance(shared, Policy)
    assert shared.n_arms == 4


def test_foreign_pulls_are_replayed_once_before_the_next_choice(rng):
    diary = Diary()
    shared = SharedPolicy(diary)
    shared.learn({1: (2, 1.0)})
    assert diary.updates == []
    shared.choose(rng)
    assert diary.updates == [(1, 0.5), (1, 0.5)]
    shared.learn({1: (2, 1.0)})
    shared.choose(rng)
    assert len(diary.updates) == 2
    # One more pull of reward 1: only that one is new.
    shared.learn({1: (3, 2.0)})
    shared.choose(rng)
    assert diary.updates[2:] == [(1, 1.0)]


def test_a_flood_of_foreign_pulls_is_cut(rng):
    diary = Diary()
    shared = SharedPolicy(diary, most=5)
    shared.learn({0: (10_000, 9_000.0)})
    shared.choose(rng)
    assert diary.updates == [(0, 0.9)] * 5
    with pytest.raises(InputError, match="most"):
        SharedPolicy(diary, most=0)


def test_others_that_begin_anew_do_not_unteach(rng):
    diary = Diary()
    shared = SharedPolicy(diary)
    shared.learn({0: (3, 3.0)})
    shared.choose(rng)
    shared.learn({0: (1, 0.0)})
    shared.choose(rng)
    assert len(diary.updates) == 3
    shared.learn({0: (2, 1.0)})
    shared.choose(rng)
    assert diary.updates[3:] == [(0, 1.0)]


def test_arms_that_there_are_not_are_ignored(rng):
    diary = Diary()
    shared = SharedPolicy(diary)
    shared.learn({7: (1, 1.0), -1: (1, 1.0)})
    shared.choose(rng)
    assert diary.updates == []


def test_own_pulls_are_counted_and_foreign_ones_are_not(rng):
    shared = SharedPolicy(Diary())
    shared.update(2, 0.25)
    shared.update(2, 0.5)
    shared.learn({2: (4, 4.0)})
    shared.choose(rng)
    assert shared.experience() == {2: (2, 0.75)}


def test_a_policy_prefers_what_others_have_found_to_pay():
    shared = SharedPolicy(make_policy("exp3ix", 3))
    rng = np.random.default_rng(1)
    for round_ in range(1, 60):
        shared.learn({0: (round_, 0.0), 1: (round_, float(round_)), 2: (round_, 0.0)})
        shared.choose(rng)
    chosen = [shared.choose(rng) for _ in range(100)]
    assert chosen.count(1) > 60
