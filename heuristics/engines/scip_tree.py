"""SCIP's tree search in a process of its own: in slices, like `TreeSearch`.

The process is suspended between slices, whatever it is doing. What is long for one
slice, such as the LP of the root, goes on in the next one.
"""

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from boundwise.heuristics.engines.frames import Frame
from boundwise.heuristics.engines.process import ChildError
from boundwise.heuristics.engines.session import ProcessSession
from boundwise.heuristics.protocols import FloatVector, Relaxation
from boundwise.heuristics.scip.settings import Presolve
from boundwise.heuristics.scip.statuses import SCIP_NAMES
from boundwise.heuristics.scip.submip import OnSolution

if TYPE_CHECKING:
    from boundwise.core.interrupt import Interrupter
    from boundwise.heuristics.linear import LinearMip


class SuspendedTree:
    """Search a problem with SCIP in a child process, a slice at a time.

    Parameters
    ----------
    mip
        The problem.
    parameters
        SCIP parameters of the source model.
    seed
        Seed of SCIP's random choices.
    interrupter
        Can stop a slice.
    on_solution
        Receives the values of improving solutions.
    feasibility, presolve
        See `TreeSearch`.
    options
        The user's own SCIP parameters, set last.
    dives
        Share of the search for dives of our own, or None for none.
    """

    def __init__(
        self,
        mip: "LinearMip",
        *,
        parameters: Mapping[str, Any],
        seed: int,
        interrupter: "Interrupter",
        on_solution: OnSolution,
        feasibility: bool = False,
        presolve: Presolve = "default",
        options: Mapping[str, Any] | None = None,
        dives: float | None = None,
    ) -> None:
        self._mip = mip
        self._interrupter = interrupter
        self._on_solution = on_solution
        self._fields = {
            "parameters": dict(parameters),
            "seed": seed,
            "feasibility": feasibility,
            "presolve": presolve,
            "options": dict(options or {}),
            "dives": dives,
        }
        self._session: ProcessSession | None = None
        self.status = "unknown"
        self.bound = -math.inf
        self.relaxation: Relaxation | None = None
        #: Statistics of the dives that were called.
        self.dives: list[dict[str, Any]] = []

    @property
    def is_sound(self) -> bool:
        """Whether a bound or an optimum may be believed: others are not sent."""
        return True

    @property
    def is_finished(self) -> bool:
        """Whether the tree is searched completely, or its process has failed."""
        return self._session is not None and self._session.is_finished

    @property
    def failure(self) -> str | None:
        """Why the process takes no slices any more, or None."""
        return None if self._session is None else self._session.failure

    @property
    def objective(self) -> float:
        """Objective of the optimum, once it is proven."""
        return self.bound if self.status == "optimal" else math.inf

    def run(
        self,
        seconds: float,
        work: float,
        *,
        memory: float | None = None,
        incumbent: FloatVector | None = None,
        until: Callable[[], bool] | None = None,
    ) -> None:
        """Search on; see `Tree`.

        Work cannot be counted in another process, and is not limited; of the limits on
        memory, that of the first slice holds for all.
        """
        if self._session is None:
            fields = {**self._fields, "memory": memory}
            self._session = ProcessSession(
                "scip", self._mip, fields, on_other=self._learn
            )
        report = self._session.run(
            seconds=seconds,
            incumbent=incumbent,
            interrupter=self._interrupter,
            on_solution=self._on_solution,
            until=until,
        )
        self.bound = max(self.bound, report.bound)
        if report.proof is not None:
            self.status = SCIP_NAMES[report.proof]
        elif self.is_finished:
            self.status = "unknown"
        else:
            self.status = "timelimit"

    def free(self) -> None:
        """End the process."""
        if self._session is not None:
            self._session.close()

    def _learn(self, frame: Frame) -> None:
        if frame.kind == "relaxation":
            self.relaxation = _relaxation_of(frame, self._mip.n_variables)
        elif frame.kind == "dives":
            self.dives = [dict(arm) for arm in frame.fields["statistics"]]


def _relaxation_of(frame: Frame, n: int) -> Relaxation:
    values, costs = frame.arrays.get("values"), frame.arrays.get("reduced_costs")
    for vector in (values, costs):
        if vector is None:
            continue
        if vector.shape != (n,) or not np.isfinite(vector).all():
            raise ChildError("a relaxation of the child process makes no sense.")
    if values is None:
        raise ChildError("a relaxation of the child process has no values.")
    return Relaxation(values, float(frame.fields["objective"]), costs)
