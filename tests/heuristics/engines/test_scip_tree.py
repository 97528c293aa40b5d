"""SCIP in a child says what SCIP in this process says, and is never thrown back."""

import os
import signal
import time

import numpy as np
import pytest
from scipy import optimize
from scipy.sparse import csr_array

from boundwise.heuristics.engines.scip_tree import SuspendedTree
from boundwise.heuristics.linear import LinearMip
from tests.heuristics.engines.conftest import (
    best_by_enumeration,
    odd_equation,
    random_knapsacks,
)


@pytest.fixture
def plant(interrupter):
    """Return a maker of trees, all freed at the end, and what they find."""
    trees = []

    def make(mip, **changes):
        found = []
        fields = {
            "parameters": {},
            "seed": 1,
            "interrupter": interrupter,
            "on_solution": found.append,
        }
        tree = SuspendedTree(mip, **(fields | changes))
        trees.append(tree)
        return tree, found

    yield make
    for tree in trees:
        tree.free()


@pytest.mark.parametrize("feasibility", [False, True])
def test_the_optimum_is_found_and_proven(plant, feasibility):
    mip = random_knapsacks(12, 3, seed=1)
    optimum = best_by_enumeration(mip)
    tree, found = plant(mip, feasibility=feasibility)
    tree.run(60.0, np.inf)
    assert (tree.status, tree.is_finished, tree.failure) == ("optimal", True, None)
    assert all(mip.is_feasible(x) for x in found)
    assert mip.value(found[-1]) == pytest.approx(optimum)
    assert tree.objective == tree.bound == pytest.approx(optimum)


def test_general_integers_and_equations_are_written_as_they_are(plant):
    rng = np.random.default_rng(3)
    matrix = rng.integers(1, 6, (2, 5)).astype(float)
    inside = np.array([1.0, 2.0, 0.0, 3.0, 1.0])
    mip = LinearMip(
        lower=np.zeros(5),
        upper=np.full(5, 4.0),
        objective=rng.integers(-5, 6, 5).astype(float),
        is_integer=np.ones(5, dtype=bool),
        matrix=csr_array(matrix),
        row_lower=matrix @ inside,
        row_upper=matrix @ inside,
    )
    tree, found = plant(mip)
    tree.run(60.0, np.inf)
    assert tree.status == "optimal"
    assert mip.is_feasible(found[-1])
    assert tree.objective == pytest.approx(best_by_enumeration(mip))


def test_infeasibility_is_proven(plant):
    mip = odd_equation()
    tree, found = plant(mip)
    tree.run(60.0, np.inf)
    assert (tree.status, found, tree.objective) == ("infeasible", [], np.inf)


def test_the_search_goes_on_where_it_stood_and_takes_what_others_found(plant):
    mip = random_knapsacks(60, 12, seed=3)
    reference, best = plant(mip)
    reference.run(60.0, np.inf, until=lambda: len(best) >= 5)
    tree, found = plant(mip, dives=0.5, feasibility=True)
    bounds = []
    for _ in range(100):
        tree.run(0.1, np.inf, incumbent=best[-1])
        bounds.append(tree.bound)
        if tree.dives and len(set(bounds)) > 3:
            break
    assert bounds == sorted(bounds)
    assert len(set(bounds)) > 3
    assert bounds[-1] < mip.value(best[-1])
    assert all(mip.value(x) < mip.value(best[-1]) for x in found)
    assert {"name", "calls", "effort"} <= set(tree.dives[0])
    # The relaxation lies between that without cuts and the optimum.
    linear = optimize.linprog(
        mip.objective, A_ub=mip.matrix, b_ub=mip.row_upper, bounds=(0, 1)
    )
    relaxation = tree.relaxation
    assert relaxation is not None
    assert relaxation.objective >= linear.fun - 1e-6
    assert relaxation.objective == pytest.approx(mip.value(relaxation.values))
    assert relaxation.reduced_costs is not None
    assert (relaxation.reduced_costs != 0).any()


def test_the_parameters_of_the_source_and_of_the_user_are_set(plant):
    mip = random_knapsacks(60, 12, seed=3)
    tree, _ = plant(mip, parameters={"limits/nodes": 1}, options={"limits/nodes": 2})
    tree.run(60.0, np.inf)
    assert tree.failure is not None
    assert "nodelimit" in tree.failure
    tree, _ = plant(mip, options={"limits/no-such": 2})
    tree.run(60.0, np.inf)
    assert "no-such" in tree.failure


def test_a_killed_process_is_a_failure_and_not_an_exception(plant):
    mip = random_knapsacks(60, 12, seed=3)
    tree, _ = plant(mip)
    tree.run(0.5, np.inf)
    os.kill(tree._session.pid, signal.SIGKILL)
    time.sleep(0.1)
    tree.run(5.0, np.inf)
    assert "SIGKILL" in tree.failure
    assert tree.is_finished
    assert tree.status == "unknown"
