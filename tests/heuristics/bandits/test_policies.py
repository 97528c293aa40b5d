"""What every policy must do: learn, respect restrictions, repeat by seed, refuse."""

import json
import math

import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.heuristics.bandits.epsilon_greedy import EpsilonGreedy
from boundwise.heuristics.bandits.exp3 import Exp3
from boundwise.heuristics.bandits.exp3ix import Exp3IX
from boundwise.heuristics.bandits.factory import POLICIES, make_policy
from boundwise.heuristics.bandits.sliding_window_ucb import SlidingWindowUCB
from boundwise.heuristics.bandits.softmax import Softmax
from boundwise.heuristics.bandits.streaming import Streaming
from boundwise.heuristics.bandits.thompson import Thompson
from boundwise.heuristics.bandits.ucb import UCB
from boundwise.heuristics.protocols import Policy, RestorablePolicy

LEARNING = sorted(set(POLICIES) - {"uniform", "round-robin"})


def play(policy, means, rounds, seed, available=None):
    """Play a Bernoulli bandit; return the pulls of each arm."""
    rng = np.random.default_rng(seed)
    pulls = np.zeros(len(means), dtype=int)
    for _ in range(rounds):
        arm = policy.choose(rng, available)
        policy.update(arm, float(rng.random() < means[arm]))
        pulls[arm] += 1
    return pulls


def regret(pulls, means):
    return pulls.sum() * max(means) - float(pulls @ means)


@pytest.mark.parametrize("name", LEARNING)
def test_learning_policies_lose_less_than_half_of_what_uniform_choice_loses(name):
    means = np.array([0.2, 0.5, 0.3, 0.8, 0.1])
    losses = [
        regret(play(make_policy(name, 5), means, 2000, seed), means)
        for seed in range(3)
    ]
    uniform = regret(play(make_policy("uniform", 5), means, 2000, 0), means)
    assert np.mean(losses) < 0.5 * uniform


@pytest.mark.parametrize("rounds", [500, 2000])
def test_exp3ix_stays_within_its_regret_bound(rounds):
    # Neu (2015), Theorem 1: with probability 1 - delta, regret is at most
    # 4 sqrt(K T ln K) + (2 sqrt(K T / ln K) + 1) ln(2 / delta).
    means = np.array([0.4, 0.5, 0.6, 0.45])
    size, delta = len(means), 0.01
    bound = 4 * math.sqrt(size * rounds * math.log(size)) + (
        2 * math.sqrt(size * rounds / math.log(size)) + 1
    ) * math.log(2 / delta)
    for seed in range(3):
        assert regret(play(Exp3IX(size), means, rounds, seed), means) <= bound


def test_exp3ix_loses_less_per_round_the_longer_it_plays():
    means = np.array([0.2, 0.8])
    policy = Exp3IX(2)
    early = regret(play(policy, means, 300, 1), means)
    late = regret(play(policy, means, 300, 2), means)
    assert late < early


def test_thompson_follows_an_arm_that_turns_good():
    policy = Thompson(2, discount=0.95)
    play(policy, np.array([0.9, 0.1]), 300, 0)
    pulls = play(policy, np.array([0.1, 0.9]), 300, 1)
    assert pulls[1] > 200
    stubborn = Thompson(2, discount=1.0)
    play(stubborn, np.array([0.9, 0.1]), 300, 0)
    assert play(stubborn, np.array([0.1, 0.9]), 300, 1)[1] < pulls[1]


@pytest.mark.parametrize("name", LEARNING)
def test_an_arm_that_never_earns_anything_loses_its_weight(name):
    policy = make_policy(name, 3)
    pulls = play(policy, np.array([0.0, 0.6, 0.6]), 1500, 4)
    assert pulls[0] < 0.2 * pulls.sum()


def test_exp3ix_weights_by_hand():
    policy = Exp3IX(2)
    policy.update(0, 0.25)
    gamma = math.sqrt(math.log(2) / 8)
    weight = math.exp(-2 * gamma * 0.75 / (0.5 + gamma))
    assert policy.probabilities == pytest.approx(
        [weight / (1 + weight), 1 / (1 + weight)]
    )
    p = policy.probabilities[1]
    policy.update(1, 1.0)
    assert policy.probabilities[1] == p
    assert policy.probabilities.sum() == pytest.approx(1.0, abs=1e-15)


