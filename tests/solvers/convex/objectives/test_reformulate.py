"""Reformulations: equal at binaries, above elsewhere, convex, tighter at the root."""

import itertools

import numpy as np
import pytest
from scipy.optimize import LinearConstraint, minimize
from scipy.sparse import csr_array

from boundwise.core.errors import InputError
from boundwise.solvers.convex.objectives import (
    DOptimal,
    LeastSquares,
    LogisticLoss,
    Perspective,
    PoissonLoss,
    Quadratic,
    Switches,
    find_switches,
    reformulate,
)
from boundwise.solvers.convex.objectives.diagonal import largest_diagonal

M = 2.0


def sparse_regression(seed, p=3, n=8):
    """Variables b in [-M, M]^p and binaries z; |b_j| <= M z_j."""
    rng = np.random.default_rng(seed)
    A = np.hstack([rng.normal(size=(n, p)), np.zeros((n, p))])
    ridge = np.concatenate([np.full(p, 0.3), np.zeros(p)])
    price = np.concatenate([np.zeros(p), np.full(p, 0.7)])
    return LeastSquares(A, 2.0 * rng.normal(size=n), ridge, price)


def switches(p=3):
    pairs = np.column_stack([np.arange(p), np.arange(p) + p])
    return Switches(pairs, np.full(p, M))


def relaxed_points(seed, p=3, count=40):
    rng = np.random.default_rng(seed)
    z = rng.uniform(size=(count, p))
    z[: count // 2] = z[: count // 2].round()
    b = M * z * rng.uniform(-1.0, 1.0, size=(count, p))
    return np.hstack([b, z])


def relaxed_minimum(f, p=3):
    rows = np.block([[np.eye(p), -M * np.eye(p)], [-np.eye(p), -M * np.eye(p)]])
    done = minimize(
        f.value,
        np.repeat([0.0, 0.5], p),
        jac=f.gradient,
        bounds=[(-M, M)] * p + [(0.0, 1.0)] * p,
        constraints=LinearConstraint(rows, -np.inf, 0.0),
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 500},
    )
    assert done.success
    return done.fun


def binary_minimum(f, p=3):
    best = np.inf
    for z in itertools.product((0.0, 1.0), repeat=p):
        bounds = [(-M * s, M * s) for s in z] + [(s, s) for s in z]
        start = np.concatenate([np.zeros(p), z])
        done = minimize(
            f.value, start, jac=f.gradient, bounds=bounds, method="L-BFGS-B"
        )
        best = min(best, done.fun)
    return best


