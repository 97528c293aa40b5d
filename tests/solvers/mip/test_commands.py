"""The command line of the MIP solvers, as a user calls it."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from scipy import sparse

from boundwise.heuristics.neighbourhoods.factory import DEFAULT_ARMS
from boundwise.instances.checker import check
from boundwise.instances.instance import Instance
from boundwise.instances.reader import read
from boundwise.instances.solutions import read_solution

TINY = """\
NAME          tiny
ROWS
 N  cost
 L  weight
COLUMNS
    MARKER    'MARKER'  'INTORG'
    a         cost      -5.0   weight    4.0
    b         cost      -4.0   weight    3.0
    c         cost      -3.0   weight    2.0
    MARKER    'MARKER'  'INTEND'
RHS
    RHS       weight    5.0
BOUNDS
 UP BND       a         1.0
 UP BND       b         1.0
 UP BND       c         1.0
ENDATA
"""


def run(*arguments, **options):
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "boundwise", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **options,
    )


@pytest.fixture
def tiny(tmp_path):
    """Return the path of a tiny problem with optimum -7."""
    path = tmp_path / "tiny.mps"
    path.write_text(TINY)
    return path


@pytest.fixture(scope="module")
def hard(tmp_path_factory):
    """Return the path of a problem that takes longer than any test."""
    rng = np.random.default_rng(3)
    weights = rng.integers(10, 100, size=(8, 120)).astype(float)
    instance = Instance(
        name="hard",
        objective=-weights.mean(axis=0).round(),
        matrix=sparse.csr_array(weights),
        row_lower=np.full(8, -np.inf),
        row_upper=np.floor(weights.sum(axis=1) / 2),
        lower=np.zeros(120),
        upper=np.ones(120),
        is_integer=np.ones(120, dtype=bool),
        names=tuple(f"x{j}" for j in range(120)),
        row_names=tuple(f"r{i}" for i in range(8)),
    )
    path = tmp_path_factory.mktemp("hard") / "hard.mps.gz"
    instance.write_mps(path)
    return path


def test_solve_writes_result_solution_and_trace(tiny, tmp_path):
    out, sol, log = tmp_path / "o.json", tmp_path / "o.sol", tmp_path / "o.jsonl"
    done = run("solve", tiny, "--json", out, "--solution", sol, "--log", log)
    assert done.returncode == 0, done.stderr
    assert "optimal" in done.stdout
    assert "\x1b" not in done.stdout
    document = json.loads(out.read_text())
    assert document["objective"] == document["bound"] == -7.0
    assert document["status"] == "optimal"
    assert document["termination"] == "converged"
    assert document["gap"] == 0.0
    assert document["seed"] == 0
    assert document["check"]["strict"] is True
    assert document["check"]["miplib"] is True
    assert document["check"]["max_violation"] == 0.0
    assert document["trace"][-1][1] == -7.0
    assert [arm["name"] for arm in document["arms"]] == list(DEFAULT_ARMS)
    assert check(read(tiny), sol).strict
    assert read_solution(sol).objective == -7
    assert [json.loads(line) for line in log.read_text().splitlines()] == (
        document["trace"]
    )


def test_quiet_prints_nothing(tiny):
    done = run("solve", tiny, "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_plain_scip_is_a_method(tiny):
    done = run("solve", tiny, "--method", "scip")
    assert done.returncode == 0
    assert "-7" in done.stdout


def test_a_proven_infeasible_problem_ends_with_code_0(tiny):
    tiny.write_text(TINY.replace(" L  weight", " G  weight").replace("5.0\nB", "99\nB"))
    done = run("solve", tiny)
    assert done.returncode == 0
    assert "infeasible" in done.stdout


def test_no_solution_in_time_ends_with_code_1(hard):
    done = run("solve", hard, "--time-limit", "0.000001")
    assert done.returncode == 1
    assert "unknown" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["solve", "no-such-file.mps"],
        ["solve"],
        ["solve", "{tiny}", "--method", "magic"],
        ["solve", "{tiny}", "--time-limit", "-3"],
        ["solve", "{tiny}", "--time-limit", "soon"],
        ["solve", "{tiny}", "--arms", "rins,magic"],
        ["solve", "{tiny}", "--json", "/no/such/folder/x.json"],
        ["solve", "{tiny}", "--no-such-option"],
        ["no-such-command"],
    ],
)
def test_bad_usage_ends_with_code_2_and_one_message(arguments, tiny):
    done = run(*[a.format(tiny=tiny) for a in arguments])
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()


def test_a_broken_file_ends_with_code_2(tiny):
    tiny.write_text(TINY[:170])
    done = run("solve", tiny)
    assert done.returncode == 2
    assert "tiny.mps" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("method", ["lns", "scip"])
def test_a_signal_returns_the_incumbent(number, method, hard, tmp_path):
    out, log = tmp_path / "o.json", tmp_path / "o.jsonl"
    child = subprocess.Popen(
        [
            *(sys.executable, "-m", "boundwise", "solve", str(hard), "--quiet"),
            *("--method", method, "--json", str(out), "--log", str(log)),
        ]
    )
    try:
        started = time.monotonic()
        while not (log.exists() and log.read_text()):
            assert time.monotonic() - started < 60
            time.sleep(0.05)
        time.sleep(0.5)
        child.send_signal(number)
        sent = time.monotonic()
        assert child.wait(timeout=20) == 0
        assert time.monotonic() - sent < 5.0
    finally:
        child.kill()
        child.wait()
    document = json.loads(out.read_text())
    assert document["termination"] == "interrupted"
    assert document["status"] == "feasible"
    assert document["check"]["strict"] is True


def test_the_version_needs_no_solver():
    code = (
        "import sys, boundwise.cli\n"
        "try: boundwise.cli.main(['--version'])\n"
        "except SystemExit: pass\n"
        "heavy = {'pyscipopt', 'numpy', 'ortools', 'highspy', 'numba', 'sklearn'}\n"
        "sys.exit(len(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert "boundwise, version" in done.stdout


def test_help_names_every_command():
    done = run("--help", env=os.environ | {"COLUMNS": "80"})
    assert done.returncode == 0
    for name in ("bench", "demo", "instances", "solve"):
        assert name in done.stdout
