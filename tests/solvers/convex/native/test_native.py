"""SCIP's own answers against enumeration, in every form and for every class."""

import itertools

import numpy as np
import pytest
from pyscipopt import Model
from scipy.linalg import qr
from scipy.optimize import LinearConstraint, minimize
from scipy.sparse import csr_array

from boundwise.core.errors import InputError, SolverError, StageError
from boundwise.core.status import Status, Termination
from boundwise.instances.checker import check
from boundwise.instances.convex import polyhedron
from boundwise.instances.generators.convex import generate_convex
from boundwise.solvers.convex.native import (
    attach_frank_wolfe,
    formulate,
    solve_native,
)
from boundwise.solvers.convex.native.rows import instance_of
from boundwise.solvers.convex.objectives import DOptimal, Quadratic
from boundwise.solvers.convex.objectives.build import objective_of
from boundwise.solvers.convex.oracles.birkhoff import Birkhoff
from boundwise.solvers.convex.oracles.box import Box
from boundwise.solvers.convex.oracles.cardinality import Cardinality
from boundwise.solvers.convex.oracles.knapsack import Knapsack
from boundwise.solvers.convex.oracles.product import Product
from boundwise.solvers.convex.oracles.simplex import BoundedSum, Hypersimplex

EXPRESSIBLE = (
    "graph_matching:n=3",
    "network_design:nodes=3,arcs=6,commodities=1",
    "poisson_regression:n=4",
    "portfolio:n=4",
    "portfolio:n=4,kind=mixed",
    "sparse_logistic:n=1",
    "sparse_regression:n=1",
    "sparse_regression:n=1,tail=0.2",
    "subset_selection:n=7,size=3,rank=4",
)
DESIGNS = ("optimal_design:m=7,p=3", "optimal_design:m=7,p=3,criterion=A")


def brute_force(problem, objective):
    """Enumerate the integers; optimise the rest by another method."""
    rows = problem.feasible
    whole = np.flatnonzero(rows.is_integer)
    ranges = [np.arange(rows.lower[j], rows.upper[j] + 1) for j in whole]
    best = np.inf
    for values in itertools.product(*ranges):
        lower, upper = rows.lower.copy(), rows.upper.copy()
        lower[whole] = upper[whole] = values
        best = min(best, continuous_minimum(problem, objective, lower, upper))
    return best


def continuous_minimum(problem, objective, lower, upper):
    rows = problem.feasible
    free = np.flatnonzero(lower < upper)
    if not len(free):
        activity = rows.matrix @ lower
        fits = (activity >= rows.row_lower - 1e-9) & (activity <= rows.row_upper + 1e-9)
        if not fits.all() or not objective.in_domain(lower):
            return np.inf
        return objective.value(lower)
    matrix = rows.matrix.toarray()
    least = np.minimum(matrix * lower, matrix * upper).sum(axis=1)
    most = np.maximum(matrix * lower, matrix * upper).sum(axis=1)
    if (least > rows.row_upper + 1e-9).any() or (most < rows.row_lower - 1e-9).any():
        return np.inf
    fixed = lower.copy()
    fixed[free] = 0.0
    shift = matrix @ fixed
    equal = rows.row_lower == rows.row_upper
    # SLSQP fails on dependent equations, of which flow conservation has one.
    _, R, order = qr(matrix[np.ix_(equal, free)].T, mode="economic", pivoting=True)
    rank = int((np.abs(np.diag(R)) > 1e-9).sum())
    kept = np.flatnonzero(equal)[order[:rank]]
    constraints = [
        LinearConstraint(
            matrix[np.ix_(kind, free)],
            (rows.row_lower - shift)[kind],
            (rows.row_upper - shift)[kind],
        )
        for kind in (kept, np.flatnonzero(~equal))
        if len(kind)
    ]
    done = minimize(
        lambda v: objective.value(filled(fixed, free, v)),
        np.clip(0.0, lower[free], upper[free]),
        jac=lambda v: objective.gradient(filled(fixed, free, v))[free],
        bounds=np.column_stack([lower[free], upper[free]]),
        constraints=constraints,
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 300},
    )
    x = filled(fixed, free, done.x)
    activity = rows.matrix @ x
    fits = (activity >= rows.row_lower - 1e-7) & (activity <= rows.row_upper + 1e-7)
    return done.fun if fits.all() else np.inf


def filled(fixed, free, values):
    x = fixed.copy()
    x[free] = values
    return x


@pytest.fixture(scope="module")
def solved():
    """Problem, objective and optimum by specification, each found once."""
    known = {}

    def get(spec):
        if spec not in known:
            problem = generate_convex(spec + ",seed=2")
            objective = objective_of(problem.objective)
            known[spec] = problem, objective, brute_force(problem, objective)
        return known[spec]

    return get


