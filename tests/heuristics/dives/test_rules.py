"""Each rule ranks hand-made candidates as its reference says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.heuristics.dives.active_constraint import ActiveConstraint
from boundwise.heuristics.dives.coefficient import Coefficient
from boundwise.heuristics.dives.distribution import Distribution
from boundwise.heuristics.dives.factory import DIVES, make_dives
from boundwise.heuristics.dives.farkas import Farkas
from boundwise.heuristics.dives.fractional import Fractional
from boundwise.heuristics.dives.guided import Guided
from boundwise.heuristics.dives.line_search import LineSearch
from boundwise.heuristics.dives.pseudocost import Pseudocost
from boundwise.heuristics.dives.rule import Candidates
from boundwise.heuristics.dives.vector_length import VectorLength
from boundwise.heuristics.linear import LinearMip
from tests.heuristics.dives.conftest import HandView

rng = np.random.default_rng(0)


def candidates(values, down=None, up=None):
    """Return candidates at positions 0, 1, ... with one lock each unless told."""
    k = len(values)
    return Candidates(
        positions=np.arange(k),
        values=np.array(values, dtype=float),
        locks_down=np.array(down or [1] * k),
        locks_up=np.array(up or [1] * k),
    )


def view_of(values, **changes):
    """Return a view of binary variables at these values."""
    n = len(values)
    data = {
        "objective": np.ones(n),
        "is_binary": np.ones(n, dtype=bool),
        "lp": np.array(values, dtype=float),
    }
    return HandView(**(data | changes))


def linear(matrix, low, high, upper=1.0):
    """Return rows over integer variables in [0, upper]."""
    from scipy.sparse import csr_array

    n = np.shape(matrix)[1]
    return LinearMip(
        lower=np.zeros(n),
        upper=np.full(n, float(upper)),
        objective=np.ones(n),
        is_integer=np.ones(n, dtype=bool),
        matrix=csr_array(np.array(matrix, dtype=float)),
        row_lower=np.array(low, dtype=float),
        row_upper=np.array(high, dtype=float),
    )


def test_fractional_rounds_the_nearest_to_its_nearest():
    values = [0.4, 0.9, 0.3]
    ranking = Fractional().rank(candidates(values), view_of(values), rng)
    assert np.argmax(ranking.scores) == 1
    assert ranking.up.tolist() == [False, True, False]


def test_fractional_rounds_the_harmless_way_last_and_the_other_way():
    values = [0.4, 0.9, 0.3]
    some = candidates(values, down=[0, 1, 1], up=[1, 0, 1])
    ranking = Fractional().rank(some, view_of(values), rng)
    # 0 may be rounded down, 1 up: they are rounded against that, behind 2.
    assert ranking.up.tolist() == [True, False, False]
    assert np.argmax(ranking.scores) == 2


def test_near_integers_and_general_integers_stand_behind():
    values = [0.005, 1.1, 0.4]
    is_binary = np.array([True, False, True])
    view = view_of(values, is_binary=is_binary)
    order = np.argsort(-Fractional().rank(candidates(values), view, rng).scores)
    assert order.tolist() == [2, 0, 1]


def test_guided_goes_to_the_incumbent():
    values = [0.4, 0.6, 0.9]
    view = view_of(values, incumbent=np.array([1.0, 0.0, 1.0]))
    ranking = Guided().rank(candidates(values), view, rng)
    assert ranking.up.tolist() == [True, False, True]
    assert np.argmax(ranking.scores) == 2
    assert Guided().applies(view)
    assert not Guided().applies(view_of(values))


def test_coefficient_takes_the_side_of_fewer_locks():
    values = [0.5, 0.5, 0.5]
    some = candidates(values, down=[5, 2, 9], up=[3, 7, 8])
    ranking = Coefficient().rank(some, view_of(values), rng)
    assert ranking.up.tolist() == [True, False, True]
    assert np.argmax(ranking.scores) == 1


def test_pseudocost_rounds_where_the_other_side_costs_most():
    values = [0.5, 0.5, 0.5]
    costs = (np.array([1.0, 9.0, 2.0]), np.array([2.0, 1.0, 2.0]))
    ranking = Pseudocost().rank(candidates(values), view_of(values, costs=costs), rng)
    assert ranking.up.tolist() == [False, True, False]
    assert np.argmax(ranking.scores) == 1


def test_pseudocost_goes_on_from_the_root():
    values = [0.5, 0.45]
    costs = (np.array([9.0, 1.0]), np.array([1.0, 9.0]))
    root = np.array([1.0, 0.0])
    view = view_of(values, costs=costs, root=root)
    assert Pseudocost().rank(candidates(values), view, rng).up.tolist() == [False, True]


def test_line_search_follows_the_ray():
    values = [0.4, 0.8, 0.5]
    # Moved .1 down with .4 to go, .4 up with .2 to go, .1 up with .5 to go.
    view = view_of(values, root=np.array([0.5, 0.4, 0.4]))
    ranking = LineSearch().rank(candidates(values), view, rng)
    assert ranking.up.tolist() == [False, True, True]
    assert np.argsort(-ranking.scores).tolist() == [1, 0, 2]
    assert not LineSearch().applies(view_of(values, root=np.array(values)))


def test_vector_length_divides_the_loss_by_the_rows():
    values = [0.5, 0.5, 0.5]
    rows = linear([[1, 1, 1], [0, 1, 1], [0, 1, 0], [0, 1, 0]], [1] * 4, [9] * 4)
    view = view_of(values, rows=rows, objective=np.array([1.0, 1.0, -1.0]))
    ranking = VectorLength().rank(candidates(values), view, rng)
    assert ranking.up.tolist() == [True, True, False]
    assert np.argmax(ranking.scores) == 1


def test_farkas_goes_where_the_objective_wants():
    values = [0.5, 0.5, 0.9]
    view = view_of(values, objective=np.array([-1.0, 7.0, -30.0]))
    ranking = Farkas().rank(candidates(values), view, rng)
    assert ranking.up.tolist() == [True, False, True]
    assert np.argmax(ranking.scores) == 1  # gains 3.5; the last only 3
    assert not Farkas().applies(view_of(values, objective=np.zeros(3)))


def test_active_rows_push_and_rows_with_slack_do_not():
    values = [0.5, 0.5, 0.5]
    # x0 + x1 >= 1 holds with equality; 3 x2 <= 9 has slack.
    rows = linear([[1, 1, 0], [0, 0, 3]], [1, -np.inf], [np.inf, 9])
    view = view_of(values, rows=rows)
    ranking = ActiveConstraint().rank(candidates(values), view, rng)
    assert ranking.up[:2].tolist() == [True, True]
    assert ranking.scores[2] < ranking.scores[:2].min()
    # The same row written the other way round pushes the same way.
    turned = linear([[-1, -1, 0], [0, 0, 3]], [-np.inf, -np.inf], [-1, 9])
    again = ActiveConstraint().rank(
        candidates(values), view_of(values, rows=turned), rng
    )
    np.testing.assert_array_equal(again.up[:2], ranking.up[:2])


def test_distribution_rounds_so_that_a_tight_row_is_likely_to_hold():
    values = [0.5, 0.5]
    # 10 x0 + x1 + ... >= 10 wants x0 up; x1 hardly matters.
    rows = linear([[10, 1, 1, 1]], [10], [np.inf])
    view = view_of(
        [0.5, 0.5, 0, 0],
        rows=rows,
        bounds=(np.zeros(4), np.ones(4)),
    )
    ranking = Distribution().rank(candidates(values), view, rng)
    assert ranking.up.tolist() == [True, True]
    assert np.argmax(ranking.scores) == 0


def test_distribution_agrees_with_enumeration_on_directions():
    # Probability that 3 a + 5 b - 4 c + 2 d <= 3 holds, by all points.
    matrix = np.array([[3.0, 5.0, -4.0, 2.0]])
    rows = linear(matrix, [-np.inf], [3])
    values = [0.5] * 4
    view = view_of(values, rows=rows, bounds=(np.zeros(4), np.ones(4)))
    ranking = Distribution().rank(candidates(values), view, rng)
    points = np.array(np.meshgrid(*[[0, 1]] * 4)).reshape(4, -1)
    holds = (matrix @ points)[0] <= 3
    for j in range(4):
        up, down = holds[points[j] == 1].mean(), holds[points[j] == 0].mean()
        assert up == down or ranking.up[j] == (up > down)


def test_distribution_leaves_out_rows_without_finite_bounds():
    rows = linear([[1, 1, 0], [0, 1, 1]], [1, 1], [np.inf, np.inf], upper=np.inf)
    bounds = (np.zeros(3), np.array([1.0, 1.0, np.inf]))
    values = [0.5, 0.5]
    view = view_of([0.5, 0.5, 3.0], rows=rows, bounds=bounds)
    ranking = Distribution().rank(candidates(values), view, rng)
    assert np.isfinite(ranking.scores).all()
    assert ranking.up.tolist() == [True, True]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(sorted(DIVES)))
def test_every_rule_ranks_every_candidate_with_a_number(seed, name):
    draw = np.random.default_rng(seed)
    k, n, m = int(draw.integers(1, 9)), 10, 5
    matrix = draw.integers(-3, 4, (m, n)) * (draw.random((m, n)) < 0.5)
    low = np.where(draw.random(m) < 0.5, -np.inf, -5.0)
    upper = np.where(draw.random(n) < 0.3, np.inf, draw.integers(1, 5, n))
    lp = draw.random(n) * 1.0
    view = HandView(
        objective=draw.integers(-2, 3, n).astype(float),
        is_binary=draw.random(n) < 0.5,
        lp=lp,
        root=draw.random(n),
        incumbent=draw.integers(0, 2, n).astype(float),
        rows=linear(matrix, low, np.full(m, 6.0), upper=9),
        bounds=(np.zeros(n), upper),
        costs=(draw.random(n), draw.random(n) * (draw.random(n) < 0.7)),
    )
    positions = np.sort(draw.choice(n, size=k, replace=False))
    some = Candidates(
        positions, lp[positions], draw.integers(0, 3, k), draw.integers(0, 3, k)
    )
    rule = DIVES[name]()
    if rule.applies(view):
        ranking = rule.rank(some, view, draw)
        assert ranking.scores.shape == ranking.up.shape == (k,)
        assert np.isfinite(ranking.scores).all()
        assert ranking.up.dtype == bool


def test_names_make_rules_and_wrong_ones_are_refused():
    assert [rule.name for rule in make_dives()] == list(DIVES)
    mine = Fractional(name="mine")
    assert make_dives(["dive-guided", mine])[1] is mine
    for wrong in ("dive-guided", [], ["no"], [3], [Fractional], ["dive-guided"] * 2):
        with pytest.raises(InputError):
            make_dives(wrong)
