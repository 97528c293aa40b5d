"""Policies stay within the regret that their papers prove, and follow changes."""

import math

import numpy as np
import pytest

from boundwise.heuristics.bandits.exp3 import Exp3
from boundwise.heuristics.bandits.factory import make_policy
from boundwise.heuristics.bandits.round_robin import RoundRobin
from boundwise.heuristics.bandits.sliding_window_ucb import SlidingWindowUCB
from boundwise.heuristics.bandits.softmax import Softmax
from boundwise.heuristics.bandits.streaming import Streaming
from boundwise.heuristics.bandits.ucb import UCB


def play(policy, means, rounds, seed):
    """Play a Bernoulli bandit; return the pulls of each arm."""
    rng = np.random.default_rng(seed)
    pulls = np.zeros(len(means), dtype=int)
    for _ in range(rounds):
        arm = policy.choose(rng)
        policy.update(arm, float(rng.random() < means[arm]))
        pulls[arm] += 1
    return pulls


def regret(pulls, means):
    return pulls.sum() * max(means) - float(pulls @ means)


# -- UCB ------------------------------------------------------------------------------


def ucb1_bound(means, rounds):
    """Auer et al. (2002), Theorem 1: bound on the expected regret of UCB1."""
    gaps = max(means) - np.array(means)
    gaps = gaps[gaps > 0]
    return float(
        8 * np.sum(math.log(rounds) / gaps) + (1 + math.pi**2 / 3) * gaps.sum()
    )


def test_ucb1_stays_within_its_bound():
    means = np.array([0.9, 0.6, 0.3, 0.1])
    losses = [regret(play(UCB(4), means, 2000, seed), means) for seed in range(3)]
    assert np.mean(losses) <= ucb1_bound(means, 2000)


@pytest.mark.slow
def test_ucb1_stays_within_its_bound_over_long_games():
    means = np.array([0.8, 0.75, 0.5, 0.2])
    for rounds in (1000, 10_000, 30_000):
        losses = [regret(play(UCB(4), means, rounds, s), means) for s in range(5)]
        assert np.mean(losses) <= ucb1_bound(means, rounds)


def test_the_bound_of_ucb_by_hand():
    policy = UCB(2, 0.5)
    for arm, reward in ((0, 1.0), (0, 0.0), (0, 1.0), (1, 0.0)):
        policy.update(arm, reward)
    # 2/3 + sqrt(.5 ln 4 / 3) = 1.147 against 0 + sqrt(.5 ln 4) = 0.833.
    assert policy.choose(np.random.default_rng(0)) == 0
    eager = UCB(2, 8.0)
    eager.restore(policy.to_dict())
    # 2/3 + sqrt(8 ln 4 / 3) = 2.59 against sqrt(8 ln 4) = 3.33.
    assert eager.choose(np.random.default_rng(0)) == 1


@pytest.mark.parametrize("name", ["discounted-ucb", "sliding-window-ucb", "thompson"])
def test_policies_that_forget_follow_an_arm_that_turns_good(name):
    policy = make_policy(name, 2)
    play(policy, np.array([0.9, 0.1]), 500, 0)
    assert play(policy, np.array([0.1, 0.9]), 500, 1)[1] > 300


def test_a_window_holds_the_latest_rounds_only():
    policy = SlidingWindowUCB(3, window=4)
    for arm in (0, 1, 2, 2, 2, 2):
        policy.update(arm, 1.0)
    chosen = {policy.choose(np.random.default_rng(seed)) for seed in range(20)}
    assert chosen == {0, 1}


def test_a_discount_may_decay_a_count_to_nothing():
    policy = UCB(2, discount=0.01)
    for arm in (0, *[1] * 400):
        policy.update(arm, 0.5)
    assert policy.choose(np.random.default_rng(0)) == 0


# -- Exp3 -----------------------------------------------------------------------------


def test_exp3_stays_within_its_bound_against_an_adversary():
    # Auer et al. (2002), Corollary 3.2: with this gamma, the expected regret against
    # the best fixed arm is at most 2.63 sqrt(G K ln K), G <= T being its reward.
    size, rounds = 3, 1500
    gamma = min(1.0, math.sqrt(size * math.log(size) / ((math.e - 1) * rounds)))
    losses = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        # Arm 0 is best for a third of the game, arm 2 afterwards.
        rewards = np.array([[0.9, 0.5, 0.1]] * 500 + [[0.1, 0.5, 0.9]] * 1000)
        policy, earned = Exp3(size, gamma), 0.0
        for row in rewards:
            arm = policy.choose(rng)
            policy.update(arm, row[arm])
            earned += row[arm]
        losses.append(rewards.sum(axis=0).max() - earned)
    assert np.mean(losses) <= 2.63 * math.sqrt(rounds * size * math.log(size))


