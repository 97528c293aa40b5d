"""Hours of runs that behave badly leave no process behind and do not fill the memory.

``BOUNDWISE_ENDURANCE`` is the length in seconds; before a release, 1800.
"""

import ctypes
import itertools
import os
import time

import pytest

from boundwise.benchmarks.campaign import SolverChoice
from boundwise.benchmarks.isolation.execute import Executor
from boundwise.benchmarks.isolation.verifier import Verifier
from boundwise.benchmarks.plan import probe
from boundwise.benchmarks.status import RunStatus
from boundwise.core.memory import resident_mebibytes
from boundwise.core.processes import children, descendants
from boundwise.instances.reference import Kind, Reference

SECONDS = float(os.environ.get("BOUNDWISE_ENDURANCE", "120"))
SEVEN = Reference(Kind.OPTIMAL, 7.0, 7.0)
MODES = ("family", "delegate", "spin", "hang", "crash", "segfault", "exit", "good")
_SUBREAPER = 36


@pytest.fixture
def adopting():
    """Become the parent of every process below that loses its own."""
    libc = ctypes.CDLL(None)
    if libc.prctl(_SUBREAPER, 1, 0, 0, 0) != 0:
        pytest.skip("orphans cannot be adopted here")
    yield
    libc.prctl(_SUBREAPER, 0, 0, 0, 0)


def left_behind(known, seconds=5.0):
    """Return what is below this process beyond what was there before."""
    end = time.monotonic() + seconds
    while True:
        found = set(descendants(os.getpid())) - known
        if not found or time.monotonic() > end:
            return found
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 600.0)
@pytest.mark.parametrize("clock", ["cpu", "wall"])
def test_runs_leave_no_process_behind_and_memory_does_not_grow(
    campaign_folder, make_job, tmp_path, adopting, clock
):
    executor = Executor(campaign_folder)
    ours = probe(SolverChoice(label="boundwise", adapter="boundwise"))
    pids = tmp_path / "pids"
    before = set(descendants(os.getpid()))
    settings = {"pids": str(pids), "stay": True}
    levels, checker = [], set()
    end = time.monotonic() + SECONDS / 2
    try:
        for seed in itertools.count():
            for mode in MODES:
                job = make_job(
                    mode, 0.3, clock=clock, kill_grace=0.5, settings=settings, seed=seed
                )
                record = executor.execute(job, SEVEN)
                assert record.status is not RunStatus.READ_ERROR, mode
                # The checker lives from run to run; nobody else does.
                checker |= set(children(os.getpid())) - before
                assert len(checker) <= 1, mode
                assert not left_behind(before | checker), mode
            job = make_job(solver=ours, time_limit=5.0, clock=clock, seed=seed)
            # A busy machine may take 5 s for it, and then it is at its limit.
            assert not executor.execute(job, SEVEN).status.failed
            assert not left_behind(before | checker), "boundwise"
            levels.append(resident_mebibytes())
            if time.monotonic() > end and len(levels) >= 3:
                break
    finally:
        executor.close()
    assert not left_behind(before)
    # The first round imports and fills caches.
    assert levels[-1] - levels[1] < 20.0


@pytest.mark.slow
def test_a_checker_is_asked_a_thousand_times_without_growing(tiny, tmp_path):
    (tmp_path / "solution.sol").write_text("=obj= 7\nx 1\ny 1\n")
    request = {
        "suite": "mip",
        "instance": str(tiny),
        "folder": str(tmp_path),
        "claim": {},
    }
    verifier = Verifier()
    try:
        for _ in range(200):
            assert verifier.verify(request)["verified"] is True
        (pid,) = set(children(os.getpid()))
        first = resident(pid)
        for _ in range(1000):
            assert verifier.verify(request)["verified"] is True
        assert resident(pid) - first < 20 * 1024
    finally:
        verifier.close()


def resident(pid):
    from boundwise.core.processes import resident_kib

    return resident_kib([pid])
