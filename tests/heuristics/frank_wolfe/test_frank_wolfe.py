import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.core.errors import InputError, SolverError
from boundwise.core.limits import Deadline
from boundwise.heuristics.frank_wolfe.active_set import ActiveSet
from boundwise.heuristics.frank_wolfe.frank_wolfe import frank_wolfe
from boundwise.heuristics.frank_wolfe.line_searches.factory import LINE_SEARCHES
from boundwise.heuristics.frank_wolfe.line_searches.short_step import ShortStep
from boundwise.heuristics.frank_wolfe.protocols import OracleAnswer
from boundwise.heuristics.frank_wolfe.result import Reason
from boundwise.heuristics.frank_wolfe.shadow_set import ShadowSet
from boundwise.heuristics.frank_wolfe.variants.factory import VARIANTS

SEEDS = st.integers(0, 2**32 - 1)
ATOMIC = [name for name in VARIANTS if name != "dicg"]
KINDS = ("functions", "quadratic", "smooth")


def run(objective, kind, oracle, x0=None, **options):
    if kind == "functions":
        return frank_wolfe(objective.value, objective.gradient, oracle, x0, **options)
    return frank_wolfe(objective, None, oracle, x0, **options)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lazy", [True, False])
@pytest.mark.parametrize("variant", ATOMIC)
@given(seed=SEEDS)
@settings(max_examples=3, deadline=None)
def test_every_variant_agrees_with_a_solver_over_the_weights(
    make_set, make_objective, minimum_over_hull, variant, lazy, kind, seed
):
    """The bound is below the optimum, the value above, the atoms make the point."""
    rng = np.random.default_rng(seed)
    points = rng.integers(-2, 3, (rng.integers(1, 9), 4)).astype(float)
    objective = make_objective("quadratic" if kind == "quadratic" else kind, 4, rng)
    truth = minimum_over_hull(objective, points)
    result = run(
        objective,
        kind,
        make_set(points),
        variant=variant,
        lazy=lazy,
        gap=1e-6,
        max_iterations=1000,
    )
    scale = max(1.0, abs(truth))
    assert result.bound <= truth + 1e-7 * scale
    assert result.value >= truth - 1e-7 * scale
    # Second derivatives make blended steps immune to ill-conditioned problems.
    if variant in ("bpcg", "bcg"):
        assert result.reason is Reason.GAP
        assert result.gap <= 1e-6
    else:
        assert result.value <= truth + 0.2 * scale
    active = result.active_set
    assert active.x == pytest.approx(active.weights @ active.atoms, abs=1e-10)
    assert active.weights.sum() == pytest.approx(1.0, abs=1e-10)


@pytest.mark.parametrize("line_search", [*LINE_SEARCHES, "short step"])
@given(seed=SEEDS)
@settings(max_examples=3, deadline=None)
def test_no_step_rule_breaks_the_bound(
    make_set, make_objective, minimum_over_hull, line_search, seed
):
    """Agnostic steps ascend now and then: the bound holds, whatever the steps do."""
    rng = np.random.default_rng(seed)
    points = rng.integers(-2, 3, (8, 4)).astype(float)
    objective = make_objective("quadratic", 4, rng)
    truth = minimum_over_hull(objective, points)
    rule = line_search
    if rule == "short step":
        rule = ShortStep(float(np.linalg.eigvalsh(objective.Q)[-1]))
    bounds = []
    result = frank_wolfe(
        objective,
        None,
        make_set(points),
        line_search=rule,
        corrective=False,
        gap=1e-5,
        max_iterations=300,
        callback=lambda state: bounds.append(state.bound),
    )
    assert max(bounds, default=result.bound) <= truth + 1e-7 * max(1.0, abs(truth))
    assert bounds == sorted(bounds)
    assert result.value <= truth + 0.2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("variant", ["bpcg", "afw", "pairwise"])
@given(seed=SEEDS)
@settings(max_examples=4, deadline=None)
def test_an_inexact_oracle_gives_bounds_only_from_what_it_proves(
    make_inexact, make_objective, minimum_over_hull, variant, kind, seed
):
    """Vertices are far from optimal: their <g, v> would be no bound."""
    rng = np.random.default_rng(seed)
    points = rng.integers(-2, 3, (10, 4)).astype(float)
    objective = make_objective(kind, 4, rng)
    truth = minimum_over_hull(objective, points)
    oracle = make_inexact(points, slack=0.3, rng=rng)
    result = run(
        objective, kind, oracle, points[0], variant=variant, max_iterations=400
    )
    assert result.bound <= truth + 1e-7 * max(1.0, abs(truth))
    assert result.value >= truth - 1e-7 * max(1.0, abs(truth))
    assert result.value <= truth + 2.0 * (result.value - result.bound) + 1e-6


