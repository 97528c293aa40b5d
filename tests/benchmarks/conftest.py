"""Small problems with known answers, fake solvers, and made-up records."""

from pathlib import Path

import pytest

from boundwise.benchmarks.isolation.execute import Executor
from boundwise.benchmarks.job import Job, RunLimits, SolverSpec, file_sha256
from boundwise.benchmarks.record import Record
from boundwise.benchmarks.status import NOTHING_KNOWN, RunStatus

FAKE_SOLVER = Path(__file__).with_name("fake_solver.py")

# max 5 x + 2 y, 2 x + y <= 3, x + y <= 2, binary: optimum 7 at (1, 1).
TINY = """\
NAME tiny
OBJSENSE
    MAX
ROWS
 N obj
 L c1
 L c2
COLUMNS
    M1 'MARKER' 'INTORG'
    x obj 5 c1 2
    x c2 1
    y obj 2 c1 1
    y c2 1
    M2 'MARKER' 'INTEND'
RHS
    RHS c1 3 c2 2
BOUNDS
 UP BND x 1
 UP BND y 1
ENDATA
"""


@pytest.fixture
def tiny(tmp_path):
    path = tmp_path / "tiny.mps"
    path.write_text(TINY)
    return path


@pytest.fixture
def campaign_folder(tmp_path):
    folder = tmp_path / "campaign"
    folder.mkdir()
    return folder


@pytest.fixture
def make_job(tiny):
    def make(mode="good", time_limit=5.0, **changes):
        settings = {"mode": mode} | changes.pop("settings", {})
        limits = RunLimits(
            time_limit=time_limit,
            clock=changes.pop("clock", "wall"),
            memory_limit=changes.pop("memory_limit", None),
            interrupt_grace=changes.pop("interrupt_grace", 0.2),
            kill_grace=changes.pop("kill_grace", 20.0),
        )
        fields = {
            "suite": "mip",
            "instance": "tiny",
            "path": str(tiny),
            "sha256": file_sha256(tiny),
            "solver": SolverSpec(
                label=mode, adapter=str(FAKE_SOLVER), version="1.0", settings=settings
            ),
            "limits": limits,
        }
        return Job(**(fields | changes))

    return make


@pytest.fixture(scope="module")
def shared_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("shared")


@pytest.fixture(scope="module")
def executor(shared_folder):
    made = Executor(shared_folder)
    yield made
    made.close()


@pytest.fixture
def make_record():
    def make(instance="i", label="a", status=RunStatus.OK, time=1.0, **changes):
        fields = {
            "key": f"{instance}/{label}/{changes.get('seed', 0)}",
            "suite": "mip",
            "instance": instance,
            "sha256": f"hash of {instance}",
            "solver": {"label": label, "adapter": "scip", "version": "1"},
            "status": status,
            "limits": {"time_limit": 100.0, "memory_limit": None, "threads": 1},
            "time_wall": time,
            "claim": "optimal" if status.solved else "unknown",
            "reference": NOTHING_KNOWN,
            "host": {"name": "m", "fingerprint": "f", "cores": 2, "slots": 1},
            "stamp": "2026-01-01T00:00:00.000+00:00",
        }
        return Record(**(fields | changes))

    return make
