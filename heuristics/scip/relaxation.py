"""Record the LP relaxation of the root while SCIP solves it.

PySCIPOpt gives no access to the root LP afterwards, so an event handler keeps it: the
first LP of the root, and then later ones (with cuts) at doubling intervals.
"""

from typing import Any

import numpy as np

from boundwise.core.tolerances import INFINITY
from boundwise.heuristics.protocols import FloatVector, Relaxation
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
        self.latest = Relaxation(values, objective, self._reduced_costs(model))

    def _reduced_costs(self, model: Any) -> FloatVector:
        """Return the reduced cost of each variable; 0 for one that is not in the LP."""
        get = model.getVarRedcost
        costs = np.fromiter(
            (get(variable) for variable in self._variables),
            dtype=np.float64,
            count=len(self._variables),
        )
        # SCIP marks unknown ones by huge numbers.
        costs[np.abs(costs) >= INFINITY] = 0.0
        return costs
