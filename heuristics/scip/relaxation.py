"""Record the LP relaxation of the root while SCIP solves it.

PySCIPOpt gives no access to the root LP afterwards, so an event handler keeps it: the
first LP of the root, and then later ones (with cuts) at doubling intervals.
"""

from typing import Any

from boundwise.heuristics.protocols import Relaxation
from boundwise.heuristics.scip.columns import reduced_costs
from boundwise.heuristics.scip.drive import Driver
from boundwise.heuristics.scip.transfer import read_values


class RelaxationRecorder:
    """Keep the latest LP relaxation of a model's root.

    Attributes
    ----------
    latest
        The relaxation, or None before the first LP.
    was_unbounded
        Whether an LP of the root was unbounded. SCIP goes on from such an LP, and was
        seen to end with a wrong optimum.

    Parameters
    ----------
    driver
        Runs the model.
    variables
        Original variables of the model, in the order of the values.
    """

    def __init__(self, driver: Driver, variables: list[Any]) -> None:
        from pyscipopt import SCIP_EVENTTYPE

        self._variables = variables
        self._seen = 0
        self._next = 1
        self.latest: Relaxation | None = None
        self.was_unbounded = False
        driver.on(SCIP_EVENTTYPE.FIRSTLPSOLVED, self._record)
        driver.on(SCIP_EVENTTYPE.LPSOLVED, self._count)

    def _count(self, model: Any) -> None:
        from pyscipopt import SCIP_LPSOLSTAT

        if model.getDepth() > 0:
            return
        if model.getLPSolstat() == SCIP_LPSOLSTAT.UNBOUNDEDRAY:
            self.was_unbounded = True
        self._seen += 1
        if self._seen >= self._next:
            self._next = 2 * self._seen
            self._record(model)

    def _record(self, model: Any) -> None:
        from pyscipopt import SCIP_LPSOLSTAT

        if model.getDepth() > 0 or model.getLPSolstat() != SCIP_LPSOLSTAT.OPTIMAL:
            return
        solution = model.createSol(None, initlp=True)
        values = read_values(model, solution, self._variables)
        objective = model.getSolObjVal(solution)
        model.freeSol(solution)
        self.latest = Relaxation(
            values, objective, reduced_costs(model, self._variables)
        )
