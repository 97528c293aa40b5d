"""HiGHS through highspy; ``settings`` are HiGHS options by name.

highspy and ortools cannot be loaded into one process: this file is the only one that
imports highspy, and only in the child.

HiGHS knows wall-clock limits only. On the CPU clock a callback stops it, which LPs and
sub-MIPs in progress do not ask. They get a wall-clock limit that allows what is left at
the present rate of CPU seconds to seconds, and a quarter more. A run may still end a
little late; what it finds after the limit does not count.
"""

import math
import time
from collections.abc import Mapping
from typing import Any

from boundwise.benchmarks.solvers.base import (
    Answer,
    ReadError,
    Recorder,
    SettingError,
    Task,
    counts_cpu,
)
from boundwise.core.interrupt import Interrupter
from boundwise.core.optional import require
from boundwise.core.status import Status, Termination

_STATUS = {
    "kOptimal": (Status.OPTIMAL, Termination.CONVERGED),
    "kModelEmpty": (Status.OPTIMAL, Termination.CONVERGED),
    "kInfeasible": (Status.INFEASIBLE, Termination.CONVERGED),
    "kUnbounded": (Status.UNBOUNDED, Termination.CONVERGED),
    "kUnboundedOrInfeasible": (
        Status.INFEASIBLE_OR_UNBOUNDED,
        Termination.CONVERGED,
    ),
    "kTimeLimit": (None, Termination.TIME_LIMIT),
    "kMemoryLimit": (None, Termination.MEMORY_LIMIT),
    "kIterationLimit": (None, Termination.ITERATION_LIMIT),
    "kSolutionLimit": (None, Termination.NODE_LIMIT),
    "kInterrupt": (None, Termination.INTERRUPTED),
    "kHighsInterrupt": (None, Termination.INTERRUPTED),
    "kObjectiveBound": (None, Termination.ITERATION_LIMIT),
    "kObjectiveTarget": (None, Termination.ITERATION_LIMIT),
}
_FEASIBLE = 2
#: Seconds between two settings of the wall-clock limit on the CPU clock, and the factor
#: by which it is wider than what is left.
_ADJUST_EVERY = 0.5
_ROOM = 1.25


class Adapter:
    """Solve with HiGHS."""

    def version(self) -> str:
        """Return the version of HiGHS."""
        return str(require("highspy", extra="peers").Highs().version())

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Set the options on an empty model."""
        import highspy

        _set_options(highspy.Highs(), settings)

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Read, solve, and return the claim of HiGHS."""
        import highspy

        highs = highspy.Highs()
        _set_options(highs, {"random_seed": task.seed, "threads": task.threads})
        if highs.readModel(str(task.instance)) != highspy.HighsStatus.kOk:
            raise ReadError("HiGHS cannot read the instance.")
        options = {
            "time_limit": _own_limit(recorder),
            "mip_rel_gap": task.gap,
            # With a relative gap of 0, an absolute one would end the run first.
            "mip_abs_gap": 0.0,
        }
        _set_options(highs, options | dict(task.settings))
        _follow(highs, recorder)
        with Interrupter(recorder.clock, grace=0.0) as interrupter:
            _obey(highs, recorder, interrupter)
            highs.solve()
        return _answer(highs, timed_out=recorder.clock.expired(0.01))


def _own_limit(recorder: Recorder) -> float:
    return math.inf if counts_cpu() else max(0.01, recorder.clock.remaining())


def _obey(highs: Any, recorder: Recorder, interrupter: Interrupter) -> None:
    """Stop at a signal, and on the CPU clock at the end of the time."""
    pace = _Pace(highs, recorder) if counts_cpu() else None

    def ask(event: Any) -> None:
        if interrupter.requested or (pace is not None and recorder.clock.expired()):
            event.interrupt()
        elif pace is not None:
            pace.adjust()

    highs.cbMipInterrupt += ask
    if not highs.getLp().integrality_:
        # Asked in every iteration: too dear where LPs are not all there is.
        highs.cbSimplexInterrupt += ask
        highs.cbIpmInterrupt += ask


class _Pace:
    """Keep HiGHS's wall-clock limit a little beyond the end of the CPU seconds."""

    def __init__(self, highs: Any, recorder: Recorder) -> None:
        self._highs = highs
        self._clock = recorder.clock
        self._cpu, self._wall = recorder.clock.elapsed(), time.monotonic()

    def adjust(self) -> None:
        """Set the limit anew, at most twice a second."""
        cpu, wall = self._clock.elapsed(), time.monotonic()
        if wall - self._wall < _ADJUST_EVERY:
            return
        slowness = max(1.0, (wall - self._wall) / max(cpu - self._cpu, 1e-3))
        self._cpu, self._wall = cpu, wall
        left = _ROOM * slowness * self._clock.remaining()
        limit = {"time_limit": self._highs.getRunTime() + left}
        _set_options(self._highs, limit)


def _set_options(highs: Any, options: Mapping[str, Any]) -> None:
    import highspy

    for name, value in options.items():
        if highs.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            raise SettingError(f"HiGHS refuses the setting {name} = {value!r}.")


def _follow(highs: Any, recorder: Recorder) -> None:
    """Stream incumbents, and bounds as HiGHS logs them."""

    def improved(event: Any) -> None:
        data = event.data_out
        recorder.improved(
            objective=data.objective_function_value,
            bound=data.mip_dual_bound,
            who="incumbent",
        )

    def logged(event: Any) -> None:
        recorder.improved(bound=event.data_out.mip_dual_bound, who="bound")

    highs.cbMipImprovingSolution += improved
    highs.cbMipLogging += logged


def _answer(highs: Any, *, timed_out: bool) -> Answer:
    import highspy

    raw = highs.getModelStatus()
    status, termination = _STATUS.get(raw.name, (None, Termination.ERROR))
    if termination is Termination.INTERRUPTED and timed_out:
        termination = Termination.TIME_LIMIT
    info = highs.getInfo()
    found = info.primal_solution_status == _FEASIBLE
    if status is None or (status is Status.OPTIMAL and not found):
        status = Status.FEASIBLE if found else Status.UNKNOWN
    problem = highs.getLp()
    is_mip = bool(problem.integrality_)
    maximize = problem.sense_ == highspy.ObjSense.kMaximize
    solution = None
    if found:
        values = highs.getSolution().col_value
        solution = dict(zip(problem.col_names_, values, strict=True))
    objective = info.objective_function_value if found else None
    if is_mip:
        bound = info.mip_dual_bound
    else:
        bound = objective if status is Status.OPTIMAL else None
    return Answer(
        status=status,
        termination=termination,
        raw_status=highs.modelStatusToString(raw),
        sense="maximize" if maximize else "minimize",
        objective=objective,
        bound=bound,
        nodes=int(info.mip_node_count) if is_mip else None,
        solution=solution,
        stats={"lp_iterations": int(info.simplex_iteration_count)},
    )
