"""The child process of one run: import one solver, solve one instance, leave.

It is started as ``python -P -m boundwise.benchmarks.isolation.child FOLDER`` with
``task.json`` in FOLDER, and leaves there

    started        wall clock and CPU seconds after the imports
    trace.jsonl    events, streamed
    solution.sol   the incumbent, ``name value`` per line
    answer.json    the claim, or the error; without it the run counts as crashed
"""

import contextlib
import json
import math
import resource
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from boundwise.benchmarks.solvers.base import (
    Answer,
    OutputError,
    ReadError,
    Recorder,
    SettingError,
    Task,
)
from boundwise.benchmarks.solvers.registry import load
from boundwise.core.clock import CpuClock
from boundwise.core.errors import InputError, NotAvailableError
from boundwise.core.files import atomic_write, write_json
from boundwise.core.limits import Deadline
from boundwise.instances.solutions import write_solution

#: Address space for a thread's stack and heap arena, in MiB.
_PER_THREAD = 80
_ERRORS = {
    ReadError: "read",
    SettingError: "setting",
    OutputError: "output",
    NotAvailableError: "unavailable",
    MemoryError: "memory",
}


def limit_address_space(memory_limit: float | None, threads: int) -> None:
    """Cap the address space at what is mapped now plus 1.1 M + 100 MiB.

    What the imports have mapped is not the solver's: a fixed cap such as
    ``ulimit -v`` would punish solvers for their libraries.
    """
    if memory_limit is None:
        return
    mapped = 0
    with contextlib.suppress(OSError):
        pages = Path("/proc/self/statm").read_text().split()[0]
        mapped = int(pages) * resource.getpagesize()
    room = (1.1 * memory_limit + 100 + _PER_THREAD * (threads + 1)) * 2**20
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (mapped + int(room),) * 2)


def keep_solution(path: Path, answer: Answer) -> None:
    """Write the claimed solution, if there is one.

    Raises
    ------
    OutputError
        If a value is not finite, or there is no objective beside the solution.
    """
    if answer.solution is None:
        return
    if answer.objective is None:
        raise OutputError("there is a solution, but no objective.")
    try:
        names, values = list(answer.solution), list(answer.solution.values())
        write_solution(path, names, values, answer.objective)
    except InputError as error:
        raise OutputError(f"the solution makes no sense: {error}") from error


def run(folder: Path) -> dict[str, Any]:
    """Carry out the task in ``folder`` and return the answer document."""
    document = json.loads((folder / "task.json").read_text(encoding="utf-8"))
    adapter = load(document["adapter"])
    version = adapter.version()
    if document.get("probe"):
        adapter.validate(document["settings"])
        return {"version": version}
    task = Task(
        instance=Path(document["instance"]),
        time_limit=document["time_limit"],
        memory_limit=document["memory_limit"],
        threads=document["threads"],
        gap=document["gap"],
        seed=document["seed"],
        permutation=document["permutation"],
        settings=document["settings"],
        folder=Path.cwd(),
    )
    limit_address_space(task.memory_limit, task.threads)
    with atomic_write(folder / "started") as stream:
        stream.write(f"{time.monotonic()!r} {CpuClock()()!r}")
    recorder = Recorder(folder / "trace.jsonl", Deadline(task.time_limit))
    answer = adapter.solve(task, recorder)
    finished, used = time.monotonic(), recorder.clock.elapsed()
    # The answer is there: a late interruption must not lose it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    recorder.close()
    keep_solution(folder / "solution.sol", answer)
    return {"version": version, "finished": finished, "used": used} | claim(answer)


def claim(answer: Answer) -> dict[str, Any]:
    """Return the answer as JSON holds it; anything not finite becomes None."""
    return {
        "status": str(answer.status),
        "termination": str(answer.termination),
        "raw_status": answer.raw_status,
        "sense": answer.sense,
        "primal": _finite(answer.objective),
        "dual": _finite(answer.bound),
        "nodes": answer.nodes,
        "has_solution": answer.solution is not None,
        "measures": {name: _finite(v) for name, v in answer.measures.items()},
        "stats": answer.stats,
    }


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _failure(error: BaseException) -> dict[str, Any]:
    for kind, name in _ERRORS.items():
        if isinstance(error, kind):
            return {"error": name, "message": str(error)}
    return {"error": "crash", "message": f"{type(error).__name__}: {error}"}


def main() -> None:
    """Run the task of the folder named on the command line."""
    folder = Path(sys.argv[1])
    try:
        document = run(folder)
    except KeyboardInterrupt:
        document = {"error": "interrupted", "message": "interrupted at the limit"}
    except BaseException as error:
        traceback.print_exc()
        document = _failure(error)
    sys.stdout.flush()
    # Make room to report a memory error: the limit has done its work by now.
    write_json(folder / "answer.json", document)
    sys.exit(0 if "error" not in document else 1)


if __name__ == "__main__":
    main()
