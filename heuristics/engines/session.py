"""A session of an engine: its child runs for a slice, and stands still in between.

What the child says is judged here: solutions are checked against the problem before
they are handed out, bounds that a known solution refutes are not believed, and a child
that fails ends the session, not the run.
"""

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from boundwise.core.arguments import as_number
from boundwise.core.errors import InputError, SolverError
from boundwise.core.limits import Deadline
from boundwise.core.status import Status
from boundwise.core.tolerances import OBJ_TOL
from boundwise.heuristics.engines.frames import Frame
from boundwise.heuristics.engines.judge import SolutionJudge
from boundwise.heuristics.engines.problem import ProblemArrays
from boundwise.heuristics.engines.process import ChildError, ChildProcess
from boundwise.heuristics.engines.protocols import EngineReport, OnBound, OnSolution
from boundwise.heuristics.protocols import Ending, FloatVector
from boundwise.heuristics.scip.statuses import STATEMENTS

if TYPE_CHECKING:
    from boundwise.core.interrupt import Interrupter
    from boundwise.heuristics.linear import LinearMip

CHILD_MODULE = "boundwise.heuristics.engines.child"
#: Seconds between two looks at the clock and at ``until``.
_TICK = 0.05
#: Messages after which a child says nothing more.
_ENDS = frozenset({"done", "error"})
#: What a child may state, by the name under which it is sent.
_PROOFS = {status.value: status for status in STATEMENTS.values()}


