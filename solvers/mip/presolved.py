"""The presolved problem: presolved once, copied for everything that searches it.

The model stays in SCIP's stage PRESOLVED. Its copies live in the presolved space
(minimise, no offset, perhaps scaled); this class converts objectives and solutions
between that space and the user's.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import sparse

from boundwise.core.collector import without_collector
from boundwise.core.interrupt import Interrupter
from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.protocols import FloatVector, IntVector, MipView
from boundwise.heuristics.scip.columns import bounds, column, is_integer
from boundwise.heuristics.scip.drive import Driver
from boundwise.heuristics.scip.effort import WorkMeter
from boundwise.heuristics.scip.transfer import make_solution, read_values

#: SCIP's stage number after presolving.
_PRESOLVED = 7
#: Share of the time that presolving may take.
_SHARE = 0.1
#: Largest value of a variable with which objectives are measured: far from what SCIP
#: takes for infinite.
_MOST_STEP = 1e15


class PresolvedProblem:
    """Presolve a model and convert between its two spaces.

    Parameters
    ----------
    model
        ``pyscipopt.Model`` in problem stage; from now on it belongs to this object.
    variables
        The variables of the problem. SCIP may have added some of its own to the
        model, such as the slacks of indicator constraints.
    interrupter
        Can stop presolving.
    meter
        Charged with the work of presolving.
    """

    def __init__(
        self,
        model: Any,
        variables: Sequence[Any],
        interrupter: Interrupter,
        meter: WorkMeter,
    ) -> None:
        self.model = model
        self._interrupter = interrupter
        self._originals = variables
        self._driver = Driver(model, interrupter, meter)
        self._variables: list[Any] = []
        self._zero = 0.0
        self._slope = 1.0
        self._counterparts: IntVector | None = None
        #: Variables of the user that presolving has left: position here, and there.
        self._kept_from = self._kept = np.empty(0, dtype=np.int64)
        self._gone: list[int] = []
        self.status = "unknown"

    def presolve(self, seconds: float) -> bool:
        """Presolve, and tell whether there is a problem left to search.

        Presolving that takes more than a tenth of the time is ended, and what it has
        done by then is kept. Afterwards `status` holds SCIP's status; if nothing is
        left to search, it is a proof.
        """
        # A node limit of 0 ends the solve right after presolving, and unlike
        # `presolve` it leaves the GIL to the watchdog. Copies inherit parameters.
        rounds = self.model.getParam("presolving/maxrounds")
        self.model.setParam("limits/nodes", 0)
        self.status = self._driver.run(_SHARE * seconds, math.inf)
        if self.status == "timelimit" and not self._interrupter.requested:
            # Allowing no more rounds lets SCIP finish with what there is.
            self.model.setParam("presolving/maxrounds", 0)
            self.status = self._driver.run((1.0 - _SHARE) * seconds, math.inf)
            self.model.setParam("presolving/maxrounds", rounds)
        self.model.setParam("limits/nodes", -1)
        if self.model.getStage() != _PRESOLVED:
            return False
        self._variables = self.model.getVars(transformed=True)
        self._find_counterparts()
        self._calibrate()
        return True

    def solutions(self) -> list[FloatVector]:
        """Return the solutions SCIP holds, in the user's space, best first."""
        return [self._read_original(s) for s in self.model.getSols()]

    def presolved_solutions(self) -> list[FloatVector]:
        """Return the solutions SCIP holds, in the presolved space, best first."""
        return [
            read_values(self.model, s, self._variables) for s in self.model.getSols()
        ]

    @without_collector()
    def view(self, mip: LinearMip | None = None) -> MipView:
        """Return the arrays of the presolved problem.

        Parameters
        ----------
        mip
            Its rows, if they are known already.
        """
        if mip is not None:
            matrix = mip.matrix
            ones = np.ones(matrix.nnz, dtype=np.int8)
            return MipView(
                lower=mip.lower,
                upper=mip.upper,
                objective=mip.objective,
                is_integer=mip.is_integer,
                incidence=sparse.csr_array(
                    (ones, matrix.indices, matrix.indptr), shape=matrix.shape
                ),
            )
        variables = self._variables
        lower, upper = bounds(self.model, variables)
        return MipView(
            lower=lower,
            upper=upper,
            objective=column(variables, "getObj"),
            is_integer=is_integer(variables),
            incidence=self._incidence(),
        )

    def to_user(self, objective: float) -> float:
        """Convert an objective of the presolved space to the user's."""
        return self._zero + self._slope * objective

    def from_user(self, objective: float) -> float:
        """Convert an objective of the user's space to the presolved one."""
        return (objective - self._zero) / self._slope

    def to_original(self, values: FloatVector) -> FloatVector:
        """Convert a solution of the presolved space to the user's."""
        x = np.empty(len(self._originals))
        x[self._kept] = values[self._kept_from]
        if self._gone:
            gone = [self._originals[j] for j in self._gone]
            solution = make_solution(self.model, self._variables, values)
            try:
                x[self._gone] = read_values(self.model, solution, gone)
            finally:
                self.model.freeSol(solution)
        return x

    def from_original(self, x: FloatVector) -> FloatVector | None:
        """Convert a solution of the user's space to the presolved one.

        Returns
        -------
        ndarray or None
            Shape (n,); None if presolving has made variables that the user's space
            does not know. What presolving has fixed takes its fixed value, so the
            point may differ from ``x``, and needs a check.
        """
        if self._counterparts is None:
            return None
        return np.asarray(x[self._counterparts], dtype=np.float64)

    def accepts(self, values: FloatVector) -> bool:
        """Tell whether SCIP itself accepts a solution of the presolved space.

        Needed only for constraints that the exact checker cannot evaluate.
        """
        solution = make_solution(self.model, self._variables, values)
        try:
            return bool(self.model.checkSol(solution, printreason=False, original=True))
        finally:
            self.model.freeSol(solution)

    def _read_original(self, solution: Any) -> FloatVector:
        return read_values(self.model, solution, self._originals)

    @without_collector()
    def _find_counterparts(self) -> None:
        """Note which variables of the user are still there, and where.

        SCIP asks for the value of a variable one by one, which costs a tenth of a
        second for 100,000 of them: so it is asked only for those that are gone.
        """
        names = [v.name for v in self._originals]
        positions = {name: i for i, name in enumerate(names)}
        if len(positions) < len(names):
            # A name that repeats tells nothing.
            counts = Counter(names)
            positions = {n: i for n, i in positions.items() if counts[n] == 1}
        found = [positions.get(v.name.removeprefix("t_"), -1) for v in self._variables]
        everywhere = np.array(found, dtype=np.int64)
        self._kept_from = np.flatnonzero(everywhere >= 0)
        self._kept = everywhere[self._kept_from]
        self._gone = np.setdiff1d(np.arange(len(self._originals)), self._kept).tolist()
        if len(self._kept) == len(everywhere):
            self._counterparts = everywhere

    def _calibrate(self) -> None:
        # SCIP may shift and scale the objective in presolving; PySCIPOpt tells the
        # shift only. Two solutions (of any feasibility) determine both.
        solution = self.model.createSol()
        self._zero = self.model.getSolObjVal(solution)
        coefficients = column(self._variables, "getObj")
        if np.any(coefficients):
            index = int(np.argmax(np.abs(coefficients)))
            # A step that is small beside the shift would lose digits of the slope.
            step = min(max(1.0, abs(self._zero)), _MOST_STEP * abs(coefficients[index]))
            value = step / coefficients[index]
            self.model.setSolVal(solution, self._variables[index], value)
            self._slope = (self.model.getSolObjVal(solution) - self._zero) / step
        elif self.model.getObjectiveSense() == "maximize":
            self._slope = -1.0
        self.model.freeSol(solution)

    def _incidence(self) -> sparse.csr_array:
        position = {v.name: i for i, v in enumerate(self._variables)}
        indices: list[int] = []
        starts = [0]
        for constraint in self.model.getConss(transformed=True):
            try:
                members = self.model.getConsVars(constraint)
            except Exception:
                # A constraint type that does not tell its variables adds no edges;
                # the graph is a guide for neighbourhoods, not part of the problem.
                continue
            # A negated variable is x_neg or ~x; a fixed one has no column any more.
            found = (position.get(_name_of(v, position)) for v in members)
            indices.extend(i for i in found if i is not None)
            starts.append(len(indices))
        shape = (len(starts) - 1, len(self._variables))
        data = np.ones(len(indices), dtype=np.int8)
        matrix = sparse.csr_array((data, indices, starts), shape=shape)
        matrix.sum_duplicates()
        return matrix


def _name_of(variable: Any, known: Mapping[str, int]) -> str:
    """Return the name of a variable, or of the one it is the negation of."""
    name = str(variable.name)
    if name in known:
        return name
    return name.removeprefix("~").removesuffix("_neg")
