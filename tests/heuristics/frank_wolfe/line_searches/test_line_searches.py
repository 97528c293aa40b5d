import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.heuristics.frank_wolfe.functions import Functions
from boundwise.heuristics.frank_wolfe.line_searches.adaptive import Adaptive
from boundwise.heuristics.frank_wolfe.line_searches.agnostic import Agnostic
from boundwise.heuristics.frank_wolfe.line_searches.backtracking import Backtracking
from boundwise.heuristics.frank_wolfe.line_searches.exact import Exact, exact_step
from boundwise.heuristics.frank_wolfe.line_searches.golden_section import GoldenSection
from boundwise.heuristics.frank_wolfe.line_searches.line import Line
from boundwise.heuristics.frank_wolfe.line_searches.monotonic import Monotonic
from boundwise.heuristics.frank_wolfe.line_searches.secant import Secant
from boundwise.heuristics.frank_wolfe.line_searches.short_step import ShortStep

RULES = [Adaptive, Agnostic, Backtracking, GoldenSection, Monotonic, Secant]
MONOTONE = [rule for rule in RULES if rule is not Agnostic]


def ray(f, slope, in_domain=None, iteration=0):
    """Return the ray of a function of one variable from zero to the right."""
    objective = Functions(
        lambda x: f(float(x[0])), lambda x: np.array([slope(float(x[0]))])
    )
    return Line(
        objective, np.zeros(1), f(0.0), np.ones(1), slope(0.0), iteration, in_domain
    )


@pytest.mark.parametrize("rule", MONOTONE)
@given(
    centre=st.floats(1e-3, 10.0),
    sharpness=st.floats(0.01, 100.0),
    largest=st.floats(1e-3, 10.0),
)
@settings(max_examples=20, deadline=None)
def test_monotone_rules_descend_on_a_convex_function(rule, centre, sharpness, largest):
    line = ray(
        lambda t: sharpness * (t - centre) ** 2 + (t - centre) ** 4,
        lambda t: 2.0 * sharpness * (t - centre) + 4.0 * (t - centre) ** 3,
    )
    step = rule().choose(line, largest)
    assert 0.0 < step <= largest
    assert line.value(step) <= line.start_value


@pytest.mark.parametrize("rule", [Secant, GoldenSection])
@given(centre=st.floats(0.01, 2.0))
@settings(max_examples=20, deadline=None)
def test_searches_find_the_minimiser(rule, centre):
    line = ray(lambda t: math.exp(t - centre) - t, lambda t: math.exp(t - centre) - 1.0)
    assert rule().choose(line, 3.0) == pytest.approx(centre, abs=1e-3)
    assert rule().choose(line, 0.5 * centre) == pytest.approx(0.5 * centre, abs=1e-6)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("told", [True, False])
def test_every_rule_stays_in_the_domain(rule, told):
    """-log(0.1 - t) + a line: defined below 0.1 only."""

    def f(t):
        return -math.log(0.1 - t) - 20.0 * t if t < 0.1 else math.inf

    def slope(t):
        return 1.0 / (0.1 - t) - 20.0 if t < 0.1 else math.nan

    line = ray(f, slope, (lambda x: x[0] < 0.1) if told else None)
    step = rule().choose(line, 1.0)
    assert 0.0 < step < 0.1
    assert math.isfinite(line.value(step))


@pytest.mark.parametrize("rule", [Secant, GoldenSection, Backtracking, Monotonic])
def test_no_step_is_made_where_all_ascend(rule):
    """The slope lies: searches fall back on values."""
    line = ray(lambda t: t, lambda t: -1.0 if t == 0 else 1.0)
    step = rule().choose(line, 1.0)
    assert line.value(step) <= 1e-9


def test_one_secant_is_exact_on_a_parabola():
    calls = []

    def slope(t):
        calls.append(t)
        return 6.0 * (t - 0.3)

    line = ray(lambda t: 3.0 * (t - 0.3) ** 2, slope)
    assert Secant().choose(line, 1.0) == pytest.approx(0.3, abs=1e-12)
    assert len(calls) <= 4


def test_agnostic_steps_follow_the_open_loop():
    line = ray(lambda t: t * t, lambda t: 2.0 * t, iteration=8)
    assert Agnostic().choose(line, 1.0) == pytest.approx(0.2)
    assert Agnostic().choose(line, 0.1) == pytest.approx(0.1)


def test_monotonic_steps_remember_their_halvings():
    rule = Monotonic()
    line = ray(lambda t: (t - 0.1) ** 2, lambda t: 2.0 * (t - 0.1))
    assert rule.choose(line, 1.0) == pytest.approx(0.125)
    flat = ray(lambda t: -t, lambda t: -1.0)
    assert rule.choose(flat, 1.0) == pytest.approx(0.125)


@pytest.mark.parametrize(
    ("slope", "curvature", "largest", "expected"),
    [(-1.0, 2.0, 1.0, 0.5), (-1.0, 0.5, 1.0, 1.0), (-1.0, 0.0, 0.7, 0.7), (1, 1, 1, 0)],
)
def test_exact_steps_are_those_of_the_parabola(slope, curvature, largest, expected):
    assert exact_step(float(slope), float(curvature), float(largest)) == expected


def test_the_exact_rule_needs_a_curvature():
    with pytest.raises(InputError, match="'exact' needs an objective"):
        Exact().choose(ray(lambda t: -t, lambda t: -1.0), 1.0)


def test_a_short_step_uses_its_constant():
    line = ray(lambda t: (t - 1.0) ** 2, lambda t: 2.0 * (t - 1.0))
    assert ShortStep(4.0).choose(line, 1.0) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ShortStep(0.0), "smoothness must be a positive number, got 0.0"),
        (lambda: Secant(0.0), r"tolerance must be in \(0, 1\)"),
        (lambda: GoldenSection(2.0), r"tolerance must be in \(0, 1\)"),
        (lambda: Backtracking(factor=1.0), r"factor must be in \(0, 1\)"),
        (lambda: Backtracking(decrease=math.nan), r"decrease must be in \(0, 1\)"),
        (lambda: Backtracking(trials=0), "trials must be a positive integer"),
    ],
)
def test_a_bad_parameter_is_named(make, message):
    with pytest.raises(InputError, match=message):
        make()
