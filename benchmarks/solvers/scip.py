"""SCIP through PySCIPOpt, with any parameters or a ``.set`` file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from boundwise.benchmarks.solvers.base import (
    SET_FILE_TEXT,
    Answer,
    ReadError,
    Recorder,
    SettingError,
    Task,
    counts_cpu,
)
from boundwise.core.errors import NotAvailableError
from boundwise.core.status import Status, Termination
from boundwise.core.tolerances import INFINITY

_STATUS = {
    "optimal": (Status.OPTIMAL, Termination.CONVERGED),
    "infeasible": (Status.INFEASIBLE, Termination.CONVERGED),
    "unbounded": (Status.UNBOUNDED, Termination.CONVERGED),
    "inforunbd": (Status.INFEASIBLE_OR_UNBOUNDED, Termination.CONVERGED),
    "timelimit": (None, Termination.TIME_LIMIT),
    "memlimit": (None, Termination.MEMORY_LIMIT),
    "nodelimit": (None, Termination.NODE_LIMIT),
    "totalnodelimit": (None, Termination.NODE_LIMIT),
    "stallnodelimit": (None, Termination.NODE_LIMIT),
    "gaplimit": (Status.OPTIMAL, Termination.CONVERGED),
    "sollimit": (None, Termination.ITERATION_LIMIT),
    "bestsollimit": (None, Termination.ITERATION_LIMIT),
    "restartlimit": (None, Termination.ITERATION_LIMIT),
    "userinterrupt": (None, Termination.INTERRUPTED),
    "terminate": (None, Termination.INTERRUPTED),
}
#: Seconds between two records of the dual bound.
_BOUND_INTERVAL = 0.1


#: Setting that names one of SCIP's emphases, such as ``"feasibility"``.
_EMPHASIS = "emphasis"


class Adapter:
    """Solve with SCIP; ``settings`` are SCIP parameters by name, and ``emphasis``."""

    def version(self) -> str:
        """Return the versions of SCIP and PySCIPOpt."""
        try:
            import pyscipopt
        except ImportError as error:
            raise NotAvailableError(f"pyscipopt cannot be imported: {error}") from error
        model = pyscipopt.Model()
        scip = f"{model.getMajorVersion()}.{model.getMinorVersion()}"
        scip += f".{model.getTechVersion()}"
        return f"{scip} (PySCIPOpt {pyscipopt.__version__})"

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Set the parameters on an empty model."""
        from pyscipopt import Model

        model = Model()
        model.hideOutput()
        apply_settings(model, settings, Path.cwd())

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Read, solve, and return SCIP's claim."""
        from pyscipopt import Model

        model = Model()
        try:
            model.readProblem(str(task.instance))
        except Exception as error:
            raise ReadError(f"SCIP cannot read the instance: {error}") from error
        self.prepare(model, task)
        _apply_limits(model, task, recorder)
        model.includeEventhdlr(_make_handler(model, recorder), "trace", "trace")
        model.optimize()
        answer = answer_of(model)
        recorder.improved(objective=answer.objective, bound=answer.bound, who="end")
        return answer

    def prepare(self, model: Any, task: Task) -> None:
        """Apply the settings to a model that was read; limits come after."""
        apply_settings(model, task.settings, task.folder)


def apply_settings(model: Any, settings: Mapping[str, Any], folder: Path) -> None:
    """Apply a parameter dictionary and the text of a ``.set`` file to a model.

    Raises
    ------
    SettingError
        If SCIP refuses one.
    """
    parameters = dict(settings)
    text = parameters.pop(SET_FILE_TEXT, None)
    emphasis = parameters.pop(_EMPHASIS, None)
    try:
        if emphasis is not None:
            model.setEmphasis(_emphasis(emphasis))
        if text is not None:
            _refuse_unknown(model, str(text))
            path = folder / "campaign.set"
            path.write_text(str(text), encoding="utf-8")
            model.readParams(str(path))
        for name, value in parameters.items():
            model.setParam(name, value)
    except Exception as error:
        raise SettingError(f"SCIP refuses the settings: {error}") from error