def test_exp3_explores_with_the_probability_of_its_parameter():
    policy = Exp3(4, gamma=0.2)
    policy._log_weights[:] = [0.0, -2000.0, -2000.0, -2000.0]
    rng = np.random.default_rng(0)
    counts = np.bincount([policy.choose(rng) for _ in range(4000)], minlength=4)
    assert counts[1:] / 4000 == pytest.approx([0.05] * 3, abs=0.012)


def test_exp3_weights_by_hand():
    policy = Exp3(2, gamma=0.1)
    rng = np.random.default_rng(0)
    arm = policy.choose(rng)
    policy.update(arm, 0.5)  # p = 1/2: exp(.1 * .5 / (2 * .5))
    assert policy._log_weights[arm] - policy._log_weights[1 - arm] == pytest.approx(
        0.05
    )


# -- softmax, round robin -------------------------------------------------------------


def test_softmax_draws_by_the_exponential_of_the_means():
    policy = Softmax(2, temperature=0.5)
    for arm, reward in ((0, 1.0), (1, 0.5)):
        policy.update(arm, reward)
    rng = np.random.default_rng(0)
    share = np.mean([policy.choose(rng) for _ in range(3000)])
    assert share == pytest.approx(1 / (1 + math.e), abs=0.03)


def test_a_round_robin_keeps_its_order_and_steps_over_what_is_missing():
    policy, rng = RoundRobin(4), np.random.default_rng(0)
    seen = []
    for available in (None, None, [0, 3], None, None, [1], [0, 1]):
        seen.append(policy.choose(rng, available))
        policy.update(seen[-1], 0.0)
    assert seen == [0, 1, 3, 0, 1, 1, 0]


# -- streaming ------------------------------------------------------------------------


def stream(size, rounds, seed, gap):
    """Return the regret of one game with one arm that is better by a gap."""
    rng = np.random.default_rng(10_000 + seed)
    means = np.full(size, 0.5)
    means[rng.integers(size)] += gap
    policy = Streaming(size, horizon=rounds)
    return regret(play(policy, means, rounds, seed), means), policy


def test_streaming_commits_to_a_good_arm_of_many_within_its_bound():
    size, rounds = 50, 4000
    bound = size ** (1 / 3) * rounds ** (2 / 3)
    losses = []
    for seed in range(2):
        loss, policy = stream(size, rounds, seed, gap=0.4)
        assert policy.is_committed
        losses.append(loss)
    assert np.mean(losses) <= bound


@pytest.mark.slow
def test_the_regret_of_streaming_grows_as_its_bound():
    for size in (20, 200):
        for rounds in (10_000, 30_000):
            epsilon = (size / rounds) ** (1 / 3)
            for gap in (epsilon, 2 * epsilon, 0.4):
                losses = [stream(size, rounds, seed, gap)[0] for seed in range(3)]
                assert np.mean(losses) <= size ** (1 / 3) * rounds ** (2 / 3)


@pytest.mark.slow
def test_with_very_many_arms_streaming_loses_less_than_policies_that_try_them_all():
    size, rounds = 3000, 12_000
    rng = np.random.default_rng(0)
    means = rng.uniform(0.0, 1.0, size)
    lost = regret(play(Streaming(size, horizon=rounds), means, rounds, 0), means)
    tried = regret(play(UCB(size), means, rounds, 0), means)
    assert lost < tried


def test_a_streaming_challenger_is_dropped_early_and_a_better_one_becomes_king():
    policy, rng = Streaming(3, horizon=3000), np.random.default_rng(0)
    means = [0.5, 0.0, 1.0]
    order = []
    while not policy.is_committed:
        arm = policy.choose(rng)
        order.append(arm)
        policy.update(arm, means[arm])
    pulls = np.bincount(order)
    assert order == sorted(order)  # one pass: no arm comes back
    assert pulls[1] == policy._least < pulls[0] == pulls[2] == policy._most
    assert policy.choose(rng) == 2
    assert policy.choose(rng, [0, 1]) in {0, 1}