@pytest.mark.parametrize(
    "form",
    [
        "cone",
        "cuts",
        pytest.param("lifted", marks=pytest.mark.slow),
        pytest.param("dense", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("spec", EXPRESSIBLE)
def test_every_form_finds_the_optimum(solved, spec, form):
    problem, objective, optimum = solved(spec)
    result = solve_native(objective, problem.feasible, form=form, gap=0.0)
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(optimum, rel=2e-5, abs=2e-5)
    assert result.bound <= optimum + 2e-5 * max(1.0, abs(optimum))
    assert result.objective == objective.value(result.x)
    assert result.stats["form"] == form


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(s, marks=pytest.mark.slow) for s in range(1, 20))]
)
@pytest.mark.parametrize("spec", DESIGNS)
def test_cuts_solve_what_scip_cannot_express(spec, seed):
    problem = generate_convex(f"{spec},seed={seed}")
    objective = objective_of(problem.objective)
    assert formulate(objective, problem.feasible) is None
    optimum = brute_force(problem, objective)
    result = solve_native(objective, problem.feasible, gap=0.0)
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(optimum, rel=1e-6, abs=1e-6)
    assert result.bound <= optimum + 1e-5
    assert result.stats["gradient_cuts"] > 0


def symmetric_rows(seed, n=14):
    """Rows that are symmetric, a function that is not, and its minimum.

    With SCIP's symmetry handling on, the answers for seeds 3, 5 and 6 are wrong.
    """
    rng = np.random.default_rng(seed)
    model = Model()
    model.hideOutput()
    x = [model.addVar(vtype="B") for _ in range(n)]
    for i in range(0, n, 2):
        model.addCons(x[i] + x[i + 1] <= 1)
    model.addCons(sum(x) == 5)
    prices, B = rng.normal(size=n), rng.normal(size=(n, n))
    f = Quadratic(B @ B.T, prices)
    points = np.array(list(itertools.product((0.0, 1.0), repeat=n)))
    points = points[points.sum(axis=1) == 5]
    points = points[(points[:, ::2] + points[:, 1::2] <= 1).all(axis=1)]
    return model, f, min(map(f.value, points))


@pytest.mark.parametrize(
    "seed",
    [
        5,
        pytest.param(3, marks=pytest.mark.slow),
        pytest.param(6, marks=pytest.mark.slow),
    ],
)
def test_symmetry_of_the_rows_is_not_used_against_the_function(seed):
    model, f, best = symmetric_rows(seed)
    cuts = attach_frank_wolfe(model, f)
    model.optimize()
    cuts.raise_error()
    assert model.getObjVal() == pytest.approx(best, rel=1e-5)


def test_a_refused_problem_says_what_can_be_written():
    with pytest.raises(InputError, match="form='cuts'"):
        solve_native(DOptimal(np.eye(2)), Box(np.zeros(2), np.ones(2)), form="lifted")
    with pytest.raises(InputError, match="form must be one of"):
        formulate(Quadratic([1.0]), Box([0.0], [1.0]), form="magic")
    with pytest.raises(InputError, match="1 variables, the feasible set 2"):
        formulate(Quadratic([1.0]), Box([0.0, 0.0], [1.0, 1.0]))


def test_infeasible_rows_are_proved_so():
    problem = generate_convex("portfolio:n=3")
    model = problem.feasible.to_model()
    model.addCons(model.getVars()[0] >= 1e4)
    for form in ("lifted", "cuts"):
        result = solve_native(objective_of(problem.objective), model, form=form)
        assert result.status is Status.INFEASIBLE
        assert result.bound == np.inf


def test_the_objective_of_a_given_model_is_replaced():
    model = Model()
    model.hideOutput()
    x = model.addVar(vtype="I", lb=-5, ub=5)
    model.setObjective(100 * x + 7, "maximize")
    result = solve_native(Quadratic([2.0], [-4.0], 10.0), model, gap=0.0)
    assert result.objective == pytest.approx(6.0)
    assert result.bound == pytest.approx(6.0, abs=1e-5)
    assert result.x == pytest.approx([2.0])
    assert model.getObjectiveSense() == "maximize"


def test_limits_end_a_run_with_what_it_has():
    problem = generate_convex("sparse_regression:n=40")
    objective = objective_of(problem.objective)
    result = solve_native(objective, problem.feasible, gap=0.0, time_limit=1.0)
    assert result.termination is Termination.TIME_LIMIT
    assert result.wall_time < 10.0
    assert result.bound <= result.objective
    limited = solve_native(
        objective_of(generate_convex("portfolio:n=12").objective),
        generate_convex("portfolio:n=12").feasible,
        gap=0.0,
        node_limit=1,
    )
    assert limited.termination in {Termination.NODE_LIMIT, Termination.CONVERGED}
    assert limited.nodes <= 1


def test_a_start_is_never_forgotten():
    problem = generate_convex("optimal_design:m=20,p=5")
    objective = objective_of(problem.objective)
    x = np.zeros(20)
    left = problem.feasible.row_lower[0]
    for j in np.random.default_rng(0).permutation(20):
        x[j] = min(left, 1.0)
        left -= x[j]
    assert objective.in_domain(x)
    result = solve_native(
        objective, problem.feasible, start=x, gap=0.0, time_limit=0.05
    )
    assert result.objective <= objective.value(x)


