"""SCIP in a child: its tree search on the whole problem, which is never interrupted.

The run suspends the process between turns: a root LP of minutes goes on where it stood,
while a SCIP that is stopped in an LP begins that LP anew. Incumbents of the run enter,
and bounds, relaxations and the statistics of the dives leave, through a heuristic that
SCIP calls in the cut loop of the root and after each node.
"""

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from boundwise.core.errors import SolverError
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline
from boundwise.heuristics.engines.frames import Array, Frame
from boundwise.heuristics.engines.line import Line
from boundwise.heuristics.engines.problem import ProblemArrays
from boundwise.heuristics.protocols import Relaxation
from boundwise.heuristics.scheduling.dives import dive_scheduler
from boundwise.heuristics.scip.build import build_model
from boundwise.heuristics.scip.effort import WorkMeter
from boundwise.heuristics.scip.plugin import include_heuristic
from boundwise.heuristics.scip.statuses import STATEMENTS
from boundwise.heuristics.scip.tree import TreeSearch

if TYPE_CHECKING:
    from boundwise.heuristics.scheduling.scheduler import Scheduler

#: Priority among SCIP's heuristics: news first.
_FIRST = 1_000_000
#: Seconds of CPU between two messages about bounds, and about dives.
_BOUND_PACE, _DIVE_PACE = 0.05, 0.5


def serve(line: Line, request: Frame) -> None:
    """Search until the tree is empty, and say what that proves.

    Parameters
    ----------
    line
        To the run.
    request
        The problem, and the options ``seed``, ``parameters`` (of the source model),
        ``options`` (the user's), ``feasibility``, ``presolve``, ``dives`` (share of the
        search, or None for no dives) and ``memory``.
    """
    problem, options = ProblemArrays.from_arrays(request.arrays), request.fields
    model, variables = build_model(**problem.to_arrays())
    model.setParams(options["parameters"])
    # While the process stands still, the time of others goes on.
    model.setParam("timing/clocktype", 1)
    if options["memory"] is not None:
        model.setParam("limits/memory", float(options["memory"]))
    news = _News(line, options["dives"], seed=int(options["seed"]))
    with Interrupter(Deadline()) as interrupter:
        tree = TreeSearch(
            model,
            variables,
            seed=int(options["seed"]),
            interrupter=interrupter,
            meter=WorkMeter(),
            on_solution=news.send_solution,
            feasibility=bool(options["feasibility"]),
            presolve=options["presolve"],
            options=options["options"],
            plugin=news,
        )
        news.tree = tree
        tree.run(math.inf, math.inf)
    news.send_news(math.inf)
    proof = STATEMENTS.get(tree.status)
    if proof is None:
        raise SolverError(f"SCIP ends with {tree.status}")
    bound = tree.bound
    line.send(
        Frame(
            "done",
            {
                "proof": proof.value if tree.is_sound else None,
                "bound": bound if math.isfinite(bound) else None,
            },
        )
    )


class _News:
    """Exchange news with the run, as heuristics inside the tree search.

    Parameters
    ----------
    line
        To the run.
    dives
        Share of the search that dives may use, or None for none.
    seed
        Seed of the dives.
    """

    tree: TreeSearch

    def __init__(self, line: Line, dives: float | None, *, seed: int) -> None:
        self._line = line
        self._scheduler: Scheduler | None = None
        if dives is not None:
            rng = np.random.default_rng(seed)
            self._scheduler = dive_scheduler(rng, WorkMeter(), share=float(dives))
        self._relaxation: Relaxation | None = None
        self._bound = -math.inf
        self._bound_at = self._dives_at = 0.0

    def attach(
        self, model: Any, on_error: Callable[[BaseException], object] | None = None
    ) -> None:
        """Plug in; see `TreePlugin`."""
        assert on_error is not None
        if self._scheduler is not None:
            self._scheduler.attach(model, on_error)
        include_heuristic(
            model,
            "boundwise-news",
            self,
            on_error=on_error,
            description="exchanges solutions and bounds with the run",
            priority=_FIRST,
        )

    def prepare(self, model: Any) -> None:
        """Do nothing before presolving; see `HeuristicCallback`."""

    def begin(self, model: Any) -> None:
        """Do nothing when the search begins; see `HeuristicCallback`."""

    def execute(self, model: Any, heuristic: Any, during_loop: bool) -> bool | None:
        """Send news, and take the newest incumbent; see `HeuristicCallback`."""
        self.send_news(time.process_time())
        frame = self._line.take_latest("incumbent")
        if frame is None:
            return None
        return self.tree.hand_in(np.array(frame.arrays["x"]), heuristic)

    def send_solution(self, x: Array) -> None:
        """Send a solution."""
        self._line.send(Frame("solution", arrays={"x": x}))

    def send_news(self, now: float) -> None:
        """Send what has changed since it was last sent, and not too often.

        Parameters
        ----------
        now
            Seconds of CPU so far; inf for the last time.
        """
        if now >= self._bound_at:
            self._bound_at = now + _BOUND_PACE
            bound = self.tree.bound
            if bound > self._bound:
                self._bound = bound
                self._line.send(Frame("bound", {"value": bound}))
        if now >= self._dives_at:
            self._dives_at = now + _DIVE_PACE
            self._send_dives()
        relaxation = self.tree.relaxation
        if relaxation is not None and relaxation is not self._relaxation:
            self._relaxation = relaxation
            self._line.send(_frame_of(relaxation))

    def _send_dives(self) -> None:
        if self._scheduler is not None:
            statistics = [
                arm.to_dict() for arm in self._scheduler.statistics if arm.calls
            ]
            self._line.send(Frame("dives", {"statistics": statistics}))


def _frame_of(relaxation: Relaxation) -> Frame:
    arrays = {"values": relaxation.values}
    if relaxation.reduced_costs is not None:
        arrays["reduced_costs"] = relaxation.reduced_costs
    return Frame("relaxation", {"objective": relaxation.objective}, arrays)