def _emphasis(name: object) -> Any:
    from pyscipopt import SCIP_PARAMEMPHASIS

    known = {key.lower(): value for key, value in vars(SCIP_PARAMEMPHASIS).items()}
    if not isinstance(name, str) or not isinstance(known.get(name.lower()), int):
        names = sorted(key for key, value in known.items() if isinstance(value, int))
        raise SettingError(f"emphasis must be one of {', '.join(names)}, got {name!r}")
    return known[name.lower()]


def _refuse_unknown(model: Any, text: str) -> None:
    """Refuse names that SCIP would pass over in silence."""
    known = model.getParams()
    for number, line in enumerate(text.splitlines(), start=1):
        name, equals, _ = line.partition("#")[0].partition("=")
        if equals and name.strip() not in known:
            raise SettingError(f"line {number}: no parameter {name.strip()!r}")


def _apply_limits(model: Any, task: Task, recorder: Recorder) -> None:
    model.setParam("limits/time", max(0.01, recorder.clock.remaining()))
    if task.memory_limit is not None:
        model.setParam("limits/memory", task.memory_limit)
    model.setParam("limits/gap", task.gap)
    model.setParam("randomization/randomseedshift", task.seed)
    model.setParam("randomization/permutationseed", task.permutation)
    model.setParam("parallel/maxnthreads", task.threads)
    model.setParam("lp/threads", task.threads)
    model.setParam("timing/clocktype", 1 if counts_cpu() else 2)


def _make_handler(model: Any, recorder: Recorder) -> Any:
    from pyscipopt import SCIP_EVENTTYPE, Eventhdlr

    class TraceHandler(Eventhdlr):  # type: ignore[misc]
        """Record new incumbents, and the dual bound at most ten times a second."""

        def __init__(self) -> None:
            self._last_bound = -1.0
            self._events = (
                SCIP_EVENTTYPE.BESTSOLFOUND | SCIP_EVENTTYPE.DUALBOUNDIMPROVED
            )

        def eventinit(self) -> None:
            self.model.catchEvent(self._events, self)

        def eventexit(self) -> None:
            self.model.dropEvent(self._events, self)

        def eventexec(self, event: Any) -> None:
            found = event.getType() == SCIP_EVENTTYPE.BESTSOLFOUND
            now = recorder.clock.elapsed()
            if not found and now - self._last_bound < _BOUND_INTERVAL:
                return
            self._last_bound = now
            objective = None
            if found:
                # The primal bound is updated only after this event.
                objective = self.model.getSolObjVal(self.model.getBestSol())
            recorder.improved(
                objective=objective,
                bound=_finite(self.model.getDualbound()),
                who="incumbent" if found else "bound",
            )

    return TraceHandler()


def answer_of(model: Any) -> Answer:
    """Return what SCIP claims after a solve."""
    raw = str(model.getStatus())
    status, termination = _STATUS.get(raw, (None, Termination.ERROR))
    found = model.getNSols() > 0
    if status is None or (status is Status.OPTIMAL and not found):
        status = Status.FEASIBLE if found else Status.UNKNOWN
    solution = None
    if found:
        best = model.getBestSol()
        solution = {
            variable.name: model.getSolVal(best, variable)
            for variable in model.getVars()
        }
    return Answer(
        status=status,
        termination=termination,
        raw_status=raw,
        sense="maximize" if model.getObjectiveSense() == "maximize" else "minimize",
        objective=model.getObjVal() if found else None,
        bound=_finite(model.getDualbound()),
        nodes=int(model.getNTotalNodes()),
        solution=solution,
        stats={
            "solving_time": model.getSolvingTime(),
            "lp_iterations": int(model.getNLPIterations()),
        },
    )


def _finite(value: float) -> float | None:
    return float(value) if abs(value) < INFINITY else None
