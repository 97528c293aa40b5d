import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundwise.benchmarks.metrics.gaps import (
    ZERO_TOL,
    ml4co_config,
    ml4co_dual,
    ml4co_primal,
    primal_dual_gap,
    primal_dual_integral,
    primal_gap,
    primal_integral,
    scip_gap,
    step_integral,
)
from boundwise.core.errors import InputError


@pytest.mark.parametrize(
    ("objective", "best", "expected"),
    [
        (0.0, 0.0, 0.0),
        (None, 5.0, 1.0),
        (-1.0, 1.0, 1.0),
        (0.0, 5.0, 1.0),
        (12.0, 10.0, 2 / 12),
        (8.0, 10.0, 0.2),
        (-12.0, -10.0, 2 / 12),
        (math.inf, 1.0, 1.0),
    ],
)
def test_the_primal_gap_follows_berthold(objective, best, expected):
    assert primal_gap(objective, best) == pytest.approx(expected)


def test_the_signs_of_tiny_values_are_told_apart():
    assert primal_gap(5.9e-251, -1.7e-243) == 1.0
    assert primal_dual_gap(5.9e-251, -1.7e-243) == 100.0


def test_ipet_calls_tiny_values_zero_and_the_definition_does_not():
    assert primal_gap(1e-9, -1e-9) == 1.0
    assert primal_gap(1e-9, -1e-9, zero=ZERO_TOL) == 0.0


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_the_primal_gap_is_a_symmetric_fraction(a, b):
    gap = primal_gap(a, b)
    assert 0.0 <= gap <= 1.0
    assert gap == primal_gap(b, a)


def test_the_primal_integral_matches_the_known_vector():
    gaps = [(10.0, 0.5), (40.0, 0.1), (70.0, 0.0)]
    assert step_integral(gaps, 1.0, 100.0) == pytest.approx(28.0)
    # The same by objectives: best 10, gaps .5, .1 and 0.
    found = [(10.0, 20.0), (40.0, 10 / 0.9), (70.0, 10.0)]
    assert primal_integral(found, 10.0, 100.0) == pytest.approx(28.0)
    assert primal_integral(found, 10.0, 100.0) / 100.0 == pytest.approx(0.28)


def test_the_last_value_counts_to_the_horizon_after_an_early_stop():
    assert primal_integral([(2.0, 20.0)], 10.0, 10.0) == pytest.approx(2 + 0.5 * 8)


def test_without_an_incumbent_the_integral_is_the_horizon():
    assert primal_integral([], 10.0, 60.0) == 60.0


def test_points_beyond_the_horizon_do_not_count():
    assert primal_integral([(5.0, 20.0), (50.0, 10.0)], 10.0, 10.0) == 7.5


def test_a_trace_that_runs_backwards_is_refused():
    with pytest.raises(InputError, match="order of time"):
        step_integral([(5.0, 1.0), (4.0, 0.0)], 1.0, 10.0)
    with pytest.raises(InputError, match="horizon"):
        step_integral([], 1.0, 0.0)


@pytest.mark.parametrize(
    ("primal", "dual", "expected"),
    [
        (None, 1.0, 100.0),
        (1.0, None, 100.0),
        (1.0, -1.0, 100.0),
        (0.0, 1.0, 100.0),
        (0.0, 0.0, 0.0),
        (10.0, 8.0, 20.0),
        (-10.0, -8.0, 20.0),
    ],
)
def test_scips_primal_dual_gap_is_a_percentage(primal, dual, expected):
    assert primal_dual_gap(primal, dual) == pytest.approx(expected)


def test_the_primal_dual_integral_is_in_percent_seconds():
    trace = [(1.0, None, 8.0), (2.0, 10.0, 8.0), (4.0, 10.0, 10.0)]
    assert primal_dual_integral(trace, 10.0) == pytest.approx(200.0 + 20.0 * 2)


def test_scips_reported_gap_divides_by_the_smaller_value():
    assert scip_gap(10.0, 8.0) == pytest.approx(0.25)
    assert scip_gap(1.0, -1.0) == math.inf
    assert scip_gap(1.0, 0.0) == math.inf
    assert scip_gap(None, 0.0) == math.inf
    assert scip_gap(0.0, 0.0) == 0.0


def test_ml4co_integrals_are_not_normalised_and_start_at_the_given_bound():
    found = [(100.0, 50.0), (200.0, 20.0)]
    assert ml4co_primal(found, 80.0) == pytest.approx(8000 + 5000 + 2000)
    # A first incumbent that is worse than the given bound does not count.
    assert ml4co_primal([(100.0, 500.0)], 80.0) == pytest.approx(80 * 300)
    assert ml4co_dual([(300.0, 10.0)], 0.0) == pytest.approx(-10.0 * 600)
    trace = [(300.0, 20.0, 10.0)]
    assert ml4co_config(trace, 30.0, 0.0) == pytest.approx(30 * 300 + 10 * 600)


def test_scips_own_integral_agrees_with_ours(tmp_path):
    pyscipopt = pytest.importorskip("pyscipopt")
    from boundwise.instances.generators.registry import generate
    from boundwise.instances.mps.writer import write_mps

    path = tmp_path / "cover.mps"
    write_mps(generate("set_cover:rows=40,cols=80,seed=2"), path)
    model = pyscipopt.Model()
    model.hideOutput()
    model.readProblem(str(path))
    events = []
    kinds = pyscipopt.SCIP_EVENTTYPE

    class Handler(pyscipopt.Eventhdlr):
        def eventinit(self):
            self.model.catchEvent(kinds.BESTSOLFOUND | kinds.DUALBOUNDIMPROVED, self)

        def eventexit(self):
            self.model.dropEvent(kinds.BESTSOLFOUND | kinds.DUALBOUNDIMPROVED, self)

        def eventexec(self, event):
            best = self.model.getSolObjVal(self.model.getBestSol())
            best = best if self.model.getNSols() else None
            dual = self.model.getDualbound()
            dual = None if abs(dual) >= 1e20 else dual
            events.append((self.model.getSolvingTime(), best, dual))

    model.includeEventhdlr(Handler(), "trace", "trace")
    model.optimize()
    end = model.getSolvingTime()
    events.append((end, model.getObjVal(), model.getDualbound()))
    ours = primal_dual_integral(events, max(end, 1e-6))
    # SCIP samples its own clock: equal up to some milliseconds of 100 percent.
    assert ours == pytest.approx(model.getPrimalDualIntegral(), abs=100 * 0.05)