@pytest.mark.parametrize("rule", ["largest", "eigenvalue", "given"])
@pytest.mark.parametrize("seed", range(3))
def test_the_perspective_is_exact_at_binaries_and_tightens_elsewhere(seed, rule):
    f = sparse_regression(seed)
    done = reformulate(f, binaries=np.arange(3, 6), switches=switches(), rule=rule)
    F = done.objective
    assert done.n_perspective == 3
    for x in relaxed_points(seed):
        assert F.value(x) >= f.value(x) - 1e-12
        if np.isin(x[3:], (0.0, 1.0)).all():
            assert F.value(x) == pytest.approx(f.value(x), abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_the_root_bound_lies_between_the_relaxation_and_the_optimum(seed):
    f = sparse_regression(seed)
    bounds = [relaxed_minimum(f)]
    for rule in ("given", "largest"):
        done = reformulate(f, binaries=np.arange(3, 6), switches=switches(), rule=rule)
        bounds.append(relaxed_minimum(done.objective))
    optimum = binary_minimum(f)
    assert bounds[0] + 1e-3 < bounds[1] < bounds[2] <= optimum + 1e-6


@pytest.mark.parametrize("rule", ["largest", "eigenvalue", "given"])
def test_a_reformulated_function_stays_convex(rule):
    f = sparse_regression(5)
    F = reformulate(
        f, binaries=np.arange(3, 6), switches=switches(), rule=rule
    ).objective
    P = relaxed_points(6)
    for x, y in itertools.product(P[:20], P[20:]):
        gap = F.value(y) - F.value(x) - F.gradient(x) @ (y - x)
        assert gap >= -1e-9


def test_the_lipschitz_constant_of_a_perspective_holds_under_the_switches():
    f = sparse_regression(5)
    F = reformulate(f, binaries=np.arange(3, 6), switches=switches()).objective
    P = relaxed_points(7)
    for x, y in itertools.pairwise(P):
        rise = np.linalg.norm(F.gradient(x) - F.gradient(y))
        assert rise <= F.lipschitz * np.linalg.norm(x - y) * (1 + 1e-9)


@pytest.mark.parametrize("sparse", [False, True])
def test_squares_of_binaries_become_linear(sparse):
    rng = np.random.default_rng(0)
    B = rng.normal(size=(5, 4))
    Q = B.T @ B
    f = Quadratic(csr_array(Q) if sparse else Q, rng.normal(size=4), 1.0)
    done = reformulate(f, binaries=np.arange(4))
    F = done.objective
    assert isinstance(F, Quadratic)
    assert done.n_linear == 4
    for x in itertools.product((0.0, 1.0), repeat=4):
        assert F.value(np.array(x)) == pytest.approx(f.value(np.array(x)))
    middle = np.full(4, 0.5)
    assert F.value(middle) > f.value(middle) + 1e-3
    assert F.strong_convexity >= 0.0


def test_a_separable_quadratic_of_binaries_becomes_linear():
    done = reformulate(Quadratic([2.0, 4.0, 6.0]), binaries=np.array([0, 2]))
    assert done.objective.diagonal.tolist() == [0.0, 4.0, 0.0]
    assert done.objective.linear.tolist() == [1.0, 0.0, 3.0]


@pytest.mark.parametrize("kind", [LogisticLoss, PoissonLoss])
def test_penalties_of_other_losses_are_put_in_perspective(kind):
    rng = np.random.default_rng(1)
    A = np.hstack([rng.normal(size=(7, 3)), np.zeros((7, 3))])
    target = np.sign(rng.normal(size=7)) if kind is LogisticLoss else np.arange(7.0)
    f = kind(A, target, np.array([0.5] * 3 + [0.2] * 3))
    done = reformulate(f, binaries=np.arange(3, 6), switches=switches())
    assert (done.n_linear, done.n_perspective) == (3, 3)
    for x in relaxed_points(2):
        assert done.objective.value(x) >= f.value(x) - 1e-12
        if np.isin(x[3:], (0.0, 1.0)).all():
            assert done.objective.value(x) == pytest.approx(f.value(x))


def test_what_has_no_structure_is_left_alone():
    assert reformulate(DOptimal(np.eye(2)), binaries=np.arange(2)) is None
    assert reformulate(Quadratic(np.eye(2)), binaries=np.arange(0)) is None
    singular = Quadratic(np.ones((2, 2)))
    assert reformulate(singular, binaries=np.arange(2)) is None
    with pytest.raises(InputError, match="rule must be one of"):
        reformulate(singular, binaries=np.arange(2), rule="best")


@pytest.mark.parametrize("seed", range(10))
def test_the_largest_diagonal_is_feasible_and_beats_the_eigenvalue(seed):
    rng = np.random.default_rng(seed)
    n = 5
    B = rng.normal(size=(n + seed % 3, n))
    H = B.T @ B
    weights = rng.uniform(size=n) * (rng.uniform(size=n) < 0.7)
    d = largest_diagonal(H, weights)
    spectrum = np.linalg.eigvalsh(H - np.diag(d))
    assert spectrum[0] >= -1e-9 * np.linalg.norm(H)
    assert (d >= 0.0).all()
    assert (d[weights == 0.0] == 0.0).all()
    floor = np.linalg.eigvalsh(H)[0]
    assert weights @ d >= weights.sum() * floor * (1 - 1e-6)


def test_the_largest_diagonal_reaches_the_known_optimum():
    # H = [[1, r], [r, 1]]: (1 - d)^2 >= r^2 at the symmetric optimum d = 1 - |r|.
    H = np.array([[1.0, 0.6], [0.6, 1.0]])
    assert largest_diagonal(H, np.ones(2)) == pytest.approx([0.4, 0.4], abs=1e-3)
    # With one entry only, the Schur complement: d = 1 - r^2.
    assert largest_diagonal(H, np.array([1.0, 0.0])) == pytest.approx(
        [0.64, 0.0], abs=1e-3
    )


def test_switches_are_found_in_big_m_and_flow_rows():
    # b0 <= 2 z0, -b0 <= 2 z0; f1 + f2 <= 5 z1 with f >= 0; y free of any switch.
    rows = csr_array(
        [
            [1.0, 0, 0, 0, -2.0, 0],
            [-1.0, 0, 0, 0, -2.0, 0],
            [0, 1.0, 1.0, 0, 0, -5.0],
            [0, 0, 0, 1.0, 1.0, 0],
        ]
    )
    found = find_switches(
        rows,
        np.full(4, -np.inf),
        np.array([0.0, 0.0, 0.0, 3.0]),
        np.array([-2.0, 0, 0, -9.0, 0, 0]),
        np.array([2.0, 5.0, 5.0, 9.0, 1.0, 1.0]),
        np.array([False] * 4 + [True] * 2),
    )
    assert found.pairs.tolist() == [[0, 4], [1, 5], [2, 5]]
    assert found.bounds.tolist() == [2.0, 5.0, 5.0]


def test_one_sided_switches_do_not_count():
    found = find_switches(
        csr_array([[1.0, -2.0]]),
        np.array([-np.inf]),
        np.zeros(1),
        np.array([-2.0, 0.0]),
        np.array([2.0, 1.0]),
        np.array([False, True]),
    )
    assert found.count == 0


def test_a_shared_binary_switches_several_variables():
    f = Quadratic([2.0, 2.0, 0.0])
    F = Perspective(f, [(0, 2), (1, 2)], [2.0, 2.0], smoothing=1e-2)
    x = np.array([0.5, 0.5, 0.5])
    assert F.value(x) == pytest.approx(2 * 0.25 * 1.01 / 0.51)