class ProcessSession:
    """Search a problem in a child process, a slice at a time.

    Parameters
    ----------
    server
        Name of the server that the child runs.
    mip
        The problem.
    options
        Options of the server; ``memory`` is a limit in MiB or None.
    approximates
        Whether the values of continuous variables are approximate.
    on_other
        Receives messages of other kinds than solutions, bounds, ends and errors.
    """

    def __init__(
        self,
        server: str,
        mip: "LinearMip",
        options: Mapping[str, Any],
        *,
        approximates: bool = False,
        on_other: Callable[[Frame], object] | None = None,
    ) -> None:
        self._server = server
        self._on_other = on_other
        self._mip = mip
        self._options = dict(options)
        self._judge = SolutionJudge(mip, approximates=approximates)
        self._child: ChildProcess | None = None
        self._closed = False
        self._known = math.inf
        self._bound = -math.inf
        self._proof: Status | None = None
        self._done = False
        self._failure: str | None = None

    @property
    def failure(self) -> str | None:
        """Why the engine is disabled, or None."""
        return self._failure

    @property
    def is_finished(self) -> bool:
        """Whether another slice would be in vain."""
        return self._done or self._failure is not None or self._closed

    @property
    def n_rejected(self) -> int:
        """Number of solutions of the child that were not feasible."""
        return self._judge.n_rejected

    @property
    def pid(self) -> int | None:
        """Id of the child, or None while there is none."""
        return None if self._child is None else self._child.pid

    def run(
        self,
        *,
        seconds: float,
        incumbent: FloatVector | None,
        interrupter: "Interrupter",
        on_solution: OnSolution,
        on_bound: OnBound | None = None,
        until: Callable[[], bool] | None = None,
    ) -> EngineReport:
        """Search on for a slice; see `EngineSession`.

        Raises
        ------
        InputError
            If ``seconds`` is negative or nan, or the incumbent has another length.
        Exception
            What ``on_solution``, ``on_bound`` or ``until`` raised.
        """
        seconds = as_number("seconds", seconds, at_least=0, finite=False)
        deadline = Deadline(seconds)
        if incumbent is not None:
            incumbent = self._checked_incumbent(incumbent)
        if self.is_finished or interrupter.requested or deadline.expired():
            return self._report(interrupter, 0, 0.0)
        stopped = False

        def stop() -> None:
            nonlocal stopped
            stopped = True

        n_solutions, begun = 0, 0.0
        child: ChildProcess | None = None
        try:
            child = self._start() if self._child is None else self._child
            begun = child.cpu_seconds()
            self._hand_in(child, incumbent)
            child.resume()
            with interrupter.running(stop):
                while not (stopped or self._done or deadline.expired()):
                    frames = child.exchange(min(_TICK, deadline.remaining()))
                    n_solutions += self._take(frames, on_solution, on_bound)
                    if until is not None and until():
                        break
            child.suspend()
            n_solutions += self._take(child.exchange(0.0), on_solution, on_bound)
        except SolverError as error:
            self._failure = str(error)
        finally:
            # An exception of a callback must not leave the child running.
            self._settle()
        cpu = 0.0 if child is None else child.cpu_seconds() - begun
        return self._report(interrupter, n_solutions, cpu)

    def close(self) -> None:
        """End the child; may be called twice."""
        self._closed = True
        if self._child is not None:
            self._child.close()

    def _start(self) -> ChildProcess:
        child = ChildProcess(CHILD_MODULE, [self._server])
        self._child = child
        arrays = ProblemArrays.of(self._mip).to_arrays()
        child.send(Frame("problem", self._options, arrays))
        return child

    def _settle(self) -> None:
        child = self._child
        if child is None or child.is_closed:
            return
        if self._done or self._failure is not None:
            child.close()
            return
        try:
            child.suspend()
        except ChildError as error:
            self._failure = str(error)

    def _checked_incumbent(self, incumbent: FloatVector) -> FloatVector:
        x = np.asarray(incumbent, dtype=np.float64)
        if x.shape != (self._mip.n_variables,):
            raise InputError(
                f"incumbent must have shape {(self._mip.n_variables,)}, got {x.shape}."
            )
        return x

    def _hand_in(self, child: ChildProcess, incumbent: FloatVector | None) -> None:
        if incumbent is None:
            return
        value = self._mip.value(incumbent)
        if self._is_better(value):
            self._known = value
            child.send(Frame("incumbent", {"objective": value}, {"x": incumbent}))

    def _is_better(self, value: float) -> bool:
        if self._known == math.inf:
            return value < math.inf
        return value < self._known - OBJ_TOL * max(1.0, abs(self._known))

    def _take(
        self, frames: list[Frame], on_solution: OnSolution, on_bound: OnBound | None
    ) -> int:
        """Act on messages; of several solutions that wait, the last one is handed out.

        Returns
        -------
        int
            Number of solutions handed out.
        """
        solution: Frame | None = None
        for frame in frames:
            if frame.kind == "solution":
                solution = frame
            elif frame.kind == "bound":
                self._raise_bound(frame.fields.get("value"), on_bound)
            elif self._on_other is not None and frame.kind not in _ENDS:
                self._on_other(frame)
        handed_out = solution is not None and self._hand_out(solution, on_solution)
        # Only now: a proof speaks of the solutions before it.
        for frame in frames:
            if frame.kind == "done":
                self._raise_bound(frame.fields.get("bound"), on_bound)
                self._finish(frame)
            elif frame.kind == "error":
                raise ChildError(str(frame.fields.get("message")))
        return int(handed_out)

    def _hand_out(self, frame: Frame, on_solution: OnSolution) -> bool:
        x = self._judge.judge(frame.arrays.get("x"))
        if x is None:
            return False
        value = self._mip.value(x)
        if not self._is_better(value):
            return False
        self._known = value
        on_solution(x)
        return True

    def _raise_bound(self, bound: object, on_bound: OnBound | None) -> None:
        if not isinstance(bound, int | float) or not math.isfinite(bound):
            return
        # The bound of a search with a cutoff ends at the cutoff.
        bound = min(float(bound), self._known)
        if bound > self._bound:
            self._bound = bound
            if on_bound is not None:
                on_bound(bound)

    def _finish(self, frame: Frame) -> None:
        self._done = True
        proof = _PROOFS.get(str(frame.fields.get("proof")))
        if proof is Status.INFEASIBLE and self._known < math.inf:
            proof = None  # the known solution is the stronger evidence
        if proof is Status.OPTIMAL and self._known == math.inf:
            proof = None  # its solution was refused
        self._proof = proof

    def _report(
        self, interrupter: "Interrupter", n_solutions: int, cpu: float
    ) -> EngineReport:
        if self._done:
            ending = Ending.EXHAUSTED
        elif interrupter.requested:
            ending = Ending.INTERRUPTED
        else:
            ending = Ending.LIMIT
        return EngineReport(
            ending=ending,
            proof=self._proof,
            bound=self._bound,
            n_solutions=n_solutions,
            cpu=cpu,
            failure=self._failure,
        )
