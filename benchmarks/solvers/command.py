"""Any other program, by a command-line template.

    command = "scip -f {instance} -c 'set limits time {time_limit}' ..."

The template is split as a shell would (no shell runs) and then filled in:
{instance}, {solution}, {time_limit}, {memory_limit}, {threads}, {gap}, {seed},
{permutation}, {folder}. The program writes its solution to {solution} as lines
``name value`` with ``=obj= value`` (SCIP's own layout is read too). Regular
expressions over its output, each with one group, tell the rest:

    primal, dual, nodes   a number; the last match counts
    solved, infeasible    a match makes the claim (the group is not needed)
    event                 named groups ``primal`` and ``dual``: a line of the trace
"""

import contextlib
import re
import shlex
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from boundwise.benchmarks.solvers.base import (
    Answer,
    OutputError,
    Recorder,
    SettingError,
    Task,
    refuse_settings,
)
from boundwise.core.errors import BoundwiseError, NotAvailableError
from boundwise.core.status import Status, Termination
from boundwise.instances.solutions import Solution, read_solution

_PATTERNS = ("primal", "dual", "nodes", "solved", "infeasible", "event")
_KNOWN = ("command", "sense", "version", *_PATTERNS)
_FIELDS = (
    "instance",
    "solution",
    "time_limit",
    "memory_limit",
    "threads",
    "gap",
    "seed",
    "permutation",
    "folder",
)
#: Stands for "no memory limit" where a template asks for a number, in MiB.
_NO_MEMORY_LIMIT = 1_000_000
#: Seconds to read what is left of the output after the program has ended.
_OUTPUT_SECONDS = 0.5


class Adapter:
    """Run a program and read what it writes."""

    def version(self) -> str:
        """Return a constant: the template and its ``version`` are in the settings."""
        return "command"

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Refuse unknown keys, bad expressions and programs that are not there."""
        refuse_settings(settings, _KNOWN, "command")
        template = settings.get("command")
        if not isinstance(template, str) or not template.strip():
            raise SettingError(f"command must be a template, got {template!r}.")
        example = Task(instance=Path("instance.mps"), time_limit=1.0)
        program = fill_in(template, example)[0]
        if shutil.which(program) is None:
            raise NotAvailableError(f"there is no program {program!r}.")
        for name in _PATTERNS:
            _pattern(settings, name)

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Run the program, follow its output, and read its solution."""
        reader = OutputReader(task.settings, recorder)
        command = fill_in(str(task.settings["command"]), task)
        code, timed_out = run_program(command, reader, recorder)
        if code != 0 and not (timed_out and code in {-signal.SIGINT, 130}):
            how = f"signal {-code}" if code < 0 else f"code {code}"
            raise RuntimeError(f"the program ended with {how}")
        return reader.answer(_solution_file(task), timed_out=timed_out)


def run_program(
    command: list[str], reader: "OutputReader", recorder: Recorder
) -> tuple[int, bool]:
    """Run a program and read its output as it comes.

    Parameters
    ----------
    command
        Program and arguments.
    reader
        Reads the output.
    recorder
        The clock of the run.

    Returns
    -------
    tuple
        The exit code, and whether the time limit has passed.
    """
    # The group gets SIGINT at the limit: the program shall end, not this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
        preexec_fn=_restore_interrupt,
    )
    follower = threading.Thread(
        target=reader.follow, args=(process.stdout,), daemon=True
    )
    follower.start()
    code = process.wait()
    # What it has started may live on and keep the output open: do not wait for it.
    follower.join(timeout=_OUTPUT_SECONDS)
    return code, recorder.clock.expired()