def test_exp3ix_weighs_by_the_probability_of_the_draw_it_made():
    # Drawn from one arm, the probability was 1, not 1/4: an estimate of the loss by
    # 1/4 would punish the arm four times.
    policy = Exp3IX(4)
    arm = policy.choose(np.random.default_rng(0), [2])
    policy.update(arm, 0.0)
    gamma = math.sqrt(math.log(4) / 16)
    weight = math.exp(-2 * gamma / (1 + gamma))
    assert policy.probabilities[2] == pytest.approx(weight / (3 + weight))


def test_exp3ix_can_choose_among_arms_whose_weight_has_vanished():
    # The difference of log weights passes 745 in a long run; exp gives 0 then.
    policy = Exp3IX(3)
    policy._log_weights[:] = [0.0, -2000.0, -2001.0]
    rng = np.random.default_rng(0)
    drawn = {policy.choose(rng, [1, 2]) for _ in range(200)}
    assert drawn == {1, 2}
    policy.update(1, 0.0)
    assert np.isfinite(policy.probabilities).all()


def test_exp3ix_with_the_worst_rewards_for_long_stays_finite():
    policy = Exp3IX(3)
    rng = np.random.default_rng(0)
    for _ in range(20_000):
        policy.update(policy.choose(rng, [0, 1]), 0.0)
    assert policy.probabilities[2] > 0.99
    assert np.isfinite(policy._log_weights).all()


def test_epsilon_greedy_pulls_every_arm_once_first():
    policy = EpsilonGreedy(6)
    rng = np.random.default_rng(0)
    seen = []
    for _ in range(6):
        seen.append(policy.choose(rng))
        policy.update(seen[-1], 1.0)
    assert sorted(seen) == list(range(6))


def test_epsilon_greedy_explores_as_often_as_its_formula_says():
    n_draws = 4000
    policy = EpsilonGreedy(2, epsilon=0.8)
    for arm, reward in ((0, 1.0), (1, 0.0)):
        for _ in range(10):
            policy.update(arm, reward)
    rng = np.random.default_rng(0)
    share = sum(policy.choose(rng) == 1 for _ in range(n_draws)) / n_draws
    assert share == pytest.approx(0.5 * 0.8 * math.sqrt(2 / 21), abs=0.02)


def test_weighted_exploration_prefers_the_better_of_the_bad_arms():
    policy = EpsilonGreedy(3, epsilon=1.0, weighted=True)
    for arm, reward in ((0, 1.0), (1, 0.9), (2, 0.1)):
        policy.update(arm, reward)
    rng = np.random.default_rng(0)
    drawn = np.bincount([policy.choose(rng) for _ in range(3000)], minlength=3)
    assert drawn[1] > 5 * drawn[2] > 0


