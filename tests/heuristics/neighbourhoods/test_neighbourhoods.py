"""What neighbourhoods fix: integers only, as many as asked, to values that fit."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from boundwise.core.errors import InputError
from boundwise.heuristics.neighbourhoods.crossover import Crossover
from boundwise.heuristics.neighbourhoods.factory import (
    DEFAULT_ARMS,
    NEIGHBOURHOODS,
    make_neighbourhoods,
)
from boundwise.heuristics.neighbourhoods.graph_ball import GraphBall
from boundwise.heuristics.neighbourhoods.mutation import Mutation
from boundwise.heuristics.neighbourhoods.rins import Rins
from boundwise.heuristics.protocols import (
    MipView,
    Neighbourhood,
    Relaxation,
    SearchState,
)


def make_state(
    is_integer,
    rows=(),
    current=None,
    pool=(),
    relaxation=None,
    lower=0.0,
    upper=9.0,
    reduced_costs=None,
    node=None,
    costs=None,
):
    """Build a state; each row is the tuple of the variables in it."""
    n = len(is_integer)
    incidence = sparse.lil_array((len(rows), n), dtype=np.int8)
    for number, members in enumerate(rows):
        for member in members:
            incidence[number, member] = 1
    view = MipView(
        lower=np.full(n, lower),
        upper=np.full(n, upper),
        objective=np.ones(n) if costs is None else np.asarray(costs, dtype=float),
        is_integer=np.asarray(is_integer, dtype=bool),
        incidence=sparse.csr_array(incidence),
    )
    current = np.zeros(n) if current is None else np.asarray(current, dtype=float)
    return SearchState(
        problem=view,
        current=current,
        best_objective=float(view.objective @ current),
        bound=-math.inf,
        pool=(current, *(np.asarray(p, dtype=float) for p in pool)),
        relaxation=None
        if relaxation is None
        else Relaxation(
            np.asarray(relaxation, dtype=float),
            0.0,
            None if reduced_costs is None else np.asarray(reduced_costs, dtype=float),
        ),
        node_relaxation=None
        if node is None
        else Relaxation(np.asarray(node, dtype=float), 0.0),
    )


def rng(seed=0):
    return np.random.default_rng(seed)


@st.composite
def states(draw):
    """Draw a random problem with a solution that is nearly integral."""
    n = draw(st.integers(1, 12))
    seed = draw(st.integers(0, 2**32 - 1))
    numbers = rng(seed)
    is_integer = numbers.random(n) < draw(st.sampled_from([0.0, 0.1, 0.6, 1.0]))
    n_rows = draw(st.integers(0, 8))
    density = draw(st.sampled_from([0.0, 0.2, 1.0]))
    rows = [np.flatnonzero(numbers.random(n) < density) for _ in range(n_rows)]

    def point():
        values = numbers.integers(0, 3, n) + numbers.uniform(-1e-6, 1e-6, n)
        return np.where(is_integer, values, numbers.uniform(0, 9, n))

    return make_state(
        is_integer,
        rows,
        current=point(),
        pool=[point() for _ in range(draw(st.integers(0, 3)))],
        relaxation=numbers.uniform(0, 3, n) if draw(st.booleans()) else None,
        reduced_costs=numbers.normal(size=n),
        upper=draw(st.sampled_from([1.0, 2.0, 9.0])),
    )


def check_extras(proposed, state):
    """Check that bounds, rows and objective fit the problem and the solution."""
    problem, x = state.problem, np.round(state.current)
    if proposed.bounds is not None:
        which = proposed.bounds.variables
        assert problem.is_integer[which].all()
        assert not np.isin(which, proposed.fixed).any()
        assert (problem.lower[which] <= proposed.bounds.lower).all()
        assert (proposed.bounds.lower <= proposed.bounds.upper).all()
        assert (proposed.bounds.upper <= problem.upper[which]).all()
    if proposed.rows is not None:
        activity = proposed.rows.matrix @ np.clip(x, problem.lower, problem.upper)
        assert (activity <= proposed.rows.upper).all()
        assert (activity >= proposed.rows.lower).all()
    if proposed.objective is not None:
        assert proposed.target < state.best_objective


@pytest.mark.parametrize("name", sorted(NEIGHBOURHOODS))
@given(state=states(), rate=st.floats(0, 1), seed=st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_the_invariants_of_every_neighbourhood(name, state, rate, seed):
    problem = state.problem
    before = state.current.copy()
    proposed = NEIGHBOURHOODS[name]().propose(state, rate, rng(seed))
    again = NEIGHBOURHOODS[name]().propose(state, rate, rng(seed))
    assert np.array_equal(state.current, before)
    assert (proposed is None) == (again is None)
    if proposed is None or again is None:
        return
    assert np.array_equal(proposed.fixed, again.fixed)
    check_extras(proposed, state)
    fixed, values = proposed.fixed, proposed.values
    n_integers = len(problem.integers)
    assert problem.is_integer[fixed].all()
    assert len(set(fixed.tolist())) == len(fixed) == len(values)
    # Something is free, and no more is fixed than asked for.
    assert len(fixed) <= min(n_integers - 1, round(rate * n_integers))
    extras = (proposed.bounds, proposed.rows, proposed.objective)
    assert len(fixed) > 0 or any(extra is not None for extra in extras)
    assert np.array_equal(values, np.round(values))
    assert (values >= problem.lower[fixed]).all()
    assert (values <= problem.upper[fixed]).all()
    if name in {"rens", "mrens"}:
        return
    reference = np.clip(
        np.round(state.current[fixed]), problem.lower[fixed], problem.upper[fixed]
    )
    assert np.array_equal(values, reference)


EXACT = {
    "rins",
    "rens",
    "mutation",
    "graph-ball",
    "random-constraint",
    "linked-constraints",
    "objective-guided",
    "reduced-cost",
    "zero-objective",
}


@pytest.mark.parametrize("name", sorted(EXACT))
@pytest.mark.parametrize(
    ("rate", "n_fixed"), [(0.1, 2), (0.5, 10), (0.77, 15), (0.95, 19), (1.0, 19)]
)
def test_the_number_of_fixed_variables_follows_the_rate(name, rate, n_fixed):
    state = make_state(
        [True] * 20 + [False] * 7,
        rows=[(i, i + 1) for i in range(26)],
        current=np.ones(27),
        relaxation=np.full(27, 0.5),
        reduced_costs=np.ones(27),
    )
    proposed = NEIGHBOURHOODS[name]().propose(state, rate, rng())
    assert proposed is not None
    assert len(proposed.fixed) == n_fixed


@pytest.mark.parametrize("name", sorted(NEIGHBOURHOODS))
@pytest.mark.parametrize("is_integer", [[False] * 4, [True, False, False], [True]])
def test_with_fewer_than_two_integers_there_is_no_neighbourhood(name, is_integer):
    n = len(is_integer)
    state = make_state(
        is_integer, rows=[range(n)], pool=[np.ones(n)], relaxation=np.zeros(n)
    )
    assert NEIGHBOURHOODS[name]().propose(state, 0.5, rng()) is None


@pytest.mark.parametrize("name", sorted(NEIGHBOURHOODS))
def test_a_rate_of_zero_fixes_nothing(name):
    state = make_state(
        [True] * 4, rows=[range(4)], pool=[[1, 0, 0, 0]], relaxation=np.zeros(4)
    )
    assert NEIGHBOURHOODS[name]().propose(state, 0.0, rng()) is None


def test_values_move_into_bounds_that_have_become_tighter():
    state = make_state([True] * 4, current=[0, 5, 9, 12], lower=2.0, upper=7.0)
    proposed = Mutation().propose(state, 0.99, rng())
    assert proposed is not None
    expected = np.array([2.0, 5.0, 7.0, 7.0])[proposed.fixed]
    assert proposed.values.tolist() == expected.tolist()


# -- RINS -----------------------------------------------------------------------


@given(st.integers(0, 2**32 - 1), st.floats(0.05, 0.95))
@settings(max_examples=40, deadline=None)
def test_rins_fixes_what_is_closest_to_the_relaxation_first(seed, rate):
    numbers = rng(seed)
    current = numbers.integers(0, 3, 15).astype(float)
    relaxed = np.where(numbers.random(15) < 0.5, current, numbers.uniform(0, 3, 15))
    state = make_state([True] * 15, current=current, relaxation=relaxed)
    proposed = Rins().propose(state, rate, numbers)
    assert proposed is not None
    distance = np.abs(current - relaxed)
    free = np.setdiff1d(np.arange(15), proposed.fixed)
    assert distance[proposed.fixed].max() <= distance[free].min() + 1e-6


def test_rins_draws_among_those_that_agree():
    state = make_state([True] * 10, relaxation=[0] * 8 + [0.5, 0.5])
    seen = set()
    for seed in range(60):
        proposed = Rins().propose(state, 0.4, rng(seed))
        assert proposed is not None
        assert proposed.fixed.max() < 8
        seen.update(proposed.fixed.tolist())
    assert seen == set(range(8))


def test_rins_waits_for_the_relaxation():
    assert Rins().propose(make_state([True] * 5), 0.5, rng()) is None


# -- mutation ---------------------------------------------------------------------


def test_mutation_fixes_every_variable_equally_often():
    state = make_state([True] * 10)
    counts = np.zeros(10)
    source = rng()
    for _ in range(1000):
        proposed = Mutation().propose(state, 0.3, source)
        assert proposed is not None
        counts[proposed.fixed] += 1
    assert counts.sum() == 3000
    assert (np.abs(counts - 300) < 75).all()


# -- crossover ----------------------------------------------------------------------


@given(states(), st.integers(2, 4), st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_crossover_frees_where_parents_differ_before_it_fixes_there(
    state, parents, seed
):
    proposed = Crossover(parents).propose(state, 0.5, rng(seed))
    integers = state.problem.integers
    different = [
        p
        for p in state.pool
        if np.abs(p[integers] - state.current[integers]).max(initial=0.0) > 0.5
    ]
    if len(different) < parents - 1:
        assert proposed is None
    elif proposed is not None:
        n_agree = [
            int((np.abs(p - state.current)[integers] < 0.5).sum()) for p in different
        ]
        disagree = [
            int((np.abs(p - state.current)[proposed.fixed] > 0.5).sum())
            for p in different
        ]
        # Of parents that agree on enough variables, nothing else is fixed.
        if min(n_agree) >= len(proposed.fixed) and parents == 2:
            assert min(disagree) == 0


def test_crossover_by_hand():
    state = make_state([True] * 4, current=[1, 2, 3, 4], pool=[[1, 0, 3, 0]])
    proposed = Crossover().propose(state, 0.5, rng())
    assert proposed is not None
    assert sorted(proposed.fixed.tolist()) == [0, 2]


def test_crossover_fixes_more_near_what_is_fixed():
    # Parents agree on 0 only; 1 is next to it, 2 and 3 are farther away.
    state = make_state(
        [True] * 4,
        rows=[(0, 1), (1, 2), (2, 3)],
        current=[1, 1, 1, 1],
        pool=[[1, 0, 0, 0]],
    )
    for seed in range(10):
        proposed = Crossover().propose(state, 0.5, rng(seed))
        assert proposed is not None
        assert sorted(proposed.fixed.tolist()) == [0, 1]


def test_weighted_crossover_prefers_good_parents():
    good, bad = [1, 1, 0, 0], [0, 0, 1, 1]
    state = make_state([True] * 4, current=[1, 1, 1, 1], pool=[good, bad])
    arm = Crossover(weighted=True)
    fixed = [arm.propose(state, 0.5, rng(seed)) for seed in range(300)]
    share = np.mean([sorted(p.fixed.tolist()) == [0, 1] for p in fixed if p])
    # Second and third of the pool (the current one is first): weights 1/2 and 1/3.
    assert share == pytest.approx(0.6, abs=0.08)


@pytest.mark.parametrize("pool", [[], [[1, 2, 3, 4]], [[9, 9, 9, 9]]])
def test_crossover_needs_another_parent_that_agrees_somewhere(pool):
    state = make_state([True] * 4, current=[1, 2, 3, 4], pool=pool)
    assert Crossover().propose(state, 0.9, rng()) is None


def test_crossover_ignores_parents_that_differ_in_continuous_variables_only():
    state = make_state([True, True, False], current=[1, 1, 0], pool=[[1, 1, 8]])
    assert Crossover().propose(state, 0.9, rng()) is None


@pytest.mark.parametrize("parents", [1, 0, -1])
def test_crossover_needs_two_parents(parents):
    with pytest.raises(InputError, match="parents"):
        Crossover(parents)


# -- graph ball -----------------------------------------------------------------------


def free_of(state, rate, seed, ball=None):
    proposed = (ball or GraphBall(share=1.0)).propose(state, rate, rng(seed))
    assert proposed is not None
    return np.setdiff1d(state.problem.integers, proposed.fixed)


@pytest.mark.parametrize("seed", range(20))
def test_on_a_path_the_ball_is_an_interval(seed):
    state = make_state([True] * 50, rows=[(i, i + 1) for i in range(49)])
    free = free_of(state, 0.8, seed)
    assert len(free) == 10
    # All layers but the last are whole; a cut in the last leaves one of two ends.
    assert free.max() - free.min() == 9


@pytest.mark.parametrize("seed", range(10))
def test_the_ball_grows_along_constraints_on_a_grid(seed):
    size = 8
    cell = np.arange(size * size).reshape(size, size)
    pairs = [*zip(cell[:, :-1].flat, cell[:, 1:].flat, strict=True)]
    pairs += [*zip(cell[:-1].flat, cell[1:].flat, strict=True)]
    free = free_of(make_state([True] * size**2, rows=pairs), 0.75, seed)
    assert len(free) == 16
    neighbours = {int(v): set() for v in free}
    for one, other in pairs:
        if one in neighbours and other in neighbours:
            neighbours[int(one)].add(int(other))
            neighbours[int(other)].add(int(one))
    reached, frontier = set(), [int(free[0])]
    while frontier:
        vertex = frontier.pop()
        if vertex not in reached:
            reached.add(vertex)
            frontier.extend(neighbours[vertex])
    assert len(reached) == 16


def test_the_ball_passes_through_continuous_variables():
    # 0 - c - 1   2 - d - 3, where c and d are continuous.
    state = make_state(
        [True, True, True, True, False, False],
        rows=[(0, 4), (4, 1), (2, 5), (5, 3)],
    )
    for seed in range(20):
        assert set(free_of(state, 0.5, seed)) in ({0, 1}, {2, 3})


@pytest.mark.parametrize("seed", range(10))
def test_disconnected_parts_and_isolated_variables_end(seed):
    rows = [(2 * i, 2 * i + 1) for i in range(5)]
    state = make_state([True] * 20, rows=rows)
    assert len(free_of(state, 0.3, seed)) == 14
    free = free_of(state, 0.9, seed)
    assert len(free) == 2


def test_dense_rows_do_not_put_everything_at_distance_one():
    n = 200
    rows = [tuple(range(n))] + [(i, i + 1) for i in range(n - 1)]
    state = make_state([True] * n, rows=rows)
    spans = [np.ptp(free_of(state, 0.9, seed, GraphBall(0.1))) for seed in range(30)]
    wide = [np.ptp(free_of(state, 0.9, seed, GraphBall(1.0))) for seed in range(30)]
    assert np.median(wide) > 100
    assert np.median(spans) < np.median(wide)


def test_one_dense_row_alone_ends_with_the_right_number():
    state = make_state([True] * 300, rows=[tuple(range(300))])
    assert len(free_of(state, 0.9, 0, GraphBall(0.001))) == 30


@pytest.mark.parametrize("rows", [[], [()], [(), ()]])
def test_without_constraints_there_is_no_ball(rows):
    assert GraphBall().propose(make_state([True] * 6, rows=rows), 0.5, rng()) is None


def test_a_ball_can_be_used_on_one_problem_after_another():
    ball = GraphBall(share=1.0)
    path = make_state([True] * 30, rows=[(i, i + 1) for i in range(29)])
    star = make_state([True] * 9, rows=[(0, i) for i in range(1, 9)])
    for _ in range(2):
        assert len(free_of(path, 0.9, 1, ball)) == 3
        assert 0 in free_of(star, 0.5, 1, ball)


@pytest.mark.parametrize("share", [0.0, -1.0, 1.1, math.nan])
def test_a_share_outside_its_range_is_refused(share):
    with pytest.raises(InputError, match="share"):
        GraphBall(share)


# -- factory ------------------------------------------------------------------------


def test_all_neighbourhoods_are_made_by_default_and_keep_their_names():
    made = make_neighbourhoods(None)
    assert [arm.name for arm in made] == list(DEFAULT_ARMS)
    assert all(isinstance(arm, Neighbourhood) for arm in made)


@pytest.mark.parametrize(
    "arms", ["rins", [], ["nope"], ["rins", "rins"], [Rins], [5], [None], [["rins"]]]
)
def test_what_is_no_list_of_neighbourhoods_is_refused(arms):
    with pytest.raises(InputError, match="arm"):
        make_neighbourhoods(arms)


def test_own_neighbourhoods_stand_beside_named_ones():
    made = make_neighbourhoods(["rins", Crossover(3, name="crossover-3")])
    assert [arm.name for arm in made] == ["rins", "crossover-3"]
