"""Exact maximization: cuts, direct programs and brute force agree."""

import itertools
import math
import threading
import time

import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.core.status import Status, Termination
from boundwise.solvers.submodular.exact import maximize_exact
from boundwise.solvers.submodular.exact.cuts import NemhauserWolsey, prefix_cuts
from boundwise.solvers.submodular.exact.oracle import StackOracle
from boundwise.solvers.submodular.objectives import (
    Coverage,
    FacilityLocation,
    GraphCut,
    LogDeterminant,
    Mixture,
)


def objectives(seed, n=11):
    """Return one objective of each kind."""
    rng = np.random.default_rng(seed)
    coverage = Coverage(rng.random((n, 20)) < 0.2, rng.integers(0, 6, 20) * 1.0)
    similarity = np.round(rng.random((n, 7)), 1) * (rng.random((n, 7)) < 0.7)
    location = FacilityLocation(similarity)
    factor = rng.random((n, 4))
    return {
        "coverage": coverage,
        "location": location,
        "sparse": FacilityLocation(_sparse(similarity)),
        "determinant": LogDeterminant(factor @ factor.T),
        "mixture": Mixture([coverage, location], [1.0, 2.5]),
    }


def _sparse(matrix):
    from scipy.sparse import csr_array

    return csr_array(matrix)


def best_value(objective, k, elements=None):
    """Return the optimum over all sets of k elements."""
    pool = range(objective.n) if elements is None else elements
    return max(objective.value(list(c)) for c in itertools.combinations(pool, k))


@pytest.mark.parametrize("kind", sorted(objectives(0)))
@pytest.mark.parametrize("seed", [0, 1])
def test_cuts_and_direct_program_find_the_optimum(kind, seed):
    objective = objectives(seed)[kind]
    wanted = best_value(objective, 3)
    methods = ["cuts"] if kind == "determinant" else ["cuts", "direct"]
    for method in methods:
        # Too little to close the gap before SCIP starts.
        result = maximize_exact(objective, 3, method=method, start=[0])
        assert result.status is Status.OPTIMAL
        assert result.objective == pytest.approx(wanted, abs=1e-6)
        assert result.bound == pytest.approx(wanted, abs=2e-6)
        chosen = result.stats["solution"]
        assert np.flatnonzero(result.x).tolist() == chosen
        assert len(chosen) <= 3
        assert objective.value(chosen) == pytest.approx(result.objective)


def test_the_cuts_hold_for_every_set():
    for objective in objectives(3, n=8).values():
        oracle = StackOracle(objective, np.arange(8))
        order = np.array([5, 2, 7])
        constants, coefficients = prefix_cuts(oracle, order)
        for size in range(5):
            for chosen in itertools.combinations(range(8), size):
                x = np.isin(np.arange(8), chosen)
                value = objective.value(list(chosen))
                assert (constants + coefficients @ x >= value - 1e-9).all()
        # At the prefixes themselves they are tight.
        for length in range(4):
            x = np.isin(np.arange(8), order[:length])
            value = objective.value(order[:length])
            assert constants[length] + coefficients[length] @ x == pytest.approx(value)


@pytest.fixture
def blocks():
    """Return a coverage that is all symmetry to whoever does not see the cuts."""
    return Coverage(np.random.default_rng(0).random((40, 100)) < 0.08)


def search_only(monkeypatch):
    """Let SCIP prove everything: no greedy bound, and a poor start."""

    class Nothing:
        solution = np.array([0])
        upper_bound = math.inf
        oracle_calls = 0

    monkeypatch.setattr(
        "boundwise.solvers.submodular.exact.maximize.maximize",
        lambda *args, **options: Nothing(),
    )


def test_without_symmetry_the_cuts_find_what_the_program_finds(blocks, monkeypatch):
    search_only(monkeypatch)
    by_cuts = maximize_exact(blocks, 5, method="cuts")
    direct = maximize_exact(blocks, 5, method="direct")
    assert by_cuts.status is direct.status is Status.OPTIMAL
    # With misc/usesymmetry left on, the former stops at 47.
    assert by_cuts.objective == pytest.approx(direct.objective)
    assert by_cuts.bound == pytest.approx(51.0)
    assert by_cuts.stats["cuts"] > 0
    with pytest.raises(InputError, match="usesymmetry"):
        maximize_exact(blocks, 5, method="cuts", solver_options={"misc/usesymmetry": 7})


def test_the_locks_keep_presolving_from_fixing_the_elements(monkeypatch):
    # Without locks, eta has no reason to stay below its bound, and x none to move.
    search_only(monkeypatch)
    locked = []
    lock = NemhauserWolsey.conslock

    def spy(self, constraint, locktype, up, down):
        locked.append((up, down))
        lock(self, constraint, locktype, up, down)

    monkeypatch.setattr(NemhauserWolsey, "conslock", spy)
    for seed in range(4):
        objective = objectives(seed)["determinant"]
        result = maximize_exact(objective, 3, method="cuts")
        assert result.objective == pytest.approx(best_value(objective, 3), abs=1e-6)
    assert (1, 0) in locked


