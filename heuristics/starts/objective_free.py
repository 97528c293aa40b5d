"""Start: any solution at all, by dropping the objective.

Without an objective the LP is easier and its solutions lie inside the feasible region
more often, where the feasibility pump and the dives round them. The solution may be
poor; improving it is what the search around it is for. Nothing this start proves about
its own problem is a bound for the given one, except that there is no solution.
"""

from typing import Any

from boundwise.heuristics.protocols import StartContext
from boundwise.heuristics.scip.drive import Driver
from boundwise.heuristics.scip.settings import (
    Presolve,
    set_presolve,
    set_seed,
    use_feasibility_emphasis,
)
from boundwise.heuristics.scip.submip import SolutionTap
from boundwise.heuristics.scip.transfer import copy_model


class ObjectiveFree:
    """Run SCIP with FEASIBILITY emphasis and no objective, to its first solution.

    A later run continues where the one before has stopped.

    Parameters
    ----------
    presolve
        How thoroughly to presolve, see `presolve_again`.
    """

    name = "objective-free"

    def __init__(self, presolve: Presolve = "default") -> None:
        self._presolve: Presolve = presolve
        self._model: Any = None
        self._driver: Driver | None = None
        self._status = "unknown"

    @property
    def proves_infeasible(self) -> bool:
        """Whether the search has ended without a solution: then there is none."""
        return self._status in {"infeasible", "inforunbd"}

    @property
    def is_finished(self) -> bool:
        """Whether there is nothing left to search."""
        return self.proves_infeasible or self._status in {"optimal", "sollimit"}

    def run(self, context: StartContext) -> None:
        """Search until there is a solution or the slice ends."""
        if self._driver is None:
            self._model, variables = copy_model(context.source)
            use_feasibility_emphasis(self._model)
            set_presolve(self._model, self._presolve)
            set_seed(self._model, context.seed)
            self._model.setObjective(0.0)
            self._model.setParam("limits/solutions", 1)
            self._driver = Driver(self._model, context.interrupter, context.meter)
            tap = SolutionTap(variables, context.on_solution, pace=0.0)
            tap.attach(self._driver)
        if context.memory is not None:
            self._model.setParam(
                "limits/memory", self._model.getMemUsed() / 2**20 + context.memory
            )
        self._status = self._driver.run(context.seconds, context.work, context.until)

    def free(self) -> None:
        """Release the memory of the model."""
        if self._model is not None:
            self._model.free()
            self._model = self._driver = None
