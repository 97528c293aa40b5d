"""A dive finds points, takes back dead ends, and leaves the node as it was."""

import functools

import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.heuristics.dives.driver import DiveEnding, DiveLimits, dive
from boundwise.heuristics.dives.factory import DIVES
from boundwise.heuristics.dives.fractional import Fractional
from boundwise.heuristics.dives.rule import Ranking
from tests.heuristics.dives.conftest import highs_optimum, random_mip, scip_model


def silent(model):
    """Switch off SCIP's own heuristics."""
    from pyscipopt import SCIP_PARAMSETTING

    model.setHeuristics(SCIP_PARAMSETTING.OFF)
    return model


class Always:
    """Round the first candidate one way."""

    name = "always"

    def __init__(self, up):
        self.up = up

    def applies(self, view):
        return True

    def rank(self, candidates, view, rng):
        k = len(candidates)
        return Ranking(-np.arange(k, dtype=float), np.full(k, self.up))


@functools.lru_cache
def optimum_of(seed):
    """Return the optimum of a random problem, found once for all rules."""
    return highs_optimum(*random_mip(seed))


def one_dive(rule, **options):
    """Return an action that dives once and looks at the node before and after."""

    def action(model, view, heuristic):
        before = view.local_bounds(), model.getLPObjVal()
        report = dive(
            model,
            view,
            rule,
            rng=np.random.default_rng(0),
            heuristic=heuristic,
            **options,
        )
        assert not model.inProbing()
        np.testing.assert_array_equal(view.local_bounds(), before[0])
        if report.n_solutions == 0:
            # (A new incumbent may cut the node off, and its LP with it.)
            assert model.getLPObjVal() == pytest.approx(before[1])
        best = model.getBestSol() if model.getNSols() else None
        order = sorted(model.getVars(), key=lambda v: int(v.name[1:] or 99))
        x = None if best is None else [best[v] for v in order]
        return report, x

    return action


@pytest.mark.parametrize("name", sorted(DIVES))
def test_dives_find_feasible_points_and_never_better_ones_than_the_optimum(
    at_root, name
):
    found = dives = 0
    for seed in range(5):
        data = random_mip(seed)
        c, A, low, high, _, is_integer = data
        model = silent(scip_model(*data))
        if name == "dive-guided":
            model.setParam("heuristics/shifting/freq", 0)
        rule = DIVES[name]()

        def action(model, view, heuristic, rule=rule):
            view.root = np.zeros(view.n_variables)
            if not rule.applies(view):
                return None
            return one_dive(rule)(model, view, heuristic)

        outcome = at_root(model, action)
        if outcome is None:
            continue
        dives += 1
        report, x = outcome
        assert report.ending in set(DiveEnding)
        assert report.levels >= 1
        if report.n_solutions:
            found += 1
            x = np.array(x)
            assert (A @ x >= low - 1e-6).all()
            assert (A @ x <= high + 1e-6).all()
            assert np.abs(x - np.round(x))[is_integer].max() < 1e-6
            assert c @ x >= optimum_of(seed) - 1e-6
    if name != "dive-guided":
        assert dives >= 3
        assert found >= 1


@pytest.mark.parametrize("up", [True, False])
@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_any_rule_leaves_the_node_as_it_was(at_root, up, threshold):
    for seed in range(3):
        model = silent(scip_model(*random_mip(seed)))
        outcome = at_root(model, one_dive(Always(up), threshold=threshold))
        assert outcome is None or outcome[0].levels >= 1


def pairs(n=6):
    """Return a model whose LP has x = 1/2 and whose rows forbid rounding all up."""
    from pyscipopt import Model

    model = Model()
    model.hideOutput()
    model.setParam("presolving/maxrounds", 0)
    x = [model.addVar(vtype="B", name=f"x{j}", obj=-1.0) for j in range(n)]
    for i in range(n):
        for j in range(i):
            model.addCons(x[i] + x[j] <= 1)
    model.setParam("propagating/maxroundsroot", 0)
    return silent(model)


def test_all_decisions_are_levels_and_each_level_has_one_lp_at_threshold_zero(at_root):
    report, x = at_root(pairs(), one_dive(Always(True), threshold=0.0))
    # One variable up settles all others: one level, one LP, a solution of value 1.
    assert (report.levels, report.lps, report.backtracks) == (1, 1, 0)
    assert report.conflicts == 0
    assert report.ending is DiveEnding.LEAF
    assert report.n_solutions == 1
    assert sum(x) == pytest.approx(1.0)


def knapsack_with_trap():
    """2 x0 + 2 x1 + 2 x2 = 3 + y with y >= 0: rounding needs two of three up."""
    from pyscipopt import Model

    model = Model()
    model.hideOutput()
    model.setParam("presolving/maxrounds", 0)
    x = [model.addVar(vtype="B", name=f"x{j}", obj=1.0) for j in range(3)]
    y = model.addVar(vtype="C", name="y", ub=2.0)
    model.addCons(2 * x[0] + 2 * x[1] + 2 * x[2] - y == 3)
    return silent(model)


