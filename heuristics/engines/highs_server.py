"""HiGHS in a child: branch and cut on the whole problem, streamed through callbacks.

Incumbents from elsewhere enter while the search runs. This file and its neighbour for
repairs are the only ones that import highspy, and only in a child.
"""

from typing import Any

import highspy
import numpy as np

from boundwise.core.errors import SolverError
from boundwise.heuristics.engines.frames import Array, Frame
from boundwise.heuristics.engines.line import Line
from boundwise.heuristics.engines.problem import ProblemArrays

_FEASIBLE = 2
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


def serve(line: Line, problem: ProblemArrays, options: dict[str, Any]) -> None:
    """Search until the tree is empty, and say what that proves.

    Parameters
    ----------
    line
        To the run.
    problem
        The problem.
    options
        ``seed``, ``gap`` and ``heuristic_effort``.
    """
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
    info = highs.getInfo()
    bound = -np.inf
    if problem.is_integer.any():
        bound = float(info.mip_dual_bound)
    status = highs.getModelStatus()
    if info.primal_solution_status == _FEASIBLE:
        listener.send_solution(np.array(highs.getSolution().col_value))
        if not problem.is_integer.any() and _PROOFS.get(status) == "optimal":
            bound = float(info.objective_function_value)
    line.send(
        Frame(
            "done",
            {
                "proof": _PROOFS.get(status),
                "bound": bound if np.isfinite(bound) else None,
                "status": status.name,
            },
        )
    )


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


def make_highs(options: dict[str, Any]) -> Any:
    """Return a quiet HiGHS of one thread.

    Raises
    ------
    SolverError
        If HiGHS refuses an option.
    """
    highs = highspy.Highs()
    everything = {"output_flag": False, "threads": 1, **options}
    for name, value in everything.items():
        if highs.setOptionValue(name, value) == highspy.HighsStatus.kError:
            raise SolverError(f"HiGHS refuses the option {name} = {value!r}.")
    return highs


def load(highs: Any, problem: ProblemArrays) -> None:
    """Pass a problem to HiGHS.

    Raises
    ------
    SolverError
        If HiGHS refuses it.
    """
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = problem.n_variables, problem.n_rows
    lp.col_cost_ = problem.objective
    lp.col_lower_, lp.col_upper_ = problem.lower, problem.upper
    lp.row_lower_, lp.row_upper_ = problem.row_lower, problem.row_upper
    matrix = lp.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.num_col_, matrix.num_row_ = lp.num_col_, lp.num_row_
    matrix.start_, matrix.index_ = problem.starts, problem.indices
    matrix.value_ = problem.coefficients
    if problem.is_integer.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[flag] for flag in problem.is_integer.astype(int)]
    if highs.passModel(lp) == highspy.HighsStatus.kError:
        raise SolverError("HiGHS refuses the problem.")
