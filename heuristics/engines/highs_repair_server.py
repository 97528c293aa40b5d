"""HiGHS in a child that solves one small problem after the other."""

from typing import Any

import highspy
import numpy as np

from boundwise.heuristics.engines.frames import Array, Frame
from boundwise.heuristics.engines.highs_model import FEASIBLE, load, make_highs
from boundwise.heuristics.engines.line import Line
from boundwise.heuristics.engines.problem import ProblemArrays

_EXHAUSTED = frozenset(
    {
        highspy.HighsModelStatus.kOptimal,
        highspy.HighsModelStatus.kInfeasible,
        highspy.HighsModelStatus.kObjectiveBound,
        highspy.HighsModelStatus.kModelEmpty,
    }
)
_EVENTS = (
    highspy.cb.HighsCallbackType.kCallbackMipImprovingSolution,
    highspy.cb.HighsCallbackType.kCallbackMipInterrupt,
)


def serve(line: Line, request: Frame) -> None:
    """Solve what comes, until the run ends the process.

    Parameters
    ----------
    line
        To the run.
    request
        The option ``heuristic_effort``.
    """
    effort = float(request.fields["heuristic_effort"])
    while True:
        frame = line.receive()
        _solve(line, frame, effort)


def _solve(line: Line, frame: Frame, effort: float) -> None:
    fields = frame.fields
    problem = ProblemArrays.from_arrays(frame.arrays)
    cutoff = fields["cutoff"]
    highs = make_highs(
        {
            "random_seed": int(fields["seed"]) % 2**31,
            "mip_max_nodes": int(fields["nodes"]),
            "mip_max_stall_nodes": int(fields["stall_nodes"]),
            "mip_max_improving_sols": 1 if fields["any_will_do"] else 2**31 - 1,
            "mip_heuristic_effort": effort,
            "mip_detect_symmetry": False,
            "objective_bound": np.inf if cutoff is None else float(cutoff),
        }
    )
    load(highs, problem)
    if "start" in frame.arrays:
        solution = highspy.HighsSolution()
        solution.col_value = frame.arrays["start"].tolist()
        highs.setSolution(solution)
    listener = _Listener(line, int(fields["number"]))
    highs.setCallback(listener, None)
    for event in _EVENTS:
        highs.startCallback(event)
    highs.run()
    info = highs.getInfo()
    if info.primal_solution_status == FEASIBLE:
        listener.send(np.array(highs.getSolution().col_value))
    line.send(
        Frame(
            "done",
            {
                "number": listener.number,
                "exhausted": highs.getModelStatus() in _EXHAUSTED,
                "nodes": max(0, int(info.mip_node_count)),
            },
        )
    )


class _Listener:
    """Answer the callbacks of HiGHS."""

    def __init__(self, line: Line, number: int) -> None:
        self._line = line
        self.number = number

    def __call__(
        self, event: int, _message: str, out: Any, answer: Any, _data: object
    ) -> None:
        """Send solutions, and stop when the run says so."""
        kind = highspy.cb.HighsCallbackType(event)
        if kind == highspy.cb.kCallbackMipImprovingSolution:
            self.send(np.array(out.mip_solution))
        stop = self._line.peek_latest("stop")
        if stop is not None and stop.fields["number"] == self.number:
            answer.user_interrupt = True

    def send(self, x: Array) -> None:
        """Send a solution."""
        self._line.send(Frame("solution", {"number": self.number}, {"x": x}))
