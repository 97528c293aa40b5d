"""Random small problems of mixed kinds: what is claimed agrees with HiGHS."""

import numpy as np
import pytest
from scipy import optimize, sparse

import boundwise
from boundwise.core.status import Status, Termination
from boundwise.instances.checker import check
from boundwise.instances.instance import Instance

_NO_SOLUTION = {Status.INFEASIBLE, Status.INFEASIBLE_OR_UNBOUNDED}
_NO_OPTIMUM = {Status.UNBOUNDED, Status.INFEASIBLE_OR_UNBOUNDED}


def random_columns(rng, n):
    """Return bounds and integrality: binary, integer, continuous and free integer."""
    kinds = rng.integers(0, 4, size=n)
    first = rng.integers(-5, 3, size=n).astype(float)
    lower = np.where(kinds == 0, 0.0, first)
    upper = np.where(kinds == 0, 1.0, first + rng.integers(0, 9, size=n))
    continuous, free = kinds == 2, kinds == 3
    upper[continuous] += np.where(rng.random(continuous.sum()) < 0.5, 0.5, np.inf)
    lower[free] = np.where(rng.random(free.sum()) < 0.5, -np.inf, -7.0)
    upper[free] = np.where(rng.random(free.sum()) < 0.5, np.inf, 9.0)
    return lower, upper, ~continuous


def random_rows(rng, m, point):
    """Return rows of all senses, most of them satisfied by a point."""
    matrix = rng.integers(-9, 10, size=(m, len(point))).astype(float)
    matrix *= rng.random(matrix.shape) < 0.7
    activity = np.round(matrix @ point, 2)
    slack = rng.integers(-2, 6, size=m)
    sense = rng.integers(0, 4, size=m)
    low = np.select([sense == 0, sense == 1], [-np.inf, activity - slack], activity)
    high = np.select([sense == 1, sense == 0], [np.inf, activity + slack], activity)
    high[sense == 3] += 5.0
    return matrix, low, high


def random_problem(seed):
    """Return a problem with up to 8 variables, in no particular order, and 5 rows."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 9)), int(rng.integers(0, 6))
    lower, upper, is_integer = random_columns(rng, n)
    start = np.where(np.isfinite(lower), lower, 0.0) + rng.integers(0, 3, size=n)
    matrix, low, high = random_rows(rng, m, np.clip(start, lower, upper))
    costs = rng.integers(-9, 10, size=n) * rng.choice([0.0, 1.0, 0.357, 1e6])
    return Instance(
        name=f"random-{seed}",
        objective=costs,
        matrix=sparse.csr_array(matrix),
        row_lower=low,
        row_upper=high,
        lower=lower,
        upper=upper,
        is_integer=is_integer,
        names=tuple(f"x{j}" for j in range(n)),
        row_names=tuple(f"r{i}" for i in range(m)),
        sense="maximize" if rng.random() < 0.5 else "minimize",
        offset=float(rng.choice([0.0, 17.25, -1e6, 1e9])),
    )


def reference(instance):
    """Return the status of HiGHS and its optimum, if there is one."""
    sign = -1.0 if instance.sense == "maximize" else 1.0
    answer = optimize.milp(
        sign * instance.objective,
        constraints=optimize.LinearConstraint(
            instance.matrix.toarray(), instance.row_lower, instance.row_upper
        ),
        integrality=instance.is_integer.astype(int),
        bounds=optimize.Bounds(instance.lower, instance.upper),
        options={"mip_rel_gap": 0.0},
    )
    optimum = sign * answer.fun + instance.offset if answer.status == 0 else None
    return answer.status, optimum


def complaints(instance, result):
    """Return what is wrong with a result."""
    code, optimum = reference(instance)
    found = []
    if result.termination is not Termination.CONVERGED:
        found.append(f"ended by {result.termination}")
    if result.x is not None:
        report = check(instance, result.x, objective=result.objective)
        found += [] if report.strict else list(report.failures)
    if code == 0:
        sign = -1.0 if instance.sense == "maximize" else 1.0
        allowed = 1e-6 * max(1.0, abs(optimum), np.abs(instance.objective).max())
        if sign * (result.bound - optimum) > allowed:
            found.append(f"bound {result.bound} beyond {optimum}")
        if result.status is not Status.OPTIMAL:
            found.append(f"{result.status} although {optimum} is optimal")
        elif abs(result.objective - optimum) > allowed:
            found.append(f"objective {result.objective} instead of {optimum}")
    elif code == 2 and result.status not in _NO_SOLUTION:
        found.append(f"{result.status} although infeasible")
    elif code in (3, 4) and result.status not in _NO_OPTIMUM | _NO_SOLUTION:
        found.append(f"{result.status} although HiGHS found no optimum")
    return found


@pytest.mark.parametrize("method", ["lns", "scip"])
@pytest.mark.parametrize("first", range(0, 100, 20))
def test_claims_about_random_problems_agree_with_highs(method, first):
    wrong = {}
    for seed in range(first, first + 20):
        instance = random_problem(seed)
        found = complaints(
            instance, boundwise.solve(instance, method=method, time_limit=30.0)
        )
        if found:
            wrong[seed] = found
    assert not wrong