def test_the_bound_is_not_the_value_of_an_inexact_vertex():
    """A vertex as bad as the target allows; taken for the bound it would prove 1."""

    class Lenient:
        def minimize(self, direction, *, target=-math.inf, start=None):
            return OracleAnswer(np.array([1.0]), -abs(float(direction[0])))

    result = frank_wolfe(
        lambda x: float(x[0]), lambda x: np.ones(1), Lenient(), np.ones(1)
    )
    assert result.bound == -1.0
    assert result.reason is Reason.STALLED


def test_shadow_vertices_spare_the_oracle_but_prove_nothing(make_set, cube_points):
    """With all vertices at hand the oracle is asked for proofs only."""
    centre = np.array([0.2, 0.4, 0.6, 1.5])

    def f(x):
        return float(np.sum((x - centre) ** 2))

    def grad(x):
        return 2.0 * (x - centre)

    cold, warm = make_set(cube_points), make_set(cube_points)
    first = frank_wolfe(f, grad, cold)
    again = frank_wolfe(f, grad, warm, cube_points[0], shadow=ShadowSet.of(cube_points))
    assert again.oracle_calls == warm.calls < cold.calls
    assert again.bound <= 0.25 <= first.value + 1e-9
    assert again.gap <= 1e-7


@pytest.mark.parametrize("kind", KINDS)
def test_a_warm_start_goes_on_where_it_was(make_set, make_objective, kind, cube_points):
    objective = make_objective(kind, 4, np.random.default_rng(3))
    result = run(objective, kind, make_set(cube_points), gap=1e-9)
    weights = result.active_set.weights.copy()
    again = run(objective, kind, make_set(cube_points), result.active_set, gap=1e-8)
    assert again.iterations <= 2
    assert again.value == pytest.approx(result.value, abs=1e-12)
    assert result.active_set.weights.tolist() == weights.tolist()


def test_solving_for_the_weights_saves_steps_even_by_differences(
    make_set, make_objective
):
    rng = np.random.default_rng(5)
    points = rng.normal(size=(60, 20))
    objective = make_objective("quadratic", 20, rng)
    objective.b *= 0.05
    direct = frank_wolfe(objective, None, make_set(points))
    black_box = run(objective, "functions", make_set(points))
    pairwise = frank_wolfe(objective, None, make_set(points), corrective=False)
    assert direct.value == pytest.approx(black_box.value, abs=1e-6)
    assert 2 * black_box.iterations < pairwise.iterations
    assert direct.value == pytest.approx(pairwise.value, abs=1e-6)
    assert 4 * direct.iterations < pairwise.iterations


def test_an_empty_set_is_reported_as_such(make_set):
    class Empty(make_set):
        def extreme_point(self, direction, lower, upper):
            return None

    result = frank_wolfe(lambda x: 0.0, np.zeros_like, Empty([[0.0], [1.0]]))
    assert result.reason is Reason.EMPTY
    assert result.x is None
    assert (result.value, result.bound, result.gap) == (math.inf, math.inf, 0.0)


def test_each_new_vertex_is_shown_once_found(make_set, cube_points):
    seen = []
    centre = np.full(4, 0.3)
    result = frank_wolfe(
        lambda x: float(np.sum((x - centre) ** 2)),
        lambda x: 2.0 * (x - centre),
        make_set(cube_points),
        on_vertex=lambda vertex: seen.append(tuple(vertex)),
    )
    assert {tuple(atom) for atom in result.active_set.atoms} <= set(seen)


def test_a_cutoff_ends_the_run_as_soon_as_it_is_proven(make_set, cube_points):
    def f(x):
        return 10.0 + float(x @ x)

    full = frank_wolfe(f, lambda x: 2.0 * x, make_set(cube_points), np.ones(4))
    cut = frank_wolfe(
        f, lambda x: 2.0 * x, make_set(cube_points), np.ones(4), cutoff=lambda: 5.0
    )
    assert cut.reason is Reason.CUTOFF
    assert cut.bound > 5.0
    assert cut.oracle_calls <= full.oracle_calls


def test_limits_are_told_apart(make_set, cube_points):
    centre = np.array([0.2, 0.4, 0.6, 0.7])

    def go(**options):
        return frank_wolfe(
            lambda x: float(np.sum((x - centre) ** 2)),
            lambda x: 2.0 * (x - centre),
            make_set(cube_points),
            np.ones(4),
            gap=0.0,
            **options,
        )

    assert go(max_iterations=2).reason is Reason.ITERATION_LIMIT
    assert go(deadline=Deadline(0.0)).reason is Reason.TIME_LIMIT
    assert go(callback=lambda state: state.iteration == 3).iterations == 3
    assert go(callback=lambda state: True).reason is Reason.CALLBACK


