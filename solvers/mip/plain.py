"""Plain SCIP through the same door: same limits, trace, check and result."""

import math
from typing import Any

from boundwise.core.status import Status, Termination
from boundwise.heuristics.scip.drive import Driver
from boundwise.heuristics.scip.statuses import proof_of, termination_of
from boundwise.heuristics.scip.submip import SolutionTap
from boundwise.instances.scip_build import variables_of
from boundwise.solvers.mip.search import Search


class PlainScip:
    """Run SCIP with its default settings.

    Parameters
    ----------
    search
        Clock, incumbent and trace of the run.
    model
        The model, in problem stage.
    """

    def __init__(self, search: Search, model: Any) -> None:
        from pyscipopt import SCIP_EVENTTYPE

        self._search = search
        self._model = model
        model.setParam("limits/gap", search.limits.gap)
        self._driver = Driver(model, search.interrupter, search.meter)
        self._tap = SolutionTap(variables_of(model, search.instance), self._take)
        self._tap.attach(self._driver)
        self._driver.on(SCIP_EVENTTYPE.DUALBOUNDIMPROVED, self._note_bound)
        self.n_nodes = 0

    def run(self) -> tuple[Status, Termination]:
        """Search to the end or a limit; return what is known and why it stopped."""
        search, model = self._search, self._model
        memory = search.memory_left()
        if memory is not None:
            model.setParam("limits/memory", max(1.0, memory))
        scip_status = self._driver.run(
            search.deadline.remaining(), search.meter.remaining()
        )
        self._tap.flush(model)
        self._note_bound(model)
        self.n_nodes = model.getNTotalNodes()
        termination = termination_of(scip_status)
        if termination is Termination.INTERRUPTED and not search.interrupter.requested:
            # Stopped by our own watchdog or work counter, not by the user.
            termination = search.reason_to_stop() or Termination.WORK_LIMIT
        proof = proof_of(scip_status, found=search.x is not None)
        if proof is not None:
            return proof, Termination.CONVERGED
        if search.x is None:
            if scip_status == "optimal":
                # The checker has refused all that SCIP holds to be optimal.
                termination = Termination.ERROR
            return Status.UNKNOWN, termination
        if scip_status in {"optimal", "gaplimit"}:
            if scip_status == "optimal":
                self._close_gap(model)
            if search.is_converged:
                return Status.OPTIMAL, Termination.CONVERGED
        return Status.FEASIBLE, termination

    def _take(self, x: Any) -> None:
        self._search.offer_original(x, "scip")

    def _note_bound(self, model: Any) -> None:
        bound = model.getDualbound()
        if math.isfinite(bound) and not model.isInfinity(abs(bound)):
            self._search.raise_user_bound(bound, "scip")

    def _close_gap(self, model: Any) -> None:
        self._search.close_gap_at(model.getPrimalbound(), "scip")
