"""Convex problems: reproducible, feasible, of the published shapes, saved whole."""

import itertools

import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.instances.convex import (
    ConvexProblem,
    Part,
    polyhedron,
    read_problem,
    write_problem,
)
from boundwise.instances.generators.convex import CONVEX_FAMILIES, generate_convex

SMALL = (
    "graph_matching:n=3",
    "mip_quadratic:base=set_cover",
    "network_design:nodes=3,arcs=6,commodities=1",
    "optimal_design:m=8,p=3",
    "optimal_design:m=8,p=3,criterion=A,correlated=1",
    "poisson_regression:n=4",
    "portfolio:n=4",
    "portfolio:n=4,kind=mixed",
    "sparse_logistic:n=2",
    "sparse_regression:n=2",
    "sparse_regression:n=2,tail=0.1",
    "subset_selection:n=6,size=2,rank=3",
)


def satisfies(problem, x):
    rows = problem.feasible
    activity = rows.matrix @ x
    return (
        (activity >= rows.row_lower - 1e-9).all()
        and (activity <= rows.row_upper + 1e-9).all()
        and (x >= rows.lower).all()
        and (x <= rows.upper).all()
    )


@pytest.mark.parametrize("spec", [s for s in SMALL if "mip_" not in s])
def test_problems_are_reproducible_and_differ_by_seed(spec):
    first, again = generate_convex(spec), generate_convex(spec)
    other = generate_convex(spec + ",seed=1")
    assert first.name == again.name != other.name
    for name, array in first.objective.arrays.items():
        assert np.array_equal(array, again.objective.arrays[name])
    assert any(
        not np.array_equal(array, other.objective.arrays[name])
        for name, array in first.objective.arrays.items()
    )


@pytest.mark.parametrize("spec", [s for s in SMALL if "mip_" not in s])
def test_problems_survive_the_file(tmp_path, spec):
    problem = generate_convex(spec)
    write_problem(problem, tmp_path / "p.npz")
    read = read_problem(tmp_path / "p.npz")
    assert read.name == problem.name
    assert read.structure.kind == problem.structure.kind
    for role in ("objective", "structure"):
        old, new = getattr(problem, role).arrays, getattr(read, role).arrays
        assert set(old) == set(new)
        assert all(np.array_equal(old[name], new[name]) for name in old)
    assert (read.feasible.matrix != problem.feasible.matrix).nnz == 0
    for name in ("row_lower", "row_upper", "lower", "upper", "is_integer"):
        old, new = getattr(problem.feasible, name), getattr(read.feasible, name)
        assert np.array_equal(old, new)


