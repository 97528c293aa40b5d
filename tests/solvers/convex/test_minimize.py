import itertools
import math
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyscipopt import Model
from scipy.optimize import Bounds, LinearConstraint

from boundwise.core.errors import BoundwiseWarning, InputError
from boundwise.core.status import Status, Termination
from boundwise.solvers.convex.bounds import Sharpness
from boundwise.solvers.convex.minimize import minimize
from boundwise.solvers.convex.objectives.quadratic import Quadratic


def brute_force(f, lower, upper, feasible=lambda x: True):
    points = itertools.product(
        *(np.arange(low, up + 1) for low, up in zip(lower, upper, strict=True))
    )
    values = [f(np.array(x, dtype=float)) for x in points if feasible(np.array(x))]
    return min(values, default=math.inf)


def simplex(n):
    return LinearConstraint(np.ones((1, n)), 1, 1), Bounds(np.zeros(n), np.ones(n))


class Quartic:
    """Convex, not quadratic, not separable."""

    def __init__(self, rng, n):
        self.A = rng.normal(size=(n + 1, n))
        self.b = rng.normal(size=n + 1)
        self.c = rng.normal(size=n)

    def value(self, x):
        return float(0.25 * np.sum((self.A @ x - self.b) ** 4) + self.c @ x)

    def gradient(self, x):
        return self.A.T @ (self.A @ x - self.b) ** 3 + self.c


@pytest.mark.parametrize("oracle", ["lp", "mip"])
def test_the_counterexample_to_gradient_tightening_is_solved(oracle):
    """Frank-Wolfe sees e1 and e2 only; fixing x3 by its gradient would give 14."""

    def f(x):
        return 4 * (x[0] - x[1]) ** 2 + 10 * (x[0] + x[1]) + 12 * x[2]

    def grad(x):
        d = 8 * (x[0] - x[1])
        return np.array([10 + d, 10 - d, 12.0])

    result = minimize(f, grad, simplex(3), integers=[0, 1, 2], oracle=oracle, gap=0.0)
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(12.0)
    assert result.x.tolist() == [0, 0, 1]
    assert result.bound <= 12.0 + 1e-9


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    n=st.integers(1, 5),
    branching=st.sampled_from(
        ["hierarchy", "most-infeasible", "pseudocost", "strong", "gradient"]
    ),
    traversal=st.sampled_from(["best-bound", "depth-first"]),
    oracle=st.sampled_from(["lp", "mip"]),
    rows=st.integers(0, 2),
)
def test_optimum_and_bound_agree_with_enumeration(
    seed, n, branching, traversal, oracle, rows
):
    rng = np.random.default_rng(seed)
    objective = Quartic(rng, n)
    lower = rng.integers(-2, 1, n)
    upper = lower + rng.integers(0, 4, n)
    A = rng.integers(-3, 4, (rows, n)).astype(float)
    side = rng.integers(-4, 5, rows).astype(float)
    constraints = [LinearConstraint(A, -np.inf, side)] if rows else []
    best = brute_force(
        objective.value, lower, upper, lambda x: bool((A @ x <= side + 1e-9).all())
    )
    result = minimize(
        objective,
        None,
        (constraints, Bounds(lower, upper)),
        integers=np.ones(n, dtype=bool),
        gap=1e-6,
        branching=branching,
        traversal=traversal,
        oracle=oracle,
        seed=0,
    )
    if math.isinf(best):
        assert result.status is Status.INFEASIBLE
        return
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(best, rel=1e-5, abs=1e-5)
    assert result.bound <= best + 1e-9 * max(1.0, abs(best))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31), n=st.integers(1, 6), limit=st.integers(1, 6))