def test_only_alive_elements_are_chosen():
    objective = objectives(1)["coverage"]
    alive = [1, 4, 6, 7, 9]
    for method in ("cuts", "direct"):
        result = maximize_exact(objective, 2, elements=alive, method=method)
        assert set(result.stats["solution"]) <= set(alive)
        assert result.objective == best_value(objective, 2, alive)


def test_fewer_elements_than_k_are_all_worth_taking():
    objective = objectives(1)["location"]
    result = maximize_exact(objective, 50, elements=[2, 3])
    assert result.objective == pytest.approx(objective.value([2, 3]))
    assert result.status is Status.OPTIMAL
    nothing = maximize_exact(objective, 3, elements=[])
    assert (nothing.objective, nothing.bound) == (0.0, 0.0)


def test_a_start_and_a_bound_that_meet_need_no_search(blocks):
    result = maximize_exact(blocks, 5)
    chosen = result.stats["solution"]
    again = maximize_exact(blocks, 5, start=chosen, upper_bound=51.0)
    assert again.objective == again.bound == 51.0
    assert "nodes" not in again.stats


def test_a_bound_that_a_set_refutes_is_refused(blocks):
    with pytest.raises(InputError, match="refuted by a set of value"):
        maximize_exact(blocks, 5, upper_bound=20.0)


@pytest.mark.parametrize("method", ["cuts", "direct"])
def test_a_time_limit_leaves_a_set_and_a_bound(method):
    objective = Coverage(np.random.default_rng(1).random((150, 400)) < 0.06)
    started = time.monotonic()
    result = maximize_exact(objective, 12, method=method, time_limit=0.5)
    assert time.monotonic() - started < 5.0
    assert result.termination is Termination.TIME_LIMIT
    assert result.status is Status.FEASIBLE
    assert 0 < result.objective < result.bound < math.inf
    assert len(result.stats["solution"]) <= 12


def test_an_interrupt_returns_what_there_is(monkeypatch):
    from boundwise.solvers.submodular.exact import maximize as module

    objective = Coverage(np.random.default_rng(1).random((150, 400)) < 0.06)
    entered = []

    class Watched(module.Interrupter):
        def __enter__(self):
            entered.append(self)
            return super().__enter__()

    monkeypatch.setattr(module, "Interrupter", Watched)
    timer = threading.Timer(0.4, lambda: entered[0].request())
    timer.start()
    result = maximize_exact(objective, 12, time_limit=60.0)
    timer.join()
    assert result.termination is Termination.INTERRUPTED
    assert result.objective > 0
    assert result.wall_time < 20.0


class Failing:
    """An objective that breaks after some calls."""

    n = 30
    monotone = True

    def __init__(self, calls):
        self.inner = Coverage(np.random.default_rng(0).random((30, 60)) < 0.1)
        self.left = calls

    def value(self, elements):
        return self.inner.value(elements)

    def stack(self, height):
        owner, stack = self, self.inner.stack(height)

        class Stack:
            def gains(self, elements, size=None):
                owner.left -= 1
                if owner.left < 0:
                    raise ZeroDivisionError("broken")
                return stack.gains(elements, size)

            push = staticmethod(stack.push)
            pop_to = staticmethod(stack.pop_to)

        return Stack()


def test_what_an_objective_raises_reaches_the_caller():
    complete = maximize_exact(Failing(10**9), 4)
    assert complete.status is Status.OPTIMAL
    direct = maximize_exact(Failing(0).inner, 4, method="direct")
    assert complete.objective == pytest.approx(direct.objective)
    with pytest.raises(ZeroDivisionError, match="broken"):
        maximize_exact(Failing(30), 4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 0}, "k must be a positive integer"),
        ({"k": 2.0}, "k must be a positive integer"),
        ({"method": "magic"}, "method must be one of"),
        ({"elements": [0, 0]}, "twice"),
        ({"elements": [99]}, "elements must lie in"),
        ({"elements": [0.5]}, "list of elements"),
        ({"start": [0, 1, 2]}, "at most k"),
        ({"start": [1], "elements": [2, 3]}, "at most k"),
        ({"upper_bound": math.nan}, "upper_bound"),
        ({"gap": -1.0}, "gap"),
        ({"time_limit": 0}, "time_limit"),
        ({"seed": -1}, "seed"),
        ({"solver_options": {"no/such": 1}}, "refused by SCIP"),
    ],
)
def test_arguments_out_of_range_are_named(options, message):
    objective = objectives(0)["coverage"]
    arguments = {"k": 2} | options
    with pytest.raises(InputError, match=message):
        maximize_exact(objective, **arguments)


def test_objectives_beyond_the_method_are_refused():
    with pytest.raises(InputError, match="method must be 'cuts'"):
        maximize_exact(objectives(0)["determinant"], 2, method="direct")
    cut = GraphCut(np.array([[0.0, 1.0], [1.0, 0.0]]))
    with pytest.raises(InputError, match="must be monotone"):
        maximize_exact(cut, 1)


def test_a_result_survives_its_file(tmp_path):
    result = maximize_exact(objectives(0)["location"], 3)
    result.save(tmp_path / "r.npz")
    again = type(result).load(tmp_path / "r.npz")
    assert again.objective == result.objective
    assert again.stats["solution"] == result.stats["solution"]
