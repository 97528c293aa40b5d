"""RENS holds the roundings of the relaxation, whatever the incumbent is."""

import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.heuristics.neighbourhoods.rens import Rens

LP = [0.0, 1.0, 0.5, 2.3, 0.7]


def test_integral_variables_are_fixed_to_the_relaxation_not_to_the_incumbent(
    state_of, rng
):
    state = state_of([1, 0, 0, 0, 0.1], upper=9, lp=LP, is_integer=[True] * 4 + [False])
    proposed = Rens().propose(state, 0.5, rng)
    assert dict(zip(proposed.fixed, proposed.values, strict=True)) == {0: 0.0, 1: 1.0}
    bounds = proposed.bounds
    boxes = {
        v: (low, up)
        for v, low, up in zip(bounds.variables, bounds.lower, bounds.upper, strict=True)
    }
    assert boxes == {2: (0.0, 1.0), 3: (2.0, 3.0)}


def test_a_value_is_integral_within_the_tolerance(state_of, rng):
    # 1 - 1e-9 is not a fractional value whose floor is 0.
    state = state_of([0, 0, 0], upper=9, lp=[1 - 1e-9, 2 + 1e-9, 0.5])
    proposed = Rens().propose(state, 0.67, rng)
    assert dict(zip(proposed.fixed, proposed.values, strict=True)) == {0: 1.0, 1: 2.0}
    assert Rens().natural_rate(state) == pytest.approx(2 / 3)


def test_a_higher_rate_rounds_what_is_nearest_to_an_integer(state_of, rng):
    state = state_of([0, 0, 0, 0], upper=9, lp=[0.5, 1.9, 0.0, 0.4])
    proposed = Rens().propose(state, 0.5, rng)
    assert dict(zip(proposed.fixed, proposed.values, strict=True)) == {2: 0.0, 1: 2.0}


def test_a_lower_rate_lets_integral_variables_move_by_one_within_their_bounds(
    state_of, rng
):
    state = state_of([0, 0, 0, 0], upper=3, lp=[0.0, 2.0, 3.0, 0.5])
    proposed = Rens().propose(state, 0.25, rng)
    bounds = proposed.bounds
    allowed = {0: (0, 1), 1: (1, 3), 2: (2, 3), 3: (0, 1)}
    for v, low, up in zip(bounds.variables, bounds.lower, bounds.upper, strict=True):
        assert (low, up) == allowed[v]
    assert len(bounds.variables) == 3


def test_several_references_span_the_box(state_of, rng):
    state = state_of([1, 1, 4], upper=9, lp=[0.0, 1.0, 2.5], node=[0.0, 1.0, 3.0])
    proposed = Rens(references=3).propose(state, 0.34, rng)
    # Node and root LP and the pool agree on 1 only.
    assert proposed.fixed.tolist() == [1]
    bounds = proposed.bounds
    boxes = {
        v: (low, up)
        for v, low, up in zip(bounds.variables, bounds.lower, bounds.upper, strict=True)
    }
    assert boxes == {0: (0.0, 1.0), 2: (2.0, 4.0)}


def test_the_node_relaxation_comes_first(state_of, rng):
    state = state_of([0, 0], lp=[0.0, 0.5], node=[0.5, 1.0])
    proposed = Rens().propose(state, 0.5, rng)
    assert (proposed.fixed.tolist(), proposed.values.tolist()) == ([1], [1.0])


def test_without_or_with_an_integral_relaxation_there_is_nothing(state_of, rng):
    assert Rens().propose(state_of([0, 0, 0]), 0.5, rng) is None
    assert Rens().natural_rate(state_of([0, 0, 0])) is None
    integral = state_of([0, 0, 0], lp=[1.0, 0.0, 1.0])
    assert Rens().propose(integral, 0.5, rng) is None


@pytest.mark.parametrize("references", [0, -1])
def test_a_number_of_references_below_one_is_refused(references):
    with pytest.raises(InputError, match="references"):
        Rens(references=references)


def test_ten_thousand_variables_take_no_loop_over_them(state_of, rng):
    n = 10_000
    state = state_of(np.zeros(n), lp=rng.uniform(0, 1, n).round(1))
    proposed = Rens().propose(state, 0.9, rng)
    assert len(proposed.fixed) == 9000