def test_a_damaged_file_is_refused(tmp_path):
    path = tmp_path / "p.npz"
    write_problem(generate_convex("sparse_regression:n=2"), path)
    whole = path.read_bytes()
    for content in (b"", b"PK", whole[: len(whole) // 2], b"x" * 100):
        path.write_bytes(content)
        with pytest.raises(InputError, match="not a convex problem"):
            read_problem(path)
    with pytest.raises(InputError, match="not a convex problem"):
        read_problem(tmp_path / "missing.npz")


def test_sparse_regression_has_the_published_form():
    problem = generate_convex("sparse_regression:n=6,seed=3")
    A = problem.objective.arrays["A"]
    assert A.shape == (6, 60)
    assert not A[:, 30:].any()
    assert (A[:, :30] >= 0.0).all()
    M = 2.0 * A[:, :30].var()
    x = np.zeros(60)
    x[[0, 1]], x[[30, 31]] = M, 1.0
    assert satisfies(problem, x)
    x[2] = 0.1 * M
    assert not satisfies(problem, x)
    x[32] = 1.0
    assert not satisfies(problem, x)  # ceil(6 / 5) = 2 coefficients
    assert problem.structure.kind == "cardinality"
    assert int(problem.structure.arrays["limit"]) == 2


def test_a_tail_leaves_small_coefficients_free():
    problem = generate_convex("sparse_regression:n=6,tail=0.25,seed=3")
    M = problem.feasible.upper[0]
    x = np.zeros(60)
    x[:30] = 0.25 * M
    assert satisfies(problem, x)
    x[0] = 0.26 * M
    assert not satisfies(problem, x)
    x[30] = 1.0
    assert satisfies(problem, x)
    assert problem.structure.kind == "rows"


def test_the_intercept_has_no_switch():
    problem = generate_convex("poisson_regression:n=4,bound=0.5")
    x = np.zeros(9)
    x[8] = 0.5
    assert satisfies(problem, x)
    assert problem.objective.arrays["alpha"].tolist() == [1.3] * 4 + [0.0] * 5


def test_permutation_matrices_are_the_points_of_graph_matching():
    problem = generate_convex("graph_matching:n=3,noise=0")
    A = problem.objective.arrays["A"]
    values = []
    for order in itertools.permutations(range(3)):
        x = np.eye(3)[list(order)].ravel()
        assert satisfies(problem, x)
        values.append(float((A @ x) @ (A @ x)))
    assert min(values) == pytest.approx(0.0, abs=1e-12)
    assert not satisfies(problem, np.ones(9) / 2)


def test_the_difference_of_graphs_is_the_one_of_matrices():
    problem = generate_convex("graph_matching:n=3,noise=0.5")
    D = problem.objective.arrays["A"]
    X = np.random.default_rng(0).uniform(size=(3, 3))
    A = D.reshape(3, 3, 3, 3)
    # D maps X to A X - X B: recover A and B from its diagonal blocks.
    first = np.array([[A[i, 1, k, 1] for k in range(3)] for i in range(3)])
    second = np.array([[-A[1, j, 1, k] for j in range(3)] for k in range(3)])
    np.fill_diagonal(first, 0.0)
    np.fill_diagonal(second, 0.0)
    assert (D @ X.ravel()).reshape(3, 3) == pytest.approx(first @ X - X @ second)


def test_every_demand_can_be_routed_on_the_ring():
    from scipy.optimize import linprog

    problem = generate_convex("network_design:nodes=5,arcs=12,commodities=3")
    rows = problem.feasible
    equal = rows.row_lower == rows.row_upper
    done = linprog(
        np.zeros(rows.n_variables),
        A_ub=rows.matrix[~equal],
        b_ub=rows.row_upper[~equal],
        A_eq=rows.matrix[equal],
        b_eq=rows.row_upper[equal],
        bounds=np.column_stack([rows.lower, rows.upper]),
    )
    assert done.status == 0


def test_design_budgets_can_be_met():
    for seed in range(5):
        problem = generate_convex(f"optimal_design:m=12,p=4,seed={seed}")
        assert problem.feasible.upper.sum() >= problem.feasible.row_lower[0] == 6


def test_a_mip_quadratic_is_centred_at_solutions():
    pytest.importorskip("pyscipopt")
    problem = generate_convex("mip_quadratic:base=maximum_independent_set,vertices=2")
    Q = problem.objective.arrays["Q"]
    assert np.ptp(Q) == 0.0
    assert problem.feasible.n_variables == len(Q)
    # f(x) - b'x >= 0 everywhere: the constant completes the squares.
    assert problem.objective.arrays["constant"] > 0.0


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("nothing", "must begin with one of"),
        ("portfolio:kind=odd", "integer or mixed"),
        ("portfolio:n=0", "n must be a positive integer"),
        ("portfolio:m=3", "has the parameters"),
        ("sparse_regression:tail=1.5", "tail must be in"),
        ("optimal_design:m=4,p=3", "at most m/2"),
        ("optimal_design:criterion=E", "criterion must be D or A"),
        ("optimal_design:correlated=2", "correlated must be 0 or 1"),
        ("subset_selection:n=3,size=4", "at most n=3"),
        ("network_design:nodes=4,arcs=3", "arcs must be an integer of at least 8"),
    ],
)
def test_wrong_specifications_are_refused(spec, message):
    with pytest.raises(InputError, match=message):
        generate_convex(spec)


def test_unknown_kinds_and_missing_arrays_are_refused():
    rows = polyhedron(
        "p",
        matrix=np.ones((1, 1)),
        row_lower=0.0,
        row_upper=1.0,
        lower=0.0,
        upper=1.0,
        is_integer=True,
    )
    with pytest.raises(InputError, match="kind must be one of"):
        ConvexProblem(name="p", objective=Part("cubic"), feasible=rows)
    with pytest.raises(InputError, match="quadratic lacks Q, constant"):
        ConvexProblem(name="p", objective=Part("quadratic"), feasible=rows)


def test_every_family_has_a_small_example_here():
    assert {spec.partition(":")[0] for spec in SMALL} == set(CONVEX_FAMILIES)