def test_a_bound_at_a_node_limit_never_exceeds_the_optimum(seed, n, limit):
    rng = np.random.default_rng(seed)
    Q = rng.normal(size=(n, n))
    Q = Q @ Q.T + 0.1 * np.eye(n)
    objective = Quadratic(Q, rng.normal(size=n) * 3)
    best = brute_force(objective.value, [-2] * n, [2] * n)
    mu = float(np.linalg.eigvalsh(Q)[0])
    result = minimize(
        objective,
        None,
        Bounds(np.full(n, -2), np.full(n, 2)),
        integers=np.arange(n),
        gap=0.0,
        node_limit=limit,
        strong_convexity=mu,
        sharpness=Sharpness(math.sqrt(2 / mu), 0.5),
        method="fw",
    )
    assert result.bound <= best + 1e-7 * max(1.0, abs(best))
    assert result.objective >= best - 1e-9
    assert result.nodes <= limit


def test_continuous_variables_are_optimised_with_the_integers_fixed():
    rng = np.random.default_rng(3)
    A = rng.normal(size=(8, 4))
    y = rng.normal(size=8) * 3

    def f(x):
        return float(np.sum((A @ x - y) ** 2))

    best = math.inf
    for whole in itertools.product(range(-2, 3), repeat=2):
        rest = y - A[:, :2] @ np.array(whole, dtype=float)
        from scipy.optimize import lsq_linear

        found = lsq_linear(A[:, 2:], rest, bounds=(-2, 2))
        best = min(best, 2 * found.cost)
    result = minimize(
        f,
        lambda x: 2 * A.T @ (A @ x - y),
        Bounds(np.full(4, -2), np.full(4, 2)),
        integers=[0, 1],
        gap=1e-7,
    )
    assert result.objective == pytest.approx(best, rel=1e-5)
    assert result.status is Status.OPTIMAL


def test_a_model_with_indicators_is_searched_over_its_integer_points():
    model = Model()
    z = model.addVar(vtype="B", name="z")
    x = model.addVar(lb=0, ub=3, name="x")
    model.addConsIndicator(x <= 1, z)
    model.addCons(z + x >= 1)
    # SCIP adds the slack of the indicator behind the user's variables.
    n = len(model.getVars())
    target = np.array([1.0, 2.0])

    def grad(v):
        slopes = np.zeros(n)
        slopes[:2] = 2 * (v[:2] - target)
        return slopes

    result = minimize(
        lambda v: float(np.sum((v[:2] - target) ** 2)), grad, model, gap=1e-6
    )
    assert result.objective == pytest.approx(1.0, rel=1e-5)
    assert result.names[:2] == ("z", "x")
    assert result.stats["oracle"] == "own"


@pytest.mark.parametrize("variant", ["fw", "afw", "pairwise", "bpcg", "bcg"])
def test_every_variant_reaches_the_optimum(variant):
    rng = np.random.default_rng(5)
    objective = Quartic(rng, 4)
    best = brute_force(objective.value, [-2] * 4, [2] * 4)
    result = minimize(
        objective,
        None,
        Bounds(np.full(4, -2), np.full(4, 2)),
        integers=range(4),
        gap=1e-4,
        variant=variant,
    )
    assert result.objective == pytest.approx(best, rel=1e-4)


def test_an_objective_outside_its_domain_is_never_evaluated():
    seen = []

    def f(x):
        seen.append(x.copy())
        assert x.sum() > 0.5
        return float(-np.log(x.sum() - 0.5) + x @ x)

    def grad(x):
        return -1 / (x.sum() - 0.5) + 2 * x

    result = minimize(
        f,
        grad,
        Bounds(np.zeros(3), np.full(3, 2)),
        integers=range(3),
        domain_oracle=lambda x: bool(x.sum() > 0.5),
        gap=1e-6,
    )
    best = min(
        -math.log(sum(x) - 0.5) + sum(v * v for v in x)
        for x in itertools.product(range(3), repeat=3)
        if sum(x) > 0.5
    )
    assert result.objective == pytest.approx(best)
    assert seen


