"""SCIP's trees of large problems run in processes of their own, and may lose them."""

import os
import signal

import pytest

import boundwise
from boundwise.core.status import Status
from boundwise.heuristics.engines.scip_tree import SuspendedTree
from boundwise.heuristics.scip import settings


@pytest.fixture
def everything_is_large(monkeypatch):
    """Have trees of small problems run apart, too."""
    monkeypatch.setattr(settings, "_LARGE", 0)


@pytest.fixture
def trees(monkeypatch):
    """Return the trees that are made in other processes."""
    made = []
    create = SuspendedTree.__init__

    def init(self, *arguments, **fields):
        made.append(self)
        create(self, *arguments, **fields)

    monkeypatch.setattr(SuspendedTree, "__init__", init)
    return made


@pytest.mark.parametrize("threads", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_run_with_trees_apart_proves_the_same(
    everything_is_large, trees, knapsacks, threads
):
    problem = knapsacks(25, 4, 3)
    expected = boundwise.solve(problem, method="scip")
    result = boundwise.solve(
        problem, engines=("scip",), time_limit=60.0, seed=2, threads=threads
    )
    assert trees
    assert expected.status is result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(expected.objective)
    assert result.stats["absent"] == {}
    # Its process has ended with the run.
    assert all(tree.is_finished for tree in trees)


def test_a_tree_that_loses_its_process_begins_anew_in_this_one(
    everything_is_large, trees, monkeypatch, knapsacks
):
    kill_at = []
    search = SuspendedTree.run

    def run(self, *arguments, **fields):
        if not kill_at:
            kill_at.append(self)
            search(self, 1.0, 0.0, until=lambda: self._session.pid is not None)
            os.kill(self._session.pid, signal.SIGKILL)
        search(self, *arguments, **fields)

    monkeypatch.setattr(SuspendedTree, "run", run)
    problem = knapsacks(25, 4, 3)
    expected = boundwise.solve(problem, method="scip")
    result = boundwise.solve(problem, engines=("scip",), time_limit=60.0, seed=2)
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(expected.objective)
    assert "SIGKILL" in result.stats["absent"]["feasibility"]
    assert result.partners["feasibility"]["turns"] >= 2


def test_short_and_reproducible_runs_stay_in_one_process(
    everything_is_large, trees, knapsacks
):
    problem = knapsacks(25, 4, 3)
    boundwise.solve(problem, engines=("scip",), time_limit=2.0)
    boundwise.solve(problem, engines=("scip",), work_limit=20.0)
    assert trees == []


def test_small_problems_stay_in_one_process(trees, knapsacks):
    boundwise.solve(knapsacks(25, 4, 3), engines=("scip",), time_limit=20.0)
    assert trees == []


def test_what_the_dives_did_is_told_by_the_other_process(
    everything_is_large, trees, knapsacks
):
    result = boundwise.solve(
        knapsacks(25, 4, 3), engines=("scip",), time_limit=60.0, seed=1
    )
    assert trees
    assert trees[0].relaxation is not None
    assert result.stats["dives"] == trees[0].dives
    assert sum(arm["calls"] for arm in result.stats["dives"]) > 0
