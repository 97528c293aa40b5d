import math
import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyscipopt import Model
from scipy.optimize import Bounds, LinearConstraint, milp

from boundwise.core.errors import InputError, SolverError
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline
from boundwise.instances.convex import polyhedron
from boundwise.instances.generators import generate
from boundwise.solvers.convex.oracles.lp import LinearRelaxation
from boundwise.solvers.convex.oracles.mip import MixedIntegerSet


def random_program(rng, n=6, m=3):
    return polyhedron(
        "random",
        matrix=rng.integers(-4, 6, (m, n)).astype(float),
        row_lower=np.full(m, -np.inf),
        row_upper=rng.integers(2, 12, m).astype(float),
        lower=np.zeros(n),
        upper=np.full(n, 4.0),
        is_integer=np.arange(n) < n - 2,
    )


def solved(instance, direction, lower, upper, integral):
    found = milp(
        direction,
        integrality=instance.is_integer if integral else None,
        constraints=LinearConstraint(
            instance.matrix, instance.row_lower, instance.row_upper
        ),
        bounds=Bounds(lower, upper),
    )
    return found.fun if found.status == 0 else math.inf


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_both_oracles_agree_with_another_solver_within_random_boxes(seed):
    rng = np.random.default_rng(seed)
    instance = random_program(rng)
    n = instance.n_variables
    points, relaxation = MixedIntegerSet(instance), LinearRelaxation(instance)
    for _ in range(4):
        direction = rng.normal(size=n)
        lower, upper = points.lower.copy(), points.upper.copy()
        j = int(rng.integers(0, n - 2))
        lower[j] = upper[j] = float(rng.integers(0, 5))
        for oracle, integral in ((points, True), (relaxation, False)):
            best = solved(instance, direction, lower, upper, integral)
            answer = oracle.minimize_between(
                direction, lower, upper, target=-math.inf, start=None
            )
            if math.isinf(best):
                assert answer.is_empty
                continue
            assert direction @ answer.vertex == pytest.approx(best, abs=1e-5)
            # The other solver uses its tolerance of 1e-6 to undercut the optimum.
            slack = 1e-5 if integral else 1e-9 * max(1, abs(best))
            assert best - 1e-6 <= answer.bound <= best + slack
            assert relaxation.contains(answer.vertex)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**31), share=st.floats(0.0, 1.5))
def test_an_inexact_answer_never_claims_more_than_it_proved(seed, share):
    rng = np.random.default_rng(seed)
    instance = random_program(rng, n=10, m=4)
    points = MixedIntegerSet(instance)
    direction = rng.normal(size=10)
    best = solved(instance, direction, points.lower, points.upper, True)
    target = share * best
    answer = points.minimize_between(
        direction, points.lower, points.upper, target=target, start=None
    )
    assert answer.bound <= best + 1e-6
    # Either a vertex that is good enough, or a proof that there is none.
    assert direction @ answer.vertex <= target or answer.bound >= min(target, best) - (
        1e-6
    )
    for point in (answer.vertex, *answer.others):
        assert (instance.matrix @ point <= instance.row_upper + 1e-6).all()


def test_a_known_vertex_is_a_start_that_stays_feasible():
    rng = np.random.default_rng(1)
    points = MixedIntegerSet(random_program(rng))
    n = len(points.lower)
    first = points.extreme_point(np.ones(n), points.lower, points.upper)
    answer = points.minimize_between(
        rng.normal(size=n), points.lower, points.upper, target=-math.inf, start=first
    )
    assert answer.vertex is not None


def test_an_unbounded_direction_is_an_error_that_names_the_variable():
    model = Model()
    x = model.addVar("far", lb=0, ub=None)
    y = model.addVar("near", vtype="B")
    model.addCons(x >= y)
    points = MixedIntegerSet(model)
    # SCIP lists binaries first.
    assert points.instance.names == ("near", "far")
    outwards = np.array([0.0, -1.0])
    with pytest.raises(InputError, match="far"):
        points.extreme_point(outwards, points.lower, points.upper)
    relaxation = LinearRelaxation(points.instance)
    with pytest.raises(InputError, match="bounded"):
        relaxation.extreme_point(outwards, points.lower, points.upper)
    vertex = points.extreme_point(-outwards, points.lower, points.upper)
    assert vertex[1] == 0.0


def test_an_empty_relaxation_is_told_from_an_unbounded_one():
    instance = polyhedron(
        "empty",
        matrix=np.array([[1.0, -1.0], [-1.0, 1.0]]),
        row_lower=1.0,
        row_upper=np.inf,
        lower=-np.inf,
        upper=np.inf,
        is_integer=False,
    )
    relaxation = LinearRelaxation(instance)
    answer = relaxation.minimize_between(
        np.array([1.0, 1.0]), relaxation.lower, relaxation.upper
    )
    assert answer.is_empty


def test_a_deadline_stops_a_search_and_leaves_a_bound():
    points = MixedIntegerSet(generate("set_cover:rows=400,cols=2000,seed=1"))
    rng = np.random.default_rng(0)
    deadline = Deadline(0.3)
    with Interrupter(deadline) as interrupter:
        points.bind(interrupter, deadline)
        started = time.monotonic()
        answer = points.minimize_between(
            rng.uniform(0.9, 1.1, len(points.lower)),
            points.lower,
            points.upper,
            target=-math.inf,
            start=None,
        )
        assert time.monotonic() - started < 5.0
    assert not answer.is_empty


def test_a_stopped_extreme_point_is_an_error_not_an_empty_set():
    points = MixedIntegerSet(generate("set_cover:rows=400,cols=2000,seed=1"))
    deadline = Deadline(0.0)
    with Interrupter(deadline) as interrupter:
        points.bind(interrupter, deadline)
        with pytest.raises(SolverError, match="stopped"):
            points.extreme_point(np.ones(len(points.lower)), points.lower, points.upper)


def test_it_can_be_asked_outside_a_run_and_outside_the_main_thread():
    points = MixedIntegerSet(random_program(np.random.default_rng(2)))
    found = []

    def ask():
        found.append(
            points.extreme_point(np.ones(len(points.lower)), points.lower, points.upper)
        )

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert found[0] is not None


@pytest.mark.parametrize("scale", [1e-12, 1e-3, 1e22, 1e200])
def test_the_unit_of_a_direction_does_not_matter(scale):
    """At 1e-12 every vertex was optimal to SCIP; 1e22 was infinite to it."""
    instance = random_program(np.random.default_rng(3))
    direction = np.random.default_rng(4).normal(size=instance.n_variables)
    for oracle in (MixedIntegerSet(instance), LinearRelaxation(instance)):
        box = (oracle.lower, oracle.upper)
        one, other = (
            oracle.minimize_between(d, *box, target=-math.inf, start=None)
            for d in (direction, scale * direction)
        )
        assert direction @ other.vertex == pytest.approx(direction @ one.vertex)
        assert other.bound == pytest.approx(scale * one.bound, rel=1e-6)
