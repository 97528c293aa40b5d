"""What costs is freed; what the root says is expensive to move is fixed."""

import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.heuristics.neighbourhoods.combination import Combination
from boundwise.heuristics.neighbourhoods.graph import ConstraintGraph
from boundwise.heuristics.neighbourhoods.local_branching import LocalBranching
from boundwise.heuristics.neighbourhoods.mutation import Mutation
from boundwise.heuristics.neighbourhoods.objective_guided import (
    ObjectiveGuided,
    excess_of,
)
from boundwise.heuristics.neighbourhoods.order import fix_about, layers_from
from boundwise.heuristics.neighbourhoods.proximity import Proximity
from boundwise.heuristics.neighbourhoods.random_constraint import RandomConstraint
from boundwise.heuristics.neighbourhoods.reduced_cost import ReducedCost
from boundwise.heuristics.neighbourhoods.rens import Rens
from boundwise.heuristics.neighbourhoods.rins import Rins

# -- objective-guided ---------------------------------------------------------------


def test_the_excess_is_measured_from_the_better_bound(state_of):
    state = state_of(
        [1, 1, 0, 2, 3],
        costs=[2, -2, -5, 1, 1],
        lower=[0, 0, 0, 2, -np.inf],
        upper=[1, 1, 1, 9, 9],
    )
    assert excess_of(state).tolist() == [2.0, 0.0, 5.0, 0.0, 3.0]


def test_expensive_variables_are_freed_in_proportion(state_of, free_share):
    state = state_of([1, 1, 1, 0, 0, 0], costs=[3, 1, 0, 1, 1, 1])
    shares = free_share(ObjectiveGuided(), state, 5 / 6)
    assert shares[:2] == pytest.approx([0.75, 0.25], abs=0.1)
    assert shares[2:].sum() == 0.0


def test_costs_of_continuous_variables_pass_through_their_constraints(
    state_of, free_share
):
    # Only continuous variables 4 and 5 cost; 4 is expensive, and shares a row with 0.
    state = state_of(
        [0, 0, 0, 0, 8, 0],
        is_integer=[True] * 4 + [False] * 2,
        upper=[1] * 4 + [9] * 2,
        costs=[0, 0, 0, 0, 1, 1],
        rows=[(0, 4), (1, 5), (2, 3)],
    )
    shares = free_share(ObjectiveGuided(), state, 0.75, times=20)
    assert shares[:4].tolist() == [1.0, 0.0, 0.0, 0.0]


def test_where_nothing_costs_there_is_nothing_to_free(state_of, rng):
    assert ObjectiveGuided().propose(state_of([0, 0, 0]), 0.5, rng) is None
    assert ObjectiveGuided().propose(state_of([1, 1], costs=0.0), 0.5, rng) is None


# -- reduced costs ------------------------------------------------------------------


def test_prices_decide_what_is_fixed(state_of, rng):
    state = state_of(
        [0, 0, 1, 1], lp=[0, 0, 1, 0.5], reduced_costs=[5.0, 0.1, -3.0, 0.0]
    )
    proposed = ReducedCost(noise=0.0).propose(state, 0.5, rng)
    assert sorted(proposed.fixed.tolist()) == [0, 2]


def test_what_has_already_paid_its_price_is_fixed_last(state_of, rng):
    # 0 is at 1 against an LP value of 0 at a price of 5: the solution has lost 5 there.
    state = state_of([1, 0, 0], lp=[0, 0, 0], reduced_costs=[5.0, 1.0, 0.0])
    proposed = ReducedCost(noise=0.0).propose(state, 0.67, rng)
    assert sorted(proposed.fixed.tolist()) == [1, 2]


@pytest.mark.parametrize("given", [{}, {"lp": 0}, {"lp": 0, "reduced_costs": 0.0}])
def test_without_reduced_costs_there_is_nothing(state_of, rng, given):
    assert ReducedCost().propose(state_of([1, 0, 1], **given), 0.5, rng) is None


# -- random constraints -------------------------------------------------------------