def test_a_limited_run_still_proves_something(make_set, make_objective, cube_points):
    objective = make_objective("functions", 4, np.random.default_rng(0))
    result = run(objective, "functions", make_set(cube_points), max_iterations=0)
    assert math.isfinite(result.bound)
    assert result.bound <= result.value


def test_the_run_ends_when_rounding_is_all_that_is_left(
    make_set, make_objective, cube_points
):
    objective = make_objective("functions", 4, np.random.default_rng(1))
    result = run(
        objective, "functions", make_set(cube_points), gap=0.0, max_iterations=100_000
    )
    assert result.reason in {Reason.STALLED, Reason.GAP}
    assert result.iterations < 5000
    assert result.gap < 1e-6


def test_steps_too_short_to_matter_end_the_run(make_set, cube_points):
    class Tiny:
        def choose(self, line, largest):
            return 1e-300

    result = frank_wolfe(
        lambda x: float(x @ x),
        lambda x: 2.0 * x,
        make_set(cube_points),
        np.ones(4),
        line_search=Tiny(),
        corrective=False,
    )
    assert result.reason is Reason.STALLED
    assert result.iterations <= 110
    assert result.bound == -4.0


def test_an_objective_that_is_not_convex_is_named(make_set):
    with pytest.raises(InputError, match="f must be convex"):
        frank_wolfe(
            lambda x: -float(x @ x),
            lambda x: -2.0 * x,
            make_set([[0.0], [1.0]]),
            np.array([0.5]),
        )


def test_a_wrong_gradient_is_noticed_where_it_contradicts_values(make_set):
    with pytest.raises(InputError, match="f must be convex and grad its gradient"):
        frank_wolfe(
            lambda x: float(np.sum((x - 0.5) ** 2)),
            lambda x: (x - 0.5) / 10.0,
            make_set([[0.0], [2.0]]),
            np.array([2.0]),
        )


@pytest.mark.parametrize(
    ("f", "grad", "message"),
    [
        (lambda x: math.nan, np.zeros_like, "f must be finite, got nan"),
        (lambda x: math.inf, np.zeros_like, "f must be finite, got inf"),
        (lambda x: 0.0, lambda x: np.full(2, np.nan), "grad must be finite, got .*nan"),
        (lambda x: 0.0, lambda x: np.array([np.inf, 0]), "grad must be finite"),
        (lambda x: 0.0, lambda x: np.zeros(3), r"grad must return shape \(2,\)"),
        (lambda x: 0.0, None, "grad must be given"),
        (None, np.zeros_like, "f must be callable"),
    ],
)
def test_a_broken_objective_is_named(make_set, f, grad, message):
    with pytest.raises(InputError, match=message):
        frank_wolfe(f, grad, make_set([[0.0, 0.0], [1.0, 0.0]]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"variant": "newton"}, "variant must be one of"),
        ({"variant": "dicg"}, "variant 'dicg' needs a set"),
        ({"line_search": "none"}, "line_search must be one of"),
        ({"line_search": "short_step"}, r"pass ShortStep\(smoothness\)"),
        ({"line_search": "exact"}, "line_search 'exact' needs an objective"),
        ({"line_search": 3}, "line_search must be a name or have choose"),
        ({"gap": -1.0}, "gap must be a non-negative number, got -1.0"),
        ({"gap": math.nan}, "gap must be a non-negative number, got nan"),
        ({"max_iterations": -1}, "max_iterations must be a non-negative number"),
        ({"lazy_factor": 0.5}, "lazy_factor must be a number of at least 1"),
        ({"callback": 3}, "callback must be callable"),
        ({"x0": [0.0]}, r"x0 must have shape \(2,\)"),
        ({"x0": [0.0, 7.0]}, "x0 must be within the bounds, got .*7.0"),
        ({"x0": [0.0, np.nan]}, "x0 must be a finite vector"),
        ({"x0": "ab"}, "x0 must be a vector"),
    ],
)
def test_a_bad_argument_is_named(make_set, options, message):
    chosen = make_set([[0.0, 0.0], [1.0, 1.0]])
    with pytest.raises(InputError, match=message):
        frank_wolfe(
            lambda x: float(np.sum((x - 0.3) ** 2)),
            lambda x: 2.0 * (x - 0.3),
            chosen,
            options.pop("x0", None),
            **options,
        )


