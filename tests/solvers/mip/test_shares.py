"""The division of a budget between partners."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.solvers.mip.shares import Claim, Shares

TWO = {
    "a": Claim(floor=0.1, opening=3.0, stalled=1.0),
    "b": Claim(floor=0.2, opening=1.0, stalled=3.0),
}


def play(shares, gains, n_turns=400, patience=0.0):
    """Give turns of length 1, each earning its partner's gain; return the counts."""
    counts = dict.fromkeys(gains, 0)
    for _ in range(n_turns):
        name = shares.next(list(gains))
        counts[name] += 1
        current = shares.shares(list(gains), patience)
        shares.settle(name, gains[name], 1.0, current)
    return counts


def test_while_nobody_has_earned_anything_the_opening_weights_divide_what_is_free():
    shares = Shares(TWO, half_life=10.0)
    # a: .1 + .7 * .75, b: .2 + .7 * .25
    opening = pytest.approx({"a": 0.625, "b": 0.375})
    assert shares.shares(["a", "b"], 0.0) == opening
    shares.settle("a", 0.0, 1.0, {"a": 1.0})
    assert shares.shares(["a", "b"], 0.0) == opening
    shares.settle("b", 1e-9, 1.0, {"b": 1.0})
    assert shares.shares(["a", "b"], 0.0) == pytest.approx({"a": 0.1, "b": 0.9})


def test_turns_follow_the_rates_of_gain():
    counts = play(Shares(TWO, half_life=10.0), {"a": 0.03, "b": 0.01})
    # a: .1 + .7 * .75, b: .2 + .7 * .25
    assert counts["a"] / 400 == pytest.approx(0.625, abs=0.02)


def test_a_partner_without_gains_keeps_its_floor():
    counts = play(Shares(TWO, half_life=10.0), {"a": 1.0, "b": 0.0})
    assert counts["b"] / 400 == pytest.approx(0.2, abs=0.02)


def test_old_gains_are_forgotten():
    shares = Shares(TWO, half_life=10.0)
    play(shares, {"a": 1.0, "b": 0.0}, 100)
    play(shares, {"a": 0.0, "b": 0.1}, 300)
    assert shares.shares(["a", "b"], 0.0)["b"] > 0.85


def test_a_stalled_run_follows_the_weights_of_proving():
    counts = play(Shares(TWO, half_life=10.0), {"a": 1.0, "b": 0.0}, patience=1.0)
    assert counts["b"] / 400 == pytest.approx(0.2 + 0.7 * 0.75, abs=0.02)


def test_a_partner_that_was_not_ready_has_no_claim_on_that_time():
    shares = Shares(TWO, half_life=10.0)
    play(shares, {"a": 0.1}, 100)
    counts = play(shares, {"a": 0.1, "b": 0.1}, 20)
    assert counts["b"] < 15


def test_running_turns_count_as_spent():
    shares = Shares(TWO, half_life=10.0)
    assert shares.next(["a", "b"]) == "a"
    assert shares.next(["a", "b"], {"a": 1.0}) == "b"


def test_floors_must_leave_something_to_earn():
    with pytest.raises(InputError, match="floors"):
        Shares({"a": Claim(floor=1.0, opening=1.0, stalled=1.0)}, 1.0)


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.floats(0, 1), st.floats(0, 100)),
        max_size=20,
    ),
    st.floats(0, 5),
)
def test_shares_add_up_to_one_and_are_never_below_the_floor(turns, patience):
    shares = Shares(TWO, half_life=3.0)
    for name, gain, effort in turns:
        shares.settle(name, gain, effort, shares.shares(["a", "b"], patience))
    current = shares.shares(["a", "b"], patience)
    assert sum(current.values()) == pytest.approx(1.0)
    assert all(current[name] >= TWO[name].floor - 1e-12 for name in TWO)