def test_a_start_is_used_and_one_outside_is_refused_with_a_warning():
    sets = simplex(3)
    kept = minimize(
        Quadratic(np.eye(3)), None, sets, integers=range(3), x0=[0, 1, 0], node_limit=1
    )
    assert kept.objective == pytest.approx(0.5)
    with pytest.warns(BoundwiseWarning, match="x0 is not used"):
        minimize(Quadratic(np.eye(3)), None, sets, integers=range(3), x0=[0, 0, 0])


def test_an_infeasible_set_is_proven_so():
    constraint = LinearConstraint([[1.0, 1.0]], 0.5, 0.5)
    result = minimize(
        Quadratic(np.eye(2)), None, (constraint, Bounds(0, 1)), integers=[0, 1]
    )
    assert result.status is Status.INFEASIBLE
    assert result.x is None


@pytest.mark.parametrize("oracle", ["lp", "mip"])
def test_an_unbounded_set_is_an_error_that_names_it(oracle):
    constraint = LinearConstraint([[1.0, -1.0]], 0, 0)
    with pytest.raises(InputError, match="feasible_set must be bounded"):
        minimize(
            Quadratic(np.eye(2), [1.0, 1.0]),
            None,
            (constraint, Bounds(-np.inf, np.inf)),
            integers=[0],
            oracle=oracle,
            method="fw",
        )


def test_a_wrong_gradient_is_found_before_the_search():
    with pytest.raises(InputError, match="grad must be the gradient"):
        minimize(
            lambda x: float(x @ x),
            lambda x: 3 * x,
            Bounds([1, 1], [2, 2]),
            integers=[0],
        )


def test_a_nonconvex_function_is_noticed():
    with pytest.raises(InputError, match="convex"):
        minimize(
            lambda x: -float(x @ x),
            lambda x: -2 * x,
            Bounds([-1, -1], [2, 2]),
            integers=[0, 1],
            gap=0.0,
        )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gap": -1.0}, "gap"),
        ({"gap": math.nan}, "gap"),
        ({"node_limit": 0}, "node_limit"),
        ({"branching": "best"}, "branching"),
        ({"traversal": "random"}, "traversal"),
        ({"method": "magic"}, "method"),
        ({"oracle": "magic"}, "oracle"),
        ({"variant": "magic"}, "variant"),
        ({"x0": [0.0]}, "x0"),
        ({"x0": [math.nan, 0.0]}, "x0"),
        ({"integers": [7]}, "integers"),
        ({"integers": None}, "integers"),
        ({"time_limit": -1}, "time_limit"),
        ({"strong_convexity": -1}, "strong_convexity"),
        ({"sharpness": 2.0}, "sharpness"),
    ],
)
def test_bad_arguments_are_named(change, message):
    arguments = {"integers": [0]} | change
    with pytest.raises(InputError, match=message):
        minimize(Quadratic(np.eye(2)), None, Bounds([0, 0], [1, 1]), **arguments)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_an_objective_that_is_not_finite_is_an_error(value):
    with pytest.raises(InputError, match="finite"):
        minimize(lambda x: value, lambda x: x, Bounds([0, 0], [1, 1]), integers=[0])


def test_a_callback_ends_the_run_with_what_it_has():
    result = minimize(
        Quadratic(np.eye(6), -0.7 * np.ones(6)),
        None,
        Bounds(np.zeros(6), np.ones(6)),
        integers=range(6),
        gap=0.0,
        abs_gap=0.0,
        reformulate=False,
        callback=lambda event: event.objective < math.inf,
    )
    assert result.termination is Termination.INTERRUPTED
    assert result.x is not None
    assert result.bound <= result.objective


def test_the_same_seed_gives_the_same_run():
    rng = np.random.default_rng(11)
    objective = Quartic(rng, 6)

    def run():
        found = minimize(
            objective,
            None,
            Bounds(np.full(6, -2), np.full(6, 2)),
            integers=range(6),
            gap=1e-3,
            seed=4,
        )
        return found.x.tolist(), found.nodes, found.stats["oracle_calls"]

    assert run() == run()


