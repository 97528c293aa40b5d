import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.solvers.convex.branching import BranchingContext, make_rule
from boundwise.solvers.convex.pseudocosts import Pseudocosts


def context(fractions, gradient=None, pseudocosts=None, probe=None):
    n = len(fractions)
    return BranchingContext(
        np.arange(n),
        np.array(fractions),
        np.ones(n) if gradient is None else np.array(gradient, dtype=float),
        pseudocosts or Pseudocosts(n),
        np.random.default_rng(0),
        probe or (lambda j: (0.0, 0.0)),
    )


def test_most_infeasible_takes_the_value_nearest_one_half():
    assert make_rule("most-infeasible").choose(context([0.1, 0.45, 0.8])) == 1


def test_the_gradient_weighs_the_distance():
    rule = make_rule("gradient")
    assert rule.choose(context([0.1, 0.45, 0.8], [1.0, 1.0, 9.0])) == 2


def test_pseudocosts_take_over_once_all_are_known():
    costs = Pseudocosts(3)
    rule = make_rule("pseudocost")
    assert rule.choose(context([0.1, 0.45, 0.8], pseudocosts=costs)) == 1
    for j, gain in enumerate([5.0, 1.0, 1.0]):
        costs.update(j, False, 0.5, gain)
        costs.update(j, True, 0.5, gain)
    assert rule.choose(context([0.4, 0.45, 0.5], pseudocosts=costs)) == 0


def test_a_variable_without_records_is_scored_by_the_average():
    costs = Pseudocosts(2)
    costs.update(0, False, 0.5, 2.0)
    costs.update(0, True, 0.5, 2.0)
    scores = costs.scores(np.arange(2), np.array([0.5, 0.5]))
    assert scores[0] == pytest.approx(scores[1]) == pytest.approx(4.0)


def test_gains_that_are_not_finite_or_not_far_are_not_recorded():
    costs = Pseudocosts(1)
    costs.update(0, True, 0.0, 1.0)
    costs.update(0, True, 0.5, np.inf)
    assert not costs.is_known(np.array([0])).any()


def test_strong_branching_takes_the_best_of_the_smaller_sides():
    sides = {0: (5.0, 1.0), 1: (3.0, 3.0), 2: (9.0, 2.0)}
    chosen = make_rule("strong").choose(
        context([0.5, 0.4, 0.6], probe=lambda j: sides[j])
    )
    assert chosen == 1


def test_the_hierarchy_chooses_one_of_the_candidates():
    rng = np.random.default_rng(1)
    rule = make_rule("hierarchy")
    for n in range(1, 8):
        fractions = rng.uniform(0.001, 0.999, n)
        assert 0 <= rule.choose(context(fractions, rng.normal(size=n))) < n


def test_a_rule_of_ones_own_is_taken_and_others_are_refused():
    class Last:
        def choose(self, context):
            return int(context.candidates[-1])

    rule = Last()
    assert make_rule(rule) is rule
    with pytest.raises(InputError, match="branching"):
        make_rule("middle")
    with pytest.raises(InputError, match="branching"):
        make_rule(3)
