"""CP-SAT in a child: clause learning and neighbourhoods on the integer form.

CP-SAT takes solutions only before it starts. When the run has found a better one than
CP-SAT's own, the search starts again from it, at times that grow with what a start
would throw away.
"""

import math
import threading
import time
from typing import Any

import numpy as np
from ortools.sat.python import cp_model_helper

from boundwise.core.errors import SolverError
from boundwise.heuristics.engines.cp_sat_model import (
    add_hint,
    build_model,
    parse_parameters,
)
from boundwise.heuristics.engines.frames import Frame
from boundwise.heuristics.engines.integer_form import IntegerForm, integer_form
from boundwise.heuristics.engines.line import Line
from boundwise.heuristics.engines.pace import PacedSender
from boundwise.heuristics.engines.problem import ProblemArrays

_PROOFS = {
    cp_model_helper.CpSolverStatus.OPTIMAL: "optimal",
    cp_model_helper.CpSolverStatus.INFEASIBLE: "infeasible",
}
#: Seconds of wall time between two looks at the incumbents of the run.
_TICK = 0.1
#: CPU seconds that a search has at least, and as a share of all before it.
_LEAST_SEARCH = 2.0
_LEAST_SHARE = 0.3
#: Relative improvement for which it is worth while to start again.
_WORTH = 1e-4


def serve(line: Line, request: Frame) -> None:
    """Search until there is a proof.

    Parameters
    ----------
    line
        To the run.
    request
        The problem, and the options ``seed``, ``gap``, ``parameters`` and
        ``improvement`` (CP-SAT's own, as text, without and with a solution to begin
        with).
    """
    problem, options = ProblemArrays.from_arrays(request.arrays), request.fields
    form = integer_form(problem)
    if form.is_empty:
        # CP-SAT calls such a model invalid.
        _send_end(line, "infeasible", None, form)
        return
    model = build_model(problem, form)
    seed = int(options["seed"]) % 2**31
    parameters = options["parameters"]
    while True:
        incumbent = line.take_latest("incumbent")
        if incumbent is not None:
            add_hint(model, form, incumbent.arrays["x"])
            parameters = options["improvement"]
        text = (
            f"{parameters} random_seed: {seed} "
            f"relative_gap_limit: {float(options['gap'])!r}"
        )
        search = _Search(line, form, text)
        response = search.run(model)
        proof = _PROOFS.get(response.status)
        if proof is not None:
            bound = response.best_objective_bound if proof == "optimal" else None
            _send_end(line, proof, bound, form)
            return
        if not search.was_stopped:
            raise SolverError(f"CP-SAT ends with {response.status}")
        seed = (seed + 1) % 2**31


def _send_end(line: Line, proof: str, bound: float | None, form: IntegerForm) -> None:
    if not form.is_exact:
        line.send(Frame("done", {"proof": None, "bound": None}))
        return
    line.send(Frame("done", {"proof": proof, "bound": bound}))


class _Search:
    """One search of CP-SAT, which ends early if the run is far ahead."""

    def __init__(self, line: Line, form: IntegerForm, parameters: str) -> None:
        self._line = line
        self._solver: Any = cp_model_helper.SolveWrapper()
        self._solver.set_parameters(parse_parameters(parameters))
        self._listener = _Listener(line, form)
        self._solver.add_solution_callback(self._listener)
        self._solver.add_best_bound_callback(self._listener.take_bound)
        self._over = threading.Event()
        before = time.process_time()
        self._restart_at = before + max(_LEAST_SEARCH, _LEAST_SHARE * before)
        self.was_stopped = False

    def run(self, model: Any) -> Any:
        """Search, and return CP-SAT's response."""
        attendant = threading.Thread(target=self._attend, daemon=True)
        attendant.start()
        try:
            return self._solver.solve(model)
        finally:
            self._over.set()
            attendant.join()
            self._listener.sender.flush()

    def _attend(self) -> None:
        while not self._over.wait(_TICK):
            self._listener.sender.catch_up()
            if time.process_time() >= self._restart_at and self._is_behind():
                self.was_stopped = True
                self._solver.stop_search()

    def _is_behind(self) -> bool:
        frame = self._line.peek_latest("incumbent")
        if frame is None:
            return False
        best, own = float(frame.fields["objective"]), self._listener.objective
        return best < own - _WORTH * max(1.0, abs(best)) or own == math.inf


class _Listener(cp_model_helper.SolutionCallback):
    """Send what CP-SAT finds."""

    def __init__(self, line: Line, form: IntegerForm) -> None:
        super().__init__()
        self._line = line
        self._form = form
        self._bound = -math.inf
        self.objective = math.inf
        self.sender = PacedSender(self._send)

    def OnSolutionCallback(self) -> None:  # noqa: N802 (CP-SAT calls it so)
        """Send the solution, soon."""
        response: Any = self.Response  # without types
        found = response()
        self.objective = float(found.objective_value)
        self.sender.offer(found)

    def take_bound(self, bound: float) -> None:
        """Send a proven bound."""
        if self._form.is_exact and self._bound < bound < math.inf:
            self._bound = bound
            self._line.send(Frame("bound", {"value": float(bound)}))

    def _send(self, response: Any) -> None:
        y = np.array(response.solution, dtype=np.float64)
        self._line.send(Frame("solution", arrays={"x": self._form.to_values(y)}))