def test_a_time_limit_leaves_incumbent_and_bound():
    rng = np.random.default_rng(2)
    n = 40
    A = rng.normal(size=(20, n))
    objective = Quadratic(A.T @ A + 1e-3 * np.eye(n), rng.normal(size=n))
    result = minimize(
        objective,
        None,
        Bounds(np.full(n, -5), np.full(n, 5)),
        integers=range(n),
        gap=0.0,
        time_limit=1.0,
        method="fw",
    )
    assert result.termination is Termination.TIME_LIMIT
    assert result.status is Status.FEASIBLE
    assert result.wall_time < 2.5
    assert result.bound < result.objective


def test_it_runs_outside_the_main_thread():
    found = []

    def run():
        found.append(
            minimize(
                Quadratic(np.eye(2), [-0.6, -1.4]),
                None,
                Bounds([0, 0], [3, 3]),
                integers=[0, 1],
            )
        )

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found[0].x.tolist() == [1, 1]


def test_without_integers_it_is_a_frank_wolfe_method_with_a_bound():
    rng = np.random.default_rng(7)
    B = rng.normal(size=(5, 5))
    f = Quadratic(B.T @ B + np.eye(5), 3.0 * rng.normal(size=5))
    result = minimize(
        f, None, Bounds(np.full(5, -1.0), np.ones(5)), integers=[], gap=1e-8
    )
    from scipy.optimize import minimize as scipy_minimize

    found = scipy_minimize(
        f.value, np.zeros(5), jac=f.gradient, bounds=[(-1, 1)] * 5, tol=1e-12
    )
    assert result.objective == pytest.approx(found.fun, rel=1e-7)
    assert result.status is Status.OPTIMAL
    assert result.nodes <= 3


def test_what_solved_it_and_why_stands_in_the_result():
    f = Quadratic(np.eye(3), [-0.6, -0.2, -0.4])
    by_oracle = minimize(f, None, simplex(3), integers=range(3))
    assert by_oracle.method == "fw"
    assert "closed form" in by_oracle.choice["reason"]
    few = LinearConstraint(np.arange(1.0, 9.0)[None, :], -np.inf, 12.0)
    B = np.random.default_rng(0).normal(size=(8, 8))
    coupled = minimize(
        Quadratic(B.T @ B, -np.ones(8)), None, (few, Bounds(0, 3)), integers=range(8)
    )
    assert coupled.method == "fw"
    assert coupled.stats["oracle"] == "lp"
    rows = LinearConstraint([[1.0, 2.0, 3.0]], -np.inf, 4.0)
    by_rows = minimize(f, None, (rows, Bounds(0, 3)), integers=range(3))
    assert by_rows.method == "scip"
    assert by_rows.choice["reason"].startswith("SCIP can express")
    asked = minimize(f, None, (rows, Bounds(0, 3)), integers=range(3), method="fw")
    assert asked.method == "fw"
    assert by_rows.objective == pytest.approx(asked.objective, rel=1e-2)


def test_scip_needs_rows():
    class Unknown:
        lower, upper, integers = np.zeros(1), np.ones(1), np.array([0])

        def extreme_point(self, direction, lower, upper):
            return np.where(direction > 0, lower, upper)

    with pytest.raises(InputError, match="rows of the feasible set"):
        minimize(Quadratic(np.eye(1)), None, Unknown(), method="scip")
    assert minimize(Quadratic(np.eye(1)), None, Unknown()).x.tolist() == [0.0]


@pytest.mark.parametrize("seed", [1, 2])
def test_dual_signs_within_the_simplex_tolerance_do_not_cost_the_bound(seed):
    """A multiplier of 1e-8 on an absent side once made a bound of minus infinity."""
    from boundwise.instances.generators.convex import generate_convex

    problem = generate_convex(f"portfolio:n=20,kind=mixed,seed={seed}")
    arrays = problem.objective.arrays
    f = Quadratic(arrays["Q"], arrays["linear"])
    result = minimize(f, None, problem.feasible, method="fw", oracle="lp")
    assert result.status is Status.OPTIMAL
    assert result.stats["check"]["strict"]
