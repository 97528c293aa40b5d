"""Sub-MIPs solved by another engine: a child that waits for small problems.

Each request carries the free part of a neighbourhood as arrays; the child answers with
the solutions it finds and how its search ended. Between two requests it sleeps. A child
that does not stop in time is replaced by a new one.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boundwise.core.arguments import as_number
from boundwise.core.errors import SolverError
from boundwise.core.limits import Deadline
from boundwise.core.tolerances import OBJ_TOL
from boundwise.heuristics.engines.frames import Frame
from boundwise.heuristics.engines.judge import SolutionJudge
from boundwise.heuristics.engines.problem import ProblemArrays
from boundwise.heuristics.engines.process import ChildError, ChildProcess
from boundwise.heuristics.engines.protocols import OnSolution
from boundwise.heuristics.engines.session import CHILD_MODULE
from boundwise.heuristics.protocols import Ending, FloatVector, Subproblem
from boundwise.heuristics.reduction import Reduction, reduce_problem

if TYPE_CHECKING:
    from boundwise.core.interrupt import Interrupter
    from boundwise.heuristics.linear import LinearMip

#: Seconds between two looks at the clock.
_TICK = 0.02
#: Seconds that a child may take to stop; then it is replaced.
_GRACE = 0.5
#: This many children in a row that fail disable the engine.
_MOST_FAILURES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairReport:
    """Report how a sub-MIP went.

    Parameters
    ----------
    ending
        How its search ended.
    n_solutions
        Number of solutions handed over.
    nodes
        Nodes searched, as far as the engine tells.
    cpu
        Seconds of CPU of the child.
    failure
        Why the engine is disabled, or None.
    """

    ending: Ending
    n_solutions: int
    nodes: int
    cpu: float
    failure: str | None = None


class RepairSession:
    """Solve sub-MIPs of one problem in a child process.

    Parameters
    ----------
    server
        Name of the server that the child runs.
    mip
        The whole problem.
    options
        Options of the server; ``memory`` is a limit in MiB or None.
    approximates
        Whether the values of continuous variables are approximate.
    """

    def __init__(
        self,
        server: str,
        mip: "LinearMip",
        options: Mapping[str, Any],
        *,
        approximates: bool = False,
    ) -> None:
        self._server = server
        self._mip = mip
        self._options = dict(options)
        self._judge = SolutionJudge(mip, approximates=approximates)
        self._child: ChildProcess | None = None
        self._number = 0
        self._n_failures = 0
        self._failure: str | None = None

    @property
    def failure(self) -> str | None:
        """Why the engine is disabled, or None."""
        return self._failure

    @property
    def pid(self) -> int | None:
        """Id of the child, or None while there is none."""
        return None if self._child is None else self._child.pid

    def solve_sub(
        self,
        subproblem: Subproblem,
        *,
        cutoff: float,
        seconds: float,
        interrupter: "Interrupter",
        on_solution: OnSolution,
        nodes: int = 2000,
        stall_nodes: int = 500,
        start: FloatVector | None = None,
        seed: int = 0,
    ) -> RepairReport:
        """Search a neighbourhood.

        Parameters
        ----------
        subproblem
            The neighbourhood.
        cutoff
            Only solutions of objective below this are handed over; ``inf`` for any.
        seconds
            Seconds for the search, of the clock of the run.
        interrupter
            Can end the search.
        on_solution
            Receives the improving solutions, of the whole problem.
        nodes, stall_nodes
            Limits of the search tree, and of nodes without a new incumbent.
        start
            A solution of the whole problem to begin with, or None.
        seed
            Seed of the engine's random choices.

        Raises
        ------
        InputError
            If ``seconds`` is negative or nan, ``cutoff`` is nan or -inf, or the
            subproblem is not well-formed.
        """
        seconds = as_number("seconds", seconds, at_least=0, finite=False)
        cutoff = as_number("cutoff", cutoff, above=-math.inf, finite=False)
        deadline = Deadline(seconds)
        reduced = reduce_problem(self._mip, subproblem, cutoff)
        if reduced is None:
            return self._report(Ending.EXHAUSTED)
        if not len(reduced.rows.free):
            return self._only_point(reduced, cutoff, on_solution)
        if self._failure is not None or interrupter.requested or deadline.expired():
            ending = Ending.INTERRUPTED if interrupter.requested else Ending.LIMIT
            return self._report(ending)
        request = self._request(reduced, nodes, stall_nodes, start, seed)
        search = _Search(self._judge, self._mip, reduced, cutoff, on_solution)
        begun = 0.0
        child: ChildProcess | None = None
        try:
            child = self._alive_child()
            begun = child.cpu_seconds()
            child.send(request)
            self._follow(child, search, deadline, interrupter)
            self._n_failures = 0
        except SolverError as error:
            self._fail(str(error))
        except BaseException:
            self.close()
            raise
        cpu = 0.0 if child is None else child.cpu_seconds() - begun
        ending = _ending(search, interrupter)
        return self._report(ending, search.n_solutions, search.nodes, cpu)

    def close(self) -> None:
        """End the child; the next request would start another."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def _alive_child(self) -> ChildProcess:
        if self._child is None or self._child.is_closed:
            self._child = ChildProcess(CHILD_MODULE, [self._server])
            self._child.send(Frame("options", self._options))
        return self._child

    def _request(
        self,
        reduced: Reduction,
        nodes: int,
        stall_nodes: int,
        start: FloatVector | None,
        seed: int,
    ) -> Frame:
        self._number += 1
        fields = {
            "number": self._number,
            "cutoff": reduced.limit if math.isfinite(reduced.limit) else None,
            "any_will_do": reduced.any_will_do,
            "nodes": nodes,
            "stall_nodes": stall_nodes,
            "seed": seed,
        }
        arrays = ProblemArrays.of_reduction(reduced).to_arrays()
        if start is not None:
            arrays["start"] = start[reduced.rows.free]
        return Frame("sub", fields, arrays)

    def _follow(
        self,
        child: ChildProcess,
        search: "_Search",
        deadline: Deadline,
        interrupter: "Interrupter",
    ) -> None:
        """Exchange messages until the child has answered or must be given up."""
        number = self._number
        until = math.inf
        while not search.is_over:
            for frame in child.exchange(_TICK):
                if frame.fields.get("number") == number:
                    search.take(frame)
                elif frame.kind == "error":
                    raise ChildError(str(frame.fields.get("message")))
            if until < math.inf:
                if deadline.elapsed() > until:
                    self.close()
                    return
            elif deadline.expired() or interrupter.requested:
                child.send(Frame("stop", {"number": number}))
                until = deadline.elapsed() + _GRACE

    def _only_point(
        self, reduced: Reduction, cutoff: float, on_solution: OnSolution
    ) -> RepairReport:
        """Look at a neighbourhood in which everything is fixed."""
        x = reduced.settled
        if not (self._mip.is_feasible(x) and self._mip.value(x) < cutoff):
            return self._report(Ending.EXHAUSTED)
        on_solution(x)
        return self._report(Ending.EXHAUSTED, 1)

    def _fail(self, reason: str) -> None:
        self.close()
        self._n_failures += 1
        if self._n_failures >= _MOST_FAILURES:
            self._failure = reason

    def _report(
        self, ending: Ending, n_solutions: int = 0, nodes: int = 0, cpu: float = 0.0
    ) -> RepairReport:
        return RepairReport(
            ending=ending,
            n_solutions=n_solutions,
            nodes=nodes,
            cpu=cpu,
            failure=self._failure,
        )


