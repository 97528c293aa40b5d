"""The integer points of any model as a feasible set: SCIP minimises the direction.

One model lives as long as the set. A call frees the last search, changes objective and
bounds, and searches again from the solutions it still holds. The search is stopped as
soon as its answer serves: at relative gaps of 5 %, 1 % and 0, in turn, it is asked

    is there a vertex with <d, v> <= target, or is the dual bound above the target?

and only the last stage decides for sure. The bound of an answer is always SCIP's dual
bound, never the value of a vertex.

SCIP's presolving is off: it costs more than it saves when the same model is solved a
thousand times, and reductions that only respect the objective of one call must not be
trusted in the next. SCIP sees the direction scaled to entries of magnitude one.
"""

import math
from typing import TYPE_CHECKING

import numpy as np

from boundwise.core.errors import InputError, SolverError
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline
from boundwise.core.tolerances import INFINITY
from boundwise.heuristics.frank_wolfe.protocols import Floats, Indices, OracleAnswer
from boundwise.heuristics.scip.drive import Driver
from boundwise.heuristics.scip.effort import WorkMeter
from boundwise.heuristics.scip.load import load
from boundwise.heuristics.scip.settings import use_oracle_settings
from boundwise.heuristics.scip.transfer import make_solution, read_values
from boundwise.instances.scip_build import variables_of
from boundwise.solvers.convex.oracles.scaling import scale_of

if TYPE_CHECKING:
    import os

    import pyscipopt

    from boundwise.instances.instance import Instance

#: Relative gaps of the stages of a call.
_STAGES = (0.05, 0.01, 0.0)
#: Relative slack by which SCIP's dual bound is lowered, for its tolerances.
_SAFETY = 1e-9
_MAX_OTHERS = 5