def test_an_error_in_the_objective_is_raised_not_swallowed():
    class Broken:
        calls = 0

        def value(self, x):
            return float(x @ x)

        def gradient(self, x):
            Broken.calls += 1
            if Broken.calls > 2:
                raise ValueError("no more gradients")
            return 2.0 * x

    box = BoundedSum(np.zeros(6), np.full(6, 9.0), 7.0, integers=range(6))
    with pytest.raises(SolverError, match="no more gradients"):
        solve_native(Broken(), box, form="cuts", gap=0.0)


def test_infinite_bounds_are_refused_by_name():
    model = Model()
    model.addVar("far", lb=0)
    with pytest.raises(InputError, match="'far' has"):
        attach_frank_wolfe(model, Quadratic([1.0]))


def test_cuts_support_a_model_that_has_its_own_epigraph():
    model = Model()
    model.hideOutput()
    x = [model.addVar(vtype="I", lb=0, ub=9) for _ in range(3)]
    t = model.addVar(lb=0)
    model.addCons(x[0] ** 2 + 2 * x[1] ** 2 + 3 * x[2] ** 2 <= t)
    model.addCons(sum(x) >= 8)
    model.setObjective(t)
    f = Quadratic([2.0, 4.0, 6.0])
    cuts = attach_frank_wolfe(model, f, variables=x, epigraph=t)
    model.optimize()
    cuts.raise_error()
    best = min(
        f.value(np.array(v, dtype=float))
        for v in itertools.product(range(10), repeat=3)
        if sum(v) >= 8
    )
    assert model.getObjVal() == pytest.approx(best, abs=1e-4)


SETS = (
    Box([0.0, 0.0], [2.0, 1.0], integers=[0, 1]),
    BoundedSum(np.zeros(3), np.full(3, 2.0), 3.0, integers=range(3)),
    BoundedSum(np.zeros(3), np.ones(3), 2.0, at_most=True, integers=range(3)),
    Hypersimplex(4, 2),
    Knapsack([3.0, 2.0, 2.0], 4.0),
    Cardinality([-1.0, -2.0, 0.0], [1.0, 2.0, 3.0], 2),
    Birkhoff(3),
    Product([Hypersimplex(3, 1), Box([-1.0], [1.0])]),
)


@pytest.mark.parametrize("points", SETS, ids=lambda s: type(s).__name__)
def test_rows_describe_the_same_set_as_the_oracle(points):
    from boundwise.solvers.convex.oracles.mip import MixedIntegerSet

    instance = instance_of(points)
    rows = MixedIntegerSet(instance)
    rng = np.random.default_rng(0)
    for _ in range(3):
        d = rng.normal(size=len(points.lower))
        want = d @ points.extreme_point(d, points.lower, points.upper)
        got = d @ rows.extreme_point(d, rows.lower, rows.upper)
        assert got == pytest.approx(want, abs=1e-6)
    rows.free()


def test_a_point_that_rounding_broke_is_repaired_and_strictly_feasible():
    """With so wide a tolerance SCIP leaves a switch at 5e-4 and its amount at 5."""
    rows = polyhedron(
        "switch",
        matrix=csr_array(np.array([[1.0, -1e4]])),
        row_lower=np.array([-np.inf]),
        row_upper=np.array([0.0]),
        lower=np.zeros(2),
        upper=np.array([9.0, 1.0]),
        is_integer=np.array([False, True]),
    )
    f = Quadratic([2.0, 0.0], [-10.0, 1000.0], 25.0)
    result = solve_native(
        f,
        rows,
        form="lifted",
        solver_options={"numerics/feastol": 1e-3, "presolving/maxrounds": 0},
    )
    assert result.x is not None
    assert check(rows, result.x).strict
    assert result.objective == pytest.approx(f.value(result.x))
    assert result.objective <= 25.0 + 1e-6


def test_what_cuts_cannot_be_attached_to_is_named():
    f = Quadratic(np.eye(2))
    with pytest.raises(InputError, match="model must be"):
        attach_frank_wolfe(3, f)
    model = Model()
    model.hideOutput()
    for _ in range(2):
        model.addVar(vtype="I", lb=0, ub=3)
    with pytest.raises(InputError, match="objective has 3 variables"):
        attach_frank_wolfe(model, Quadratic(np.eye(3)))
    with pytest.raises(InputError, match="start must have shape"):
        attach_frank_wolfe(model, f, start=np.zeros(5))
    xs = model.getVars()
    attach_frank_wolfe(model, f)
    with pytest.raises(StageError, match="already"):
        attach_frank_wolfe(model, f, variables=xs)
    model.optimize()
    with pytest.raises(StageError, match="before the model is solved"):
        attach_frank_wolfe(model, f, variables=xs)