def _ending(search: "_Search", interrupter: "Interrupter") -> Ending:
    if search.is_exhausted:
        return Ending.EXHAUSTED
    return Ending.INTERRUPTED if interrupter.requested else Ending.LIMIT


class _Search:
    """What comes back for one request."""

    def __init__(
        self,
        judge: SolutionJudge,
        mip: "LinearMip",
        reduced: Reduction,
        cutoff: float,
        on_solution: OnSolution,
    ) -> None:
        self._judge = judge
        self._mip = mip
        self._reduced = reduced
        self._best = cutoff
        self._on_solution = on_solution
        self.n_solutions = 0
        self.nodes = 0
        self.is_over = False
        self.is_exhausted = False

    def take(self, frame: Frame) -> None:
        """Act on a message of the child."""
        if frame.kind == "done":
            self.is_over = True
            self.is_exhausted = bool(frame.fields.get("exhausted"))
            self.nodes = int(frame.fields.get("nodes") or 0)
        elif frame.kind == "solution":
            self._hand_over(frame)

    def _hand_over(self, frame: Frame) -> None:
        values = frame.arrays.get("x")
        if values is None or values.shape != self._reduced.rows.free.shape:
            raise ChildError("a solution of the child process makes no sense.")
        x = self._judge.judge(self._reduced.expand(values))
        if x is None:
            return
        value = self._mip.value(x)
        best = self._best
        if value < best - (OBJ_TOL * max(1.0, abs(best)) if best < math.inf else 0.0):
            self._best = value
            self.n_solutions += 1
            self._on_solution(x)