class MixedIntegerSet:
    """Hold the mixed-integer points of a model.

    Parameters
    ----------
    problem
        Path of an MPS, LP or CIP file, name of a MIPLIB instance, an `Instance`, or a
        ``pyscipopt.Model``, which is left untouched. Its objective is ignored.
        Nonlinear and special constraints are respected.

    Raises
    ------
    InputError
        If the problem is not valid.

    Examples
    --------
    >>> import numpy as np
    >>> from pyscipopt import Model
    >>> model = Model()
    >>> x, y = (model.addVar(vtype="I", lb=0, ub=4) for _ in range(2))
    >>> _ = model.addCons(2 * x + 2 * y <= 7)
    >>> points = MixedIntegerSet(model)
    >>> points.extreme_point(np.array([-2.0, -1.0]), points.lower, points.upper)
    array([3., 0.])
    """

    def __init__(
        self, problem: "str | os.PathLike[str] | Instance | pyscipopt.Model"
    ) -> None:
        self.instance, self._model = load(problem)
        self._variables = variables_of(self._model, self.instance)
        self._lower = np.array(self.instance.lower)
        self._upper = np.array(self.instance.upper)
        self._integers = np.flatnonzero(self.instance.is_integer)
        self._box = (self._lower.copy(), self._upper.copy())
        use_oracle_settings(self._model)
        self._deadline: Deadline = Deadline()
        self._driver: Driver | None = None

    @property
    def lower(self) -> Floats:
        """Lower bounds of the variables, perhaps infinite."""
        return self._lower

    @property
    def upper(self) -> Floats:
        """Upper bounds of the variables, perhaps infinite."""
        return self._upper

    @property
    def integers(self) -> Indices:
        """Indices of the integer variables."""
        return self._integers

    def bind(self, interrupter: Interrupter, deadline: Deadline) -> None:
        """Let a run stop the searches from now on."""
        self._driver = Driver(self._model, interrupter, WorkMeter(math.inf))
        self._deadline = deadline

    def extreme_point(
        self, direction: Floats, lower: Floats, upper: Floats
    ) -> Floats | None:
        """Return a minimiser over the points within a box, None if there is none.

        Raises
        ------
        SolverError
            If the search was stopped before it had proved either.
        """
        answer = self.minimize_between(
            direction, lower, upper, target=-math.inf, start=None
        )
        if answer.vertex is None and not answer.is_empty:
            raise SolverError("the search for an extreme point was stopped.")
        return answer.vertex

    def minimize_between(
        self,
        direction: Floats,
        lower: Floats,
        upper: Floats,
        *,
        target: float,
        start: Floats | None,
    ) -> OracleAnswer:
        """Minimise over the points within a box; see `Oracle.minimize`.

        Raises
        ------
        InputError
            If the direction is unbounded over the set.
        """
        scale = scale_of(direction)
        answer = self._search(direction / scale, lower, upper, target / scale, start)
        return OracleAnswer(answer.vertex, answer.bound * scale, answer.others)

    def free(self) -> None:
        """Release the model; the set cannot be used after it."""
        self._model.free()

    def _search(
        self,
        direction: Floats,
        lower: Floats,
        upper: Floats,
        target: float,
        start: Floats | None,
    ) -> OracleAnswer:
        """Minimise a direction of magnitude one, in stages."""
        model = self._model
        model.freeTransform()
        self._set_bounds(lower, upper)
        self._set_objective(direction)
        if start is not None:
            model.addSol(make_solution(model, self._variables, start))
        stages = _STAGES if target > -math.inf else _STAGES[-1:]
        for gap in stages:
            model.setParam("limits/gap", gap)
            status = self._run()
            if status in ("unbounded", "inforunbd"):
                raise InputError(self._unbounded_message(direction))
            if status == "infeasible":
                return OracleAnswer(None, math.inf)
            answer = self._answer(direction)
            is_good = answer.vertex is not None and direction @ answer.vertex <= target
            if is_good or answer.bound >= target or status != "gaplimit":
                break
        return answer

    def _run(self) -> str:
        if self._driver is None:
            # A set of its own, outside a run: Ctrl-C must still reach SCIP.
            with Interrupter(self._deadline) as interrupter:
                self.bind(interrupter, self._deadline)
                try:
                    return self._run()
                finally:
                    self._driver = None
        return self._driver.run(self._deadline.remaining(), math.inf)

    def _answer(self, direction: Floats) -> OracleAnswer:
        model = self._model
        points = [
            read_values(model, solution, self._variables)
            for solution in model.getSols()[: _MAX_OTHERS + 1]
        ]
        bound = model.getDualbound()
        if model.isInfinity(abs(bound)):
            bound = -math.inf
        else:
            bound -= _SAFETY * max(1.0, abs(bound))
        if not points:
            return OracleAnswer(None, bound)
        best = min(points, key=lambda point: float(direction @ point))
        others = tuple(point for point in points if point is not best)
        return OracleAnswer(best, bound, others)

    def _set_objective(self, direction: Floats) -> None:
        from pyscipopt import quicksum

        terms = (
            value * variable
            for value, variable in zip(direction.tolist(), self._variables, strict=True)
            if value != 0.0
        )
        self._model.setObjective(quicksum(terms), "minimize", clear=True)

    def _set_bounds(self, lower: Floats, upper: Floats) -> None:
        old_lower, old_upper = self._box
        model, variables = self._model, self._variables
        for j in np.flatnonzero(lower != old_lower).tolist():
            model.chgVarLb(variables[j], _scip_number(lower[j]))
        for j in np.flatnonzero(upper != old_upper).tolist():
            model.chgVarUb(variables[j], _scip_number(upper[j]))
        self._box = (np.array(lower), np.array(upper))

    def _unbounded_message(self, direction: Floats) -> str:
        names = self.instance.names
        endless = np.isinf(self._lower) | np.isinf(self._upper)
        listed = ", ".join(names[j] for j in np.flatnonzero(endless)[:5])
        return (
            "feasible_set must be bounded, but a linear objective over it is not; "
            f"variables without finite bounds: {listed or 'none'}."
        )


def _scip_number(value: float) -> float:
    return float(min(max(value, -INFINITY), INFINITY))
