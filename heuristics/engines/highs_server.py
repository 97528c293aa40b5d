"""HiGHS in a child: branch and cut on the whole problem, streamed through callbacks.

Incumbents from elsewhere enter while the search runs. highspy and ortools cannot be
loaded into one process: only servers import highspy, and only children run servers.
"""

from typing import Any

import highspy
import numpy as np

from boundwise.core.errors import SolverError
from boundwise.heuristics.engines.frames import Array, Frame
from boundwise.heuristics.engines.highs_model import FEASIBLE, load, make_highs
from boundwise.heuristics.engines.line import Line
from boundwise.heuristics.engines.problem import ProblemArrays

_PROOFS = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnbounded: "unbounded",
    highspy.HighsModelStatus.kUnboundedOrInfeasible: "infeasible_or_unbounded",
}
_EVENTS = (
    highspy.cb.HighsCallbackType.kCallbackMipImprovingSolution,
    highspy.cb.HighsCallbackType.kCallbackMipInterrupt,
    highspy.cb.HighsCallbackType.kCallbackMipUserSolution,
)


def serve(line: Line, request: Frame) -> None:
    """Search until the tree is empty, and say what that proves.

    Parameters
    ----------
    line
        To the run.
    request
        The problem, and the options ``seed``, ``gap`` and ``heuristic_effort``.
    """
    problem, options = ProblemArrays.from_arrays(request.arrays), request.fields
    highs = make_highs(
        {
            "random_seed": options["seed"],
            "mip_rel_gap": options["gap"],
            "mip_abs_gap": 0.0,
            "mip_heuristic_effort": options["heuristic_effort"],
        }
    )
    load(highs, problem)
    listener = _Listener(line)
    highs.setCallback(listener, None)
    for event in _EVENTS:
        highs.startCallback(event)
    highs.run()
    status, info = highs.getModelStatus(), highs.getInfo()
    proof = _PROOFS.get(status)
    if proof is None:
        # Out of memory, for example: HiGHS then has numbers that mean nothing.
        raise SolverError(f"HiGHS ends with {status.name}")
    bound = None
    if info.primal_solution_status == FEASIBLE:
        listener.send_solution(np.array(highs.getSolution().col_value))
        if proof == "optimal":
            is_mip = problem.is_integer.any()
            value = info.mip_dual_bound if is_mip else info.objective_function_value
            bound = float(value) if np.isfinite(value) else None
    line.send(Frame("done", {"proof": proof, "bound": bound}))


class _Listener:
    """Answer the callbacks of HiGHS."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._bound = -np.inf

    def __call__(
        self, event: int, _message: str, out: Any, answer: Any, _data: object
    ) -> None:
        """Send news, and take the newest incumbent."""
        kind = highspy.cb.HighsCallbackType(event)
        if kind == highspy.cb.kCallbackMipImprovingSolution:
            self.send_solution(np.array(out.mip_solution))
        elif kind == highspy.cb.kCallbackMipUserSolution:
            frame = self._line.take_latest("incumbent")
            if frame is not None:
                answer.setSolution(np.array(frame.arrays["x"]))
        bound = float(out.mip_dual_bound)
        if self._bound < bound < highspy.kHighsInf:
            self._bound = bound
            self._line.send(Frame("bound", {"value": bound}))

    def send_solution(self, x: Array) -> None:
        """Send a solution."""
        self._line.send(Frame("solution", arrays={"x": x}))
