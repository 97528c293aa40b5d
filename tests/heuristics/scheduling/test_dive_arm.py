"""A dive gets as many iterations as its time allows, since an LP has no clock."""

from types import SimpleNamespace

import pytest

from boundwise.heuristics.dives.factory import DIVES
from boundwise.heuristics.scheduling import dive_arm
from boundwise.heuristics.scheduling.dive_arm import DiveArm


def limits_of(monkeypatch, *, iterations, lps, seconds, allowance):
    """Return the limits that a dive gets."""
    seen = []

    def dive(model, *args, limits, **kwargs):
        seen.append(limits)
        raise InterruptedError

    monkeypatch.setattr(dive_arm, "dive", dive)
    model = SimpleNamespace(
        getNLPIterations=lambda: iterations,
        getNLPs=lambda: lps,
        getSolvingTime=lambda: seconds,
        getUpperbound=lambda: 0.0,
    )
    node = SimpleNamespace(
        model=model,
        view=None,
        rng=None,
        heuristic=None,
        is_timed=True,
        allowance=allowance,
    )
    with pytest.raises(InterruptedError):
        DiveArm(DIVES["dive-fractional"]()).run(node)
    return seen[0]


def test_slow_lps_leave_a_dive_few_iterations(monkeypatch):
    # One LP of 40,000 iterations took 20 s: half a second is worth 1000 of them, or
    # twice that if the others are faster.
    limits = limits_of(
        monkeypatch, iterations=40_000, lps=1, seconds=20.0, allowance=0.5
    )
    assert (limits.iterations, limits.seconds) == (2000, 0.5)


def test_fast_lps_leave_a_dive_as_many_iterations_as_fifty_of_them(monkeypatch):
    limits = limits_of(
        monkeypatch, iterations=10_000, lps=500, seconds=0.5, allowance=1.0
    )
    assert limits.iterations == 1000


def test_a_dive_gets_five_hundred_iterations_whatever_came_before(monkeypatch):
    limits = limits_of(monkeypatch, iterations=0, lps=0, seconds=0.0, allowance=0.1)
    assert limits.iterations == 500
