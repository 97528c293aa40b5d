"""CBC by its command line, if there is a ``cbc`` on the path.

``settings`` are CBC's parameters by name, such as ``{"cuts": "off"}``.
"""

import re
import shutil
import subprocess
from collections.abc import Mapping
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
from boundwise.benchmarks.solvers.command import OutputReader, run_program
from boundwise.core.errors import InputError, NotAvailableError
from boundwise.core.status import Status, Termination
from boundwise.instances.reader import read

_VERSION = re.compile(r"Version:\s*(\S+)")
_HEAD = re.compile(r"(?P<words>[^-]*?)\s*- objective value\s+(?P<value>\S+)")
_PATTERNS = {
    "event": r"Cbc0012I Integer solution of (?P<primal>\S+) found",
    "nodes": r"Enumerated nodes:\s+(\d+)",
    "dual": r"Lower bound:\s+(\S+)",
}


class Adapter:
    """Solve with CBC."""

    def version(self) -> str:
        """Return what ``cbc`` prints."""
        if shutil.which("cbc") is None:
            raise NotAvailableError("there is no program cbc on the path.")
        done = subprocess.run(
            ["cbc", "-exit"],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        match = _VERSION.search(done.stdout)
        return match[1] if match else "unknown"

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Refuse names and values that are not single words."""
        for name, value in settings.items():
            if not re.fullmatch(r"[A-Za-z]\w*", name) or " " in str(value):
                raise SettingError(f"CBC has no setting {name} = {value!r}.")

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Run CBC and read its solution file."""
        try:
            sense = read(task.instance).sense
        except InputError as error:
            raise ReadError(str(error)) from error
        reader = OutputReader(_PATTERNS | {"sense": sense}, recorder)
        path = task.folder / "cbc.sol"
        code, timed_out = run_program(
            _command(task, sense, path, recorder.clock.remaining()), reader, recorder
        )
        if code != 0 and not timed_out:
            raise RuntimeError(f"cbc ended with code {code}")
        return _answer(path, sense, reader, timed_out=timed_out)


def _command(task: Task, sense: str, path: Path, seconds: float) -> list[str]:
    words = ["cbc", str(task.instance)]
    if sense == "maximize":
        # CBC does not read the objective sense of MPS files.
        words.append("-max")
    words += ["-timeMode", "elapsed", "-sec", f"{max(0.01, seconds):.3f}"]
    words += ["-ratio", f"{task.gap}", "-allow", "0"]
    if task.threads > 1:
        words += ["-threads", str(task.threads)]
    if task.seed:
        words += ["-randomS", str(task.seed), "-randomCbcSeed", str(task.seed)]
    for name, value in task.settings.items():
        words += [f"-{name}", str(value)]
    return [*words, "-printingOptions", "all", "-solve", "-solution", str(path)]


def _answer(path: Path, sense: str, reader: OutputReader, *, timed_out: bool) -> Answer:
    if not path.is_file():
        if not timed_out:
            raise OutputError("cbc wrote no solution file.")
        return Answer(
            status=Status.UNKNOWN,
            termination=Termination.TIME_LIMIT,
            raw_status="no solution file",
            sense=sense,
        )
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    head = _HEAD.match(lines[0]) if lines else None
    if head is None:
        raise OutputError(f"cbc's solution file begins with {lines[:1]!r}.")
    words = head["words"].lower()
    values = _values(lines[1:]) if _has_solution(words) else None
    objective = float(head["value"]) if values is not None else None
    optimal = words.startswith("optimal") and values is not None
    dual = reader.number("dual")
    return Answer(
        status=_claim(words, found=values is not None),
        termination=(
            Termination.TIME_LIMIT
            if words.startswith("stopped on time")
            else Termination.CONVERGED
        ),
        raw_status=head["words"],
        sense=sense,
        objective=objective,
        bound=objective if optimal else (dual if sense == "minimize" else None),
        nodes=None if reader.number("nodes") is None else int(reader.number("nodes")),
        solution=values,
    )


def _has_solution(words: str) -> bool:
    return "no integer solution" not in words and words.startswith(
        ("optimal", "stopped")
    )


def _claim(words: str, *, found: bool) -> Status:
    if words.startswith("optimal"):
        return Status.OPTIMAL
    if words.startswith(("infeasible", "integer infeasible")):
        return Status.INFEASIBLE
    if words.startswith("unbounded"):
        return Status.UNBOUNDED
    return Status.FEASIBLE if found else Status.UNKNOWN


def _values(lines: list[str]) -> dict[str, float]:
    """Read the lines ``index name value cost``; ``**`` marks infeasible ones.

    With ``printingOptions all`` the rows come first; their indices start again.
    """
    values: dict[str, float] = {}
    former = -1
    for line in lines:
        words = line.replace("**", " ").split()
        if len(words) != 4:
            raise OutputError(f"cbc's solution file has the line {line!r}.")
        if int(words[0]) <= former:
            values.clear()
        former = int(words[0])
        values[words[1]] = float(words[2])
    return values