def test_an_oracle_alone_does_not_tell_the_dimension(make_inexact):
    oracle = make_inexact(np.eye(2), 0.0, np.random.default_rng(0))
    with pytest.raises(InputError, match="x0 must be given"):
        frank_wolfe(lambda x: 0.0, np.zeros_like, oracle)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (OracleAnswer(np.zeros(3), 0.0), "finite vertices of shape"),
        (OracleAnswer(np.full(2, np.nan), 0.0), "finite vertices of shape"),
        (OracleAnswer(None, math.inf), "bound must not exceed"),
        (OracleAnswer(None, math.nan), "bound must not exceed"),
        (OracleAnswer(np.zeros(2), 9.0), "bound must not exceed"),
    ],
)
def test_an_oracle_that_contradicts_the_iterate_is_an_error(answer, message):
    class Liar:
        def minimize(self, direction, *, target=-math.inf, start=None):
            return answer

    with pytest.raises(SolverError, match=message):
        frank_wolfe(lambda x: float(x.sum()), np.ones_like, Liar(), np.ones(2))


def test_a_gradient_written_into_one_buffer_is_copied(make_set, cube_points):
    buffer = np.empty(4)
    centre = np.array([0.2, 0.4, 0.6, 0.8])

    def grad(x):
        np.subtract(x, centre, out=buffer)
        return buffer

    result = frank_wolfe(
        lambda x: 0.5 * float(np.sum((x - centre) ** 2)), grad, make_set(cube_points)
    )
    assert result.x == pytest.approx(centre, abs=1e-3)


def test_a_start_outside_the_domain_is_refused(make_set):
    with pytest.raises(InputError, match="x0 must lie in the domain"):
        frank_wolfe(
            lambda x: 0.0,
            np.zeros_like,
            make_set([[0.0], [1.0]]),
            domain_oracle=lambda x: False,
        )


@pytest.mark.parametrize("variant", ATOMIC)
@pytest.mark.parametrize("line_search", ["secant", "adaptive", "monotonic"])
@pytest.mark.parametrize("told", [True, False])
def test_steps_stay_inside_the_domain(make_set, variant, line_search, told):
    """-sum log x is infinite at all vertices but the start."""

    def f(x):
        assert not told or (x > 0).all()
        return float(-np.log(x).sum()) if (x > 0).all() else math.inf

    result = frank_wolfe(
        f,
        lambda x: -1.0 / np.maximum(x, 1e-300),
        make_set(np.eye(3)),
        ActiveSet(np.eye(3), [0.8, 0.1, 0.1]),
        variant=variant,
        line_search=line_search,
        domain_oracle=(lambda x: bool((x > 0).all())) if told else None,
        gap=1e-4,
        max_iterations=3000,
    )
    assert result.value == pytest.approx(3.0 * math.log(3.0), abs=1e-2)
    assert result.bound <= 3.0 * math.log(3.0) + 1e-9


def test_an_active_set_of_wrong_dimension_is_refused(make_set):
    with pytest.raises(InputError, match="x0 must have shape"):
        frank_wolfe(
            lambda x: 0.0,
            np.zeros_like,
            make_set([[0.0], [1.0]]),
            ActiveSet(np.eye(2), np.ones(2)),
        )


def test_two_runs_are_the_same(make_set, make_objective, cube_points):
    objective = make_objective("smooth", 4, np.random.default_rng(2))
    first = run(objective, "smooth", make_set(cube_points))
    second = run(objective, "smooth", make_set(cube_points))
    assert first.x.tolist() == second.x.tolist()
    assert first.iterations == second.iterations


@pytest.mark.slow
def test_no_bound_is_above_the_optimum_of_two_thousand_problems(
    make_set, make_inexact, make_objective, minimum_over_hull
):
    """Every bound of every iteration, with exact and inexact oracles."""
    rng = np.random.default_rng(2024)
    for case in range(2000):
        count = int(rng.integers(2, 6))
        points = rng.integers(-2, 3, (rng.integers(2, 12), count)).astype(float)
        kind = KINDS[case % 3]
        objective = make_objective(kind, count, rng, rank=int(rng.integers(1, 5)))
        if case % 2:
            oracle = make_inexact(points, slack=float(rng.choice([0, 0.1])), rng=rng)
        else:
            oracle = make_set(points)
        truth = minimum_over_hull(objective, points)
        bounds = []
        result = run(
            objective,
            kind,
            oracle,
            points[0],
            variant=ATOMIC[case % len(ATOMIC)],
            line_search=str(rng.choice(["secant", "agnostic", "monotonic"])),
            lazy=bool(rng.integers(2)),
            max_iterations=60,
            callback=lambda state, seen=bounds: seen.append(state.bound),
        )
        limit = truth + 1e-7 * max(1.0, abs(truth))
        assert max([*bounds, result.bound]) <= limit
        assert result.value >= truth - 1e-7 * max(1.0, abs(truth))