def test_a_dead_end_takes_back_one_decision(at_root):
    # Down, down leaves 2 x <= 2 < 3: the second (or propagation's third) is flipped.
    report, x = at_root(knapsack_with_trap(), one_dive(Always(False), threshold=0.0))
    assert report.ending is DiveEnding.LEAF
    assert report.n_solutions == 1
    assert sum(x[:3]) == pytest.approx(2.0)


def parity():
    """Return a model without solutions: 2 x0 + ... + 2 x8 = 9."""
    from pyscipopt import Model, quicksum

    model = Model()
    model.hideOutput()
    model.setParam("presolving/maxrounds", 0)
    x = [model.addVar(vtype="B", name=f"x{j}", obj=1.0) for j in range(9)]
    model.addCons(quicksum(2 * v for v in x) == 9)
    return silent(model)


def test_without_a_solution_a_dive_ends_in_a_dead_end(at_root):
    report, x = at_root(parity(), one_dive(Always(True), threshold=0.0))
    assert report.ending is DiveEnding.DEAD_END
    assert report.backtracks >= 1
    # Each decision that is taken back was in conflict, and so was the end.
    assert report.conflicts == report.backtracks + 1
    assert report.n_solutions == 0
    assert x is None


def test_a_level_limit_ends_a_dive(at_root):
    limits = DiveLimits(levels=1)
    report, _ = at_root(parity(), one_dive(Always(False), limits=limits))
    assert report.ending is DiveEnding.LIMIT
    assert report.levels == 1


def test_an_iteration_limit_ends_a_dive(at_root):
    data = random_mip(1, n=60, m=40)
    limits = DiveLimits(iterations=1)
    report, _ = at_root(
        silent(scip_model(*data)), one_dive(Fractional(), limits=limits, threshold=0.0)
    )
    assert report.ending is DiveEnding.LIMIT
    assert report.lps <= 3


def test_a_run_that_must_stop_ends_a_dive(at_root):
    report, _ = at_root(parity(), one_dive(Always(True), should_stop=lambda: True))
    assert report.ending is DiveEnding.STOPPED
    assert report.lps == 0


def test_a_higher_threshold_solves_fewer_lps(at_root):
    lps = []
    for threshold in (0.0, 0.3):
        model = silent(scip_model(*random_mip(5, n=60, m=30)))
        report, _ = at_root(model, one_dive(Fractional(), threshold=threshold))
        lps.append(report.lps / report.levels)
    assert lps[1] < lps[0]


def test_an_exception_in_a_rule_ends_probing(at_root):
    class Broken(Always):
        def rank(self, candidates, view, rng):
            raise ZeroDivisionError("here")

    def action(model, view, heuristic):
        with pytest.raises(ZeroDivisionError, match="here"):
            dive(model, view, Broken(True), rng=np.random.default_rng(0))
        return model.inProbing()

    assert at_root(parity(), action) is False


def test_wrong_limits_and_thresholds_are_refused(at_root):
    for wrong in ({"levels": 0}, {"iterations": -1}, {"seconds": np.nan}):
        with pytest.raises(InputError):
            DiveLimits(**wrong)

    def action(model, view, heuristic):
        with pytest.raises(InputError, match="threshold"):
            dive(model, view, Always(True), rng=None, threshold=1.5)
        return True

    assert at_root(parity(), action)


def pseudocosts_after(rule, threshold):
    """Return an action that dives and reads the pseudocosts down and up."""

    def action(model, view, heuristic):
        positions = np.arange(view.n_variables)
        rng = np.random.default_rng(0)
        dive(model, view, rule, rng=rng, threshold=threshold)
        return view.pseudocosts(positions)

    return action


def test_one_rounding_teaches_scip_what_it_costs(at_root):
    # One up and five down: the objective rises from -3 to -1 over a distance of 1/2.
    _, up = at_root(pairs(), pseudocosts_after(Always(True), 0.0))
    assert up.max() == pytest.approx(4.0, rel=1e-3)


def test_what_several_roundings_cost_is_shared_by_all(at_root):
    # All six down, one after the other and one LP at the end: from -6.5 to 0 in six
    # equal parts. (SCIP takes 1 for what it knows nothing of.)
    model = pairs()
    model.setParam("misc/usesymmetry", 0)
    x = model.getVars()
    model.setObjective(-2.0 * sum(x) - x[0])
    down, _ = at_root(model, pseudocosts_after(Always(False), 1.0))
    np.testing.assert_allclose(down, 6.5 / 6 / 0.5, rtol=1e-3)
