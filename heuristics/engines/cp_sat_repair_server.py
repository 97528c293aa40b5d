"""CP-SAT in a child that solves one small problem after the other."""

import math
import threading
from typing import Any

import numpy as np
from ortools.sat.python import cp_model_helper

from boundwise.heuristics.engines.cp_sat_model import (
    add_hint,
    build_model,
    limit_objective,
    parse_parameters,
)
from boundwise.heuristics.engines.frames import Frame
from boundwise.heuristics.engines.integer_form import IntegerForm, integer_form
from boundwise.heuristics.engines.line import Line
from boundwise.heuristics.engines.problem import ProblemArrays

_EXHAUSTED = frozenset(
    {
        cp_model_helper.CpSolverStatus.OPTIMAL,
        cp_model_helper.CpSolverStatus.INFEASIBLE,
    }
)
#: Seconds of wall time between two looks at the messages of the run.
_TICK = 0.02


def serve(line: Line, request: Frame) -> None:
    """Solve what comes, until the run ends the process.

    Parameters
    ----------
    line
        To the run.
    request
        The option ``parameters`` (CP-SAT's own, as text).
    """
    parameters = str(request.fields["parameters"])
    while True:
        _solve(line, line.receive(), parameters)


def _solve(line: Line, frame: Frame, parameters: str) -> None:
    fields = frame.fields
    number = int(fields["number"])
    problem = ProblemArrays.from_arrays(frame.arrays)
    form = integer_form(problem)
    cutoff = math.inf if fields["cutoff"] is None else float(fields["cutoff"])
    exhausted = form.is_empty
    if not exhausted:
        model = build_model(problem, form)
        limit_objective(model, form, problem, cutoff)
        if "start" in frame.arrays:
            add_hint(model, form, frame.arrays["start"])
        text = f"{parameters} random_seed: {int(fields['seed']) % 2**31}"
        if fields["any_will_do"]:
            text += " stop_after_first_solution: true"
        response = _search(line, number, model, form, text)
        exhausted = response.status in _EXHAUSTED
    line.send(Frame("done", {"number": number, "exhausted": exhausted, "nodes": 0}))


def _search(
    line: Line, number: int, model: Any, form: IntegerForm, parameters: str
) -> Any:
    solver: Any = cp_model_helper.SolveWrapper()
    solver.set_parameters(parse_parameters(parameters))
    listener = _Listener(line, number, form)  # CP-SAT does not keep it alive
    solver.add_solution_callback(listener)
    over = threading.Event()

    def attend() -> None:
        while not over.wait(_TICK):
            stop = line.peek_latest("stop")
            if stop is not None and stop.fields["number"] == number:
                solver.stop_search()

    attendant = threading.Thread(target=attend, daemon=True)
    attendant.start()
    try:
        return solver.solve(model)
    finally:
        over.set()
        attendant.join()


class _Listener(cp_model_helper.SolutionCallback):
    """Send what CP-SAT finds."""

    def __init__(self, line: Line, number: int, form: IntegerForm) -> None:
        super().__init__()
        self._line = line
        self._number = number
        self._form = form

    def OnSolutionCallback(self) -> None:  # noqa: N802 (CP-SAT calls it so)
        """Send the solution."""
        response: Any = self.Response  # without types
        y = np.array(response().solution, dtype=np.float64)
        x = self._form.to_values(y)
        self._line.send(Frame("solution", {"number": self._number}, {"x": x}))