@pytest.mark.parametrize("neighbouring", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_whole_constraints_are_freed(state_of, neighbouring, seed):
    rows = [tuple(range(4 * k, 4 * k + 4)) for k in range(10)]
    state = state_of([0] * 40, rows=rows)
    arm = RandomConstraint(neighbouring=neighbouring)
    proposed = arm.propose(state, 0.8, np.random.default_rng(seed))
    free = np.setdiff1d(np.arange(40), proposed.fixed)
    assert len(free) == 8
    assert np.unique(free // 4, return_counts=True)[1].tolist() == [4, 4]


@pytest.mark.parametrize("seed", range(10))
def test_neighbouring_constraints_hang_together(state_of, seed):
    state = state_of([0] * 60, rows=[(i, i + 1) for i in range(59)])
    arm = RandomConstraint(neighbouring=True)
    proposed = arm.propose(state, 0.9, np.random.default_rng(seed))
    free = np.setdiff1d(np.arange(60), proposed.fixed)
    assert np.ptp(free) == len(free) - 1 == 5


def test_more_is_freed_at_random_where_constraints_hold_too_few(state_of, rng):
    state = state_of([0] * 10, rows=[(0, 1)])
    for neighbouring in (False, True):
        proposed = RandomConstraint(neighbouring=neighbouring).propose(state, 0.5, rng)
        free = np.setdiff1d(np.arange(10), proposed.fixed)
        assert len(free) == 5
        assert {0, 1} <= set(free.tolist())


def test_constraints_over_continuous_variables_only_are_none(state_of, rng):
    state = state_of([0] * 4, is_integer=[True, True, False, False], rows=[(2, 3)])
    for neighbouring in (False, True):
        arm = RandomConstraint(neighbouring=neighbouring)
        assert arm.propose(state, 0.5, rng) is None


# -- local branching ----------------------------------------------------------------


@pytest.mark.parametrize(("rate", "radius"), [(0.6, 10), (0.9, 2), (0.998, 2)])
def test_the_radius_of_local_branching_follows_the_rate(state_of, rng, rate, radius):
    state = state_of(np.resize([0.0, 1.0], 100))
    proposed = LocalBranching().propose(state, rate, rng)
    assert len(proposed.fixed) == 0
    row = proposed.rows
    for flips, inside in ((0, True), (radius, True), (radius + 1, False)):
        x = state.current.copy()
        x[:flips] = 1.0 - x[:flips]
        assert bool((row.matrix @ x <= row.upper).all()) is inside


def test_local_branching_has_nothing_where_its_row_would_say_nothing(state_of, rng):
    assert LocalBranching().propose(state_of([0, 1]), 0.5, rng) is None
    assert LocalBranching().propose(state_of([0] * 9, upper=5), 0.5, rng) is None
    assert LocalBranching(most_integers=9).propose(state_of([0] * 10), 0.5, rng) is None


# -- combinations -------------------------------------------------------------------


def test_fixing_what_both_fix_frees_what_either_frees(state_of, rng):
    # RINS frees 0 and 1, the objective frees 9.
    state = state_of(
        [1] + [0] * 8 + [1], costs=[0] * 9 + [1], lp=[0.5, 0.5] + [0] * 7 + [1]
    )
    arm = Combination(Rins(), ObjectiveGuided())
    proposed = arm.propose(state, 0.8, rng)
    free = set(range(10)) - set(proposed.fixed.tolist())
    assert arm.name == "rins|objective-guided"
    assert len(proposed.fixed) == 8
    assert 9 in free
    assert len(free & {0, 1}) == 1


def test_fixing_what_either_fixes_frees_about_as_much_as_asked(state_of, rng):
    state = state_of([0] * 400)
    arm = Combination(Mutation("a"), Mutation("b"), either=True)
    counts = [len(arm.propose(state, 0.75, rng).fixed) for _ in range(30)]
    assert max(counts) <= 300
    assert np.mean(counts) == pytest.approx(295, abs=10)


def test_a_combination_needs_both_and_plain_fixings(state_of, rng):
    state = state_of([0, 1, 0, 1], bound=0.0)
    assert Combination(Rins(), Mutation()).propose(state, 0.5, rng) is None
    wrong = state_of([0, 1, 0, 1], lp=[1, 0.5, 0.5, 0], bound=0.0)
    for other in (Proximity(), Rens()):
        with pytest.raises(InputError, match="only fix"):
            Combination(Mutation(), other).propose(wrong, 0.5, rng)


# -- fixing more or less --------------------------------------------------------------


def test_layers_of_the_constraint_graph(state_of):
    state = state_of([0] * 7, rows=[(i, i + 1) for i in range(5)])
    layers = layers_from(state.problem, np.array([0]), ConstraintGraph())
    assert layers.tolist() == [0, 1, 2, 3, 4, 4, 4]
    alone = state_of([0] * 3)
    assert layers_from(alone.problem, np.array([1]), ConstraintGraph()).min() == 4


def test_too_many_are_unfixed_where_fixing_costs_most(state_of, rng):
    state = state_of([1, 1, 1, 1], lp=0.0, reduced_costs=[4.0, 1.0, 3.0, 2.0])
    proposed = fix_about(state, np.arange(4), 0.5, rng, ConstraintGraph())
    assert sorted(proposed.fixed.tolist()) == [1, 3]


def test_at_equal_distance_the_cheap_ones_are_fixed_first(state_of, rng):
    state = state_of(
        [1, 1, 1, 1],
        lp=0.0,
        reduced_costs=[9.0, 4.0, 1.0, 2.0],
        rows=[(0, 1, 2, 3)],
    )
    proposed = fix_about(state, np.array([0]), 0.5, rng, ConstraintGraph())
    assert sorted(proposed.fixed.tolist()) == [0, 2]


def test_rins_inside_a_tree_compares_with_the_node(state_of, rng):
    state = state_of([1, 1, 0, 0], lp=[0, 0, 0, 0], node=[1, 1, 1, 1])
    assert sorted(Rins().propose(state, 0.5, rng).fixed.tolist()) == [0, 1]
    assert Rins().natural_rate(state) == 0.5
