"""Runs on a Dask cluster: never worse than the best found, and nothing hangs."""

import math
import os
import signal
import subprocess
import threading
import time

import pytest

import boundwise
from boundwise.core.errors import InputError, NotAvailableError, SolverError
from boundwise.core.status import Status, Termination
from boundwise.instances.checker import check
from boundwise.solvers.mip.cluster.solve import solve_on_cluster

dask = pytest.importorskip("dask")
distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def small(knapsacks):
    return knapsacks(25, 3, 5)


@pytest.fixture(scope="module")
def client():
    # A worker in this process sets a default scheduler and does not always take it
    # back: later tests with Dask would look for a cluster.
    with (
        dask.config.set(scheduler=None),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as connected,
    ):
        yield connected


def test_a_cluster_proves_the_optimum_that_one_run_proves(client, small):
    truth = boundwise.solve(small, time_limit=30.0, method="scip")
    assert truth.status is Status.OPTIMAL
    result = solve_on_cluster(small, client, time_limit=60.0, engines=("scip",))
    assert result.status is Status.OPTIMAL
    assert result.termination is Termination.CONVERGED
    assert result.objective == pytest.approx(truth.objective)
    assert check(small, result.x, objective=result.objective).strict
    assert result.trace[-1].who.startswith("run-")
    assert result.wall_time < 60.0
    assert client.status == "running"


@pytest.mark.slow
def test_a_callback_ends_the_run_with_what_it_has(client, knapsacks):
    hard = knapsacks(150, 15, 5)
    began = time.monotonic()
    result = solve_on_cluster(
        hard,
        client,
        time_limit=120.0,
        engines=("scip",),
        callback=lambda event: math.isfinite(event.objective),
    )
    assert result.termination is Termination.INTERRUPTED
    assert check(hard, result.x, objective=result.objective).strict
    assert time.monotonic() - began < 60.0


def test_wrong_arguments_are_named_before_anything_runs(client, small):
    with pytest.raises(InputError, match="cluster must be"):
        solve_on_cluster(small, 7)
    with pytest.raises(InputError, match="policy"):
        solve_on_cluster(small, client, policy="nosuch")
    with pytest.raises(InputError, match="time_limit"):
        solve_on_cluster(small, client, time_limit=-1.0)


def test_constraints_that_do_not_travel_are_refused(client):
    from pyscipopt import Model

    model = Model()
    x = model.addVar("x", lb=0.0, ub=5.0)
    y = model.addVar("y", vtype="I", lb=0.0, ub=5.0)
    model.addCons(x * x + y * y <= 7.0)
    model.setObjective(x + y, "maximize")
    with pytest.raises(InputError, match="travel"):
        solve_on_cluster(model, client)


def test_a_scheduler_that_is_not_there_is_an_error(small, monkeypatch):
    from boundwise.solvers.mip.cluster import solve

    monkeypatch.setattr(solve, "_PATIENCE", 0.5)
    with pytest.raises(NotAvailableError, match="no scheduler"):
        solve_on_cluster(small, "tcp://127.0.0.1:9")


@pytest.mark.slow
def test_workers_that_cannot_hold_the_hub_are_an_error_and_no_hang(
    client, small, monkeypatch
):
    from boundwise.solvers.mip.cluster import link

    class Broken:
        def __init__(self, sense):
            raise RuntimeError(f"no module for {sense}")

    monkeypatch.setattr(link, "Hub", Broken)
    with pytest.raises(SolverError, match="no module for maximize"):
        solve_on_cluster(small, client)


def solve_in_thread(problem, address, **options):
    """Start a run and return (thread, list of events, list for the result)."""
    events, found = [], []

    def work():
        found.append(
            solve_on_cluster(problem, address, callback=events.append, **options)
        )

    thread = threading.Thread(target=work)
    thread.start()
    return thread, events, found


def wait_for(condition, seconds):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def judge(problem, events, result, after):
    """The answer is feasible and no worse than anything that was ever reported."""
    seen = [event.objective for event in events if math.isfinite(event.objective)]
    assert check(problem, result.x, objective=result.objective).strict
    assert result.objective >= max(seen) - 1e-9
    assert max(seen) >= max(after)


def holds_hub(client, address):
    return any("Hub" in str(key) for key in client.has_what()[address])


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("fate", ["dies", "is cut off"])
def test_when_one_of_two_hosts_is_gone_nothing_is_lost_and_nothing_hangs(
    dask_processes, hosts, fate, knapsacks
):
    problem = knapsacks(150, 15, 5)
    bridge, ((first, address1), (second, address2)) = hosts
    scheduler = dask_processes.scheduler(bridge)
    # The first worker holds the hub: losing it is the harder case.
    victim = dask_processes.worker(scheduler, address1, first)
    other = dask_processes.worker(scheduler, address2, second)
    limit = 200.0
    client = distributed.Client(scheduler, set_as_default=False)
    client.wait_for_workers(2, timeout=120)
    survivor = next(a for a in client.has_what() if address2 in a)
    began = time.monotonic()
    thread, events, found = solve_in_thread(
        problem, scheduler, time_limit=limit, engines=("scip",)
    )
    wait_for(lambda: any(math.isfinite(e.objective) for e in events), limit - 30.0)
    before = [e.objective for e in events if math.isfinite(e.objective)]
    had_hub = not holds_hub(client, survivor)
    if fate == "dies":
        os.killpg(victim.pid, signal.SIGKILL)
    else:
        subprocess.run(
            f"ip netns exec {first} ip link set eth0 down".split(), check=True
        )
    if had_hub:
        wait_for(lambda: holds_hub(client, survivor), 60.0)
    client.close()
    thread.join(timeout=limit + 30.0)
    assert not thread.is_alive()
    assert time.monotonic() - began < limit + 10.0
    (result,) = found
    judge(problem, events, result, before)
    assert other.poll() is None
    assert result.stats["lost"]
    assert result.termination is Termination.TIME_LIMIT


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_when_everybody_dies_the_best_so_far_is_the_answer(
    dask_processes, monkeypatch, knapsacks
):
    from boundwise.solvers.mip.cluster import solve

    problem = knapsacks(150, 15, 5)
    scheduler = dask_processes.scheduler("127.0.0.1")
    victim = dask_processes.worker(scheduler, "127.0.0.1")
    thread, events, found = solve_in_thread(
        problem, scheduler, time_limit=300.0, engines=("scip",)
    )
    wait_for(lambda: any(math.isfinite(e.objective) for e in events), 280.0)
    before = [e.objective for e in events if math.isfinite(e.objective)]
    monkeypatch.setattr(solve, "_PATIENCE", 5.0)
    os.killpg(victim.pid, signal.SIGKILL)
    thread.join(timeout=60.0)
    assert not thread.is_alive()
    judge(problem, events, found[0], before)
    assert found[0].stats["lost"]
    assert found[0].termination is Termination.ERROR