class OutputReader:
    """Read the output of a program line by line.

    Parameters
    ----------
    settings
        The regular expressions and the sense.
    recorder
        Takes the events.
    """

    def __init__(self, settings: Mapping[str, Any], recorder: Recorder) -> None:
        self._patterns = {name: _pattern(settings, name) for name in _PATTERNS}
        self._sense = str(settings.get("sense", "minimize"))
        self._recorder = recorder
        self._found: dict[str, str] = {}
        self._error: OutputError | None = None

    def follow(self, lines: Iterable[str]) -> None:
        """Print and read lines until they end."""
        for line in lines:
            print(line, end="", flush=True)
            for name, pattern in self._patterns.items():
                match = pattern.search(line) if pattern else None
                if match and name == "event":
                    try:
                        self._event(match)
                    except OutputError as error:
                        # Raised in the main thread, once the program has ended.
                        self._error = error
                elif match:
                    self._found[name] = match[1] if match.groups() else match[0]

    def _event(self, match: re.Match[str]) -> None:
        values = {
            name: _number(text)
            for name, text in match.groupdict().items()
            if name in {"primal", "dual"} and text is not None
        }
        self._recorder.improved(
            objective=values.get("primal"), bound=values.get("dual"), who="output"
        )

    def answer(self, solution_file: Path, *, timed_out: bool) -> Answer:
        """Return the claim.

        Parameters
        ----------
        solution_file
            File that the program was asked to write.
        timed_out
            Whether the time limit has passed.

        Raises
        ------
        OutputError
            If there is neither a solution nor a word that an expression knows.
        """
        if self._error is not None:
            raise self._error
        solution = _read(solution_file)
        if solution is None and not self._found and not timed_out:
            raise OutputError("the output has no result that the expressions know.")
        values = None
        objective = self.number("primal")
        if solution is not None and not solution.infeasible:
            values = {name: float(value) for name, value in solution.values.items()}
            if solution.objective is not None:
                objective = float(solution.objective)
        return Answer(
            status=self._status(values is not None, solution),
            termination=(
                Termination.TIME_LIMIT if timed_out else Termination.CONVERGED
            ),
            raw_status=self._found.get("solved") or self._found.get("infeasible", ""),
            sense=self._sense,
            objective=objective,
            bound=self.number("dual"),
            nodes=None if self.number("nodes") is None else int(self.number("nodes")),
            solution=values,
        )

    def _status(self, found: bool, solution: Solution | None) -> Status:
        if "infeasible" in self._found or (solution and solution.infeasible):
            return Status.INFEASIBLE
        if "solved" in self._found and found:
            return Status.OPTIMAL
        return Status.FEASIBLE if found else Status.UNKNOWN

    def number(self, name: str) -> Any:
        """Return the last number that an expression has found, None without one."""
        return _number(self._found[name]) if name in self._found else None


def fill_in(template: str, task: Task) -> list[str]:
    """Split a template as a shell would, and fill in its fields.

    Parameters
    ----------
    template
        The template.
    task
        The run.

    Raises
    ------
    SettingError
        If a field is unknown or a quote is open.
    """
    memory = task.memory_limit
    values = {
        "instance": task.instance,
        "solution": _solution_file(task),
        "time_limit": f"{task.time_limit:g}",
        "memory_limit": f"{_NO_MEMORY_LIMIT if memory is None else memory:g}",
        "threads": task.threads,
        "gap": task.gap,
        "seed": task.seed,
        "permutation": task.permutation,
        "folder": task.folder,
    }
    try:
        return [word.format(**values) for word in shlex.split(template)]
    except (KeyError, IndexError, ValueError) as error:
        raise SettingError(
            f"command must use the fields {', '.join(_FIELDS)}, got {template!r} "
            f"({error})."
        ) from error


def _solution_file(task: Task) -> Path:
    return task.folder / "program.sol"


def _read(path: Path) -> Solution | None:
    if not path.is_file():
        return None
    try:
        return read_solution(path)
    except BoundwiseError as error:
        raise OutputError(f"the solution file makes no sense: {error}") from error


def _pattern(settings: Mapping[str, Any], name: str) -> re.Pattern[str] | None:
    text = settings.get(name)
    if text is None:
        return None
    try:
        return re.compile(str(text))
    except re.error as error:
        raise SettingError(f"{name} must be a regular expression: {error}.") from error


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise OutputError(f"the output has {text!r} where a number is due.") from error


def _restore_interrupt() -> None:
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_DFL)