# -- all policies -------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(POLICIES))
class TestEveryPolicy:
    def test_it_is_a_policy(self, name):
        assert isinstance(make_policy(name, 3), Policy)

    def test_the_same_seed_gives_the_same_choices(self, name):
        means = np.array([0.3, 0.5, 0.7])
        one, other = (play(make_policy(name, 3), means, 200, 9) for _ in range(2))
        assert np.array_equal(one, other)

    def test_a_restricted_choice_stays_inside(self, name):
        means = np.full(5, 0.5)
        pulls = play(make_policy(name, 5), means, 300, 0, available=[3, 1])
        assert pulls[[0, 2, 4]].sum() == 0
        assert pulls[1] > 0
        assert pulls[3] > 0

    def test_what_it_has_learned_survives_a_file(self, name):
        means = np.array([0.2, 0.5, 0.3])
        taught, fresh = make_policy(name, 3), make_policy(name, 3)
        assert isinstance(taught, RestorablePolicy)
        play(taught, means, 150, 0)
        fresh.restore(json.loads(json.dumps(taught.to_dict(), allow_nan=False)))
        assert fresh.to_dict() == taught.to_dict()
        one, other = (play(policy, means, 60, 1) for policy in (taught, fresh))
        assert np.array_equal(one, other)

    def test_a_damaged_state_is_refused_and_changes_nothing(self, name):
        policy = make_policy(name, 3)
        play(policy, np.array([0.2, 0.5, 0.3]), 50, 0)
        good = policy.to_dict()
        wrong = [None, [], {}, good | {"n_arms": 4}, good | {"policy": "Other"}]
        for key in set(good) - {"policy", "n_arms"}:
            wrong += [
                good | {key: value}
                for value in ("x", [1.0], [math.nan] * 3, {}, None, math.inf, [[0, 2]])
            ]
            wrong.append({k: v for k, v in good.items() if k != key})
        for state in wrong:
            with pytest.raises(InputError, match="state"):
                policy.restore(state)
        assert policy.to_dict() == good

    def test_availability_may_change_from_round_to_round(self, name):
        policy, rng = make_policy(name, 6), np.random.default_rng(3)
        for _ in range(400):
            available = rng.permutation(6)[: rng.integers(1, 7)].tolist()
            arm = policy.choose(rng, available)
            assert arm in available
            policy.update(arm, float(rng.random()))

    def test_a_single_arm_is_always_pulled(self, name):
        assert play(make_policy(name, 1), np.array([0.0]), 50, 0)[0] == 50

    def test_every_arm_is_tried(self, name):
        assert play(make_policy(name, 4), np.full(4, 0.5), 400, 0).min() > 0

    def test_an_arm_can_be_updated_that_was_not_chosen(self, name):
        policy = make_policy(name, 2)
        policy.update(1, 0.5)
        assert policy.choose(np.random.default_rng(0)) in {0, 1}

    @pytest.mark.parametrize(
        "available", [[], [2], [-1], [0, 5], [0.5], ["a"], [True, 0.2]]
    )
    def test_arms_that_do_not_exist_cannot_be_chosen(self, name, available):
        with pytest.raises(InputError, match="available"):
            make_policy(name, 2).choose(np.random.default_rng(0), available)

    @pytest.mark.parametrize("arm", [-1, 2, 0.0, "0", None, True])
    def test_arms_that_do_not_exist_cannot_be_updated(self, name, arm):
        with pytest.raises(InputError, match="arm"):
            make_policy(name, 2).update(arm, 0.5)

    @pytest.mark.parametrize("reward", [-1e-9, 1.0 + 1e-9, math.nan, math.inf])
    def test_rewards_outside_the_unit_interval_are_refused(self, name, reward):
        with pytest.raises(InputError, match="reward"):
            make_policy(name, 2).update(0, reward)

    @pytest.mark.parametrize("n_arms", [0, -1, 1.0, True, "2", None])
    def test_a_number_of_arms_is_a_positive_integer(self, name, n_arms):
        with pytest.raises(InputError, match="n_arms"):
            make_policy(name, n_arms)


@pytest.mark.parametrize("value", [0.0, -0.1, 1.1, math.nan])
def test_parameters_out_of_range_are_refused(value):
    with pytest.raises(InputError, match="epsilon"):
        EpsilonGreedy(2, epsilon=value)
    for policy in (Thompson, Softmax, UCB):
        with pytest.raises(InputError, match="discount"):
            policy(2, discount=value)
    with pytest.raises(InputError, match="gamma"):
        Exp3(2, gamma=value)


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
def test_scales_that_are_not_positive_are_refused(value):
    with pytest.raises(InputError, match="exploration"):
        UCB(2, value)
    with pytest.raises(InputError, match="exploration"):
        SlidingWindowUCB(2, exploration=value)
    with pytest.raises(InputError, match="temperature"):
        Softmax(2, value)


@pytest.mark.parametrize("value", [0, -1, 2.0, True])
def test_counts_that_are_not_positive_integers_are_refused(value):
    with pytest.raises(InputError, match="window"):
        SlidingWindowUCB(2, window=value)
    with pytest.raises(InputError, match="horizon"):
        Streaming(2, horizon=value)


@pytest.mark.parametrize("policy", ["exp4", "", None, 5, Exp3IX, object()])
def test_what_is_no_policy_is_refused(policy):
    with pytest.raises(InputError, match="policy"):
        make_policy(policy, 2)


def test_a_policy_for_another_number_of_arms_is_refused():
    with pytest.raises(InputError, match="4 arms"):
        make_policy(Exp3IX(3), 4)
    mine = Exp3IX(4)
    assert make_policy(mine, 4) is mine
