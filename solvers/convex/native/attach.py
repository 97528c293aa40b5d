"""Frank-Wolfe steps and gradient cuts inside SCIP: t >= f(x) as a constraint handler.

    min t   subject to   the model's constraints,  t >= f(x)

SCIP never sees f. At each LP solution the handler adds the gradient cuts that it
violates; at an integer point whose t is too small, it demands cuts and hands over the
same point with t = f(x). So SCIP solves every convex f exactly, also those that it
cannot express.

What SCIP would get wrong without knowing of f is switched off: the symmetry of a model
is not that of f. Locks say that x may not be moved at will and t not lowered.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from boundwise.core.errors import InputError, SolverError, StageError
from boundwise.heuristics.frank_wolfe.protocols import Floats, Objective
from boundwise.heuristics.scip.transfer import read_values
from boundwise.solvers.convex.native.cuts import (
    Cut,
    GradientCuts,
    interior_point,
    violation_limit,
)
from boundwise.solvers.convex.native.formulate import set_objective

_NAME = "boundwise_convex"


class FrankWolfeCuts:
    """What `attach_frank_wolfe` has plugged into a model.

    Parameters
    ----------
    model, variables, epigraph
        The model, the x of f in order, and t.
    cuts
        Maker of cuts.
    is_objective
        Whether the model minimises t and nothing else.
    """

    def __init__(
        self,
        model: Any,
        variables: Sequence[Any],
        epigraph: Any,
        cuts: GradientCuts,
        *,
        is_objective: bool,
    ) -> None:
        self.model = model
        self.variables = list(variables)
        self.epigraph = epigraph
        self.n_cuts = 0
        self.n_solutions = 0
        self.error: BaseException | None = None
        self._cuts = cuts
        self._is_objective = is_objective
        self._waiting: Floats | None = None
        self._waiting_value = math.inf
        self._names = model.getVars()

    def stats(self) -> dict[str, int]:
        """Return how many cuts and solutions were given."""
        return {"gradient_cuts": self.n_cuts, "solutions_given": self.n_solutions}

    def raise_error(self) -> None:
        """Raise what went wrong inside a callback, if anything.

        Raises
        ------
        SolverError
            If the objective failed while SCIP ran.
        """
        if self.error is not None:
            raise SolverError(
                f"the objective failed during the search: {self.error}."
            ) from self.error

    # -- called by the plugins --------------------------------------------------

    def is_satisfied(self, solution: Any) -> bool:
        """Tell whether t >= f(x), and remember the point for the heuristic if not."""
        x = read_values(self.model, solution, self.variables)
        t = self.model.getSolVal(solution, self.epigraph)
        value = self._cuts.value(x)
        if value <= t + violation_limit(t):
            return True
        if value < self._waiting_value:
            self._waiting = read_values(self.model, solution, self._names)
            self._waiting_value = value
        return False

    def separate(self) -> int:
        """Add cuts that the LP violates; return how many, -1 if that makes it empty."""
        x = read_values(self.model, None, self.variables)
        t = self.model.getSolVal(None, self.epigraph)
        if self._cuts.value(x) <= t + violation_limit(t):
            return 0
        added = 0
        for cut in self._cuts.demanding(x, t):
            if self._add(cut):
                return -1
            added += 1
        self.n_cuts += added
        return added

    def hand_over(self, heuristic: Any) -> bool:
        """Give SCIP the best point that waits, with t = f(x)."""
        if self._waiting is None:
            return False
        values, value = self._waiting, self._waiting_value
        self._waiting, self._waiting_value = None, math.inf
        if self._is_objective and value >= self.model.getPrimalbound():
            return False
        solution = self.model.createOrigSol(heuristic)
        for variable, number in zip(self._names, values.tolist(), strict=True):
            self.model.setSolVal(solution, variable, number)
        self.model.setSolVal(solution, self.epigraph, value)
        accepted = bool(self.model.trySol(solution, printreason=False))
        self.n_solutions += accepted
        return accepted

    def lock(self, lock_type: Any, positive: int, negative: int) -> None:
        """Tell SCIP that raising t is harmless, and nothing else is."""
        both = positive + negative
        for variable in self.variables:
            moved = self.model.getTransformedVar(variable)
            self.model.addVarLocksType(moved, lock_type, both, both)
        t = self.model.getTransformedVar(self.epigraph)
        self.model.addVarLocksType(t, lock_type, positive, negative)

    def fail(self, error: BaseException) -> None:
        """Remember an error and end the search."""
        self.error = self.error or error
        self.model.interruptSolve()

    def _add(self, cut: Cut) -> bool:
        """Add gradient x - t <= -constant; tell whether that makes the LP empty."""
        model = self.model
        row = model.createEmptyRowUnspec(
            f"{_NAME}{self.n_cuts}", lhs=None, rhs=-cut.constant, local=False
        )
        model.cacheRowExtensions(row)
        for j in np.flatnonzero(cut.gradient).tolist():
            model.addVarToRow(row, self.variables[j], float(cut.gradient[j]))
        model.addVarToRow(row, self.epigraph, -1.0)
        model.flushRowExtensions(row)
        infeasible = bool(model.addCut(row, forcecut=True))
        model.releaseRow(row)
        return infeasible


def attach_frank_wolfe(
    model: Any,
    objective: Objective,
    *,
    variables: Sequence[Any] | None = None,
    epigraph: Any = None,
    start: Floats | None = None,
) -> FrankWolfeCuts:
    """Let a SCIP model minimise a convex function that it need not know.

    Parameters
    ----------
    model
        A ``pyscipopt.Model`` in problem stage.
    objective
        The convex function: ``value`` and ``gradient``; ``in_domain`` if it is not
        finite everywhere.
    variables
        The model's variables in the order of x; all of them if None. Their bounds
        must be finite.
    epigraph
        The variable t of a model that already minimises t, such as one with a
        nonlinear constraint t >= f(x) of its own, which these cuts then support. If
        None, t is added and becomes the objective.
    start
        A point of the domain; None to look for one between the bounds.

    Returns
    -------
    FrankWolfeCuts
        What was plugged in, with its counts. Call ``raise_error()`` after the solve.

    Raises
    ------
    InputError
        If a bound is infinite, sizes differ, or no point of the domain is found.
    StageError
        If the model is not in problem stage, or has such cuts already.

    Examples
    --------
    >>> from pyscipopt import Model
    >>> from boundwise.solvers.convex.objectives import Quadratic
    >>> model = Model()
    >>> model.hideOutput()
    >>> x = [model.addVar(vtype="I", lb=0, ub=9) for _ in range(2)]
    >>> _ = model.addCons(x[0] + x[1] >= 5)
    >>> cuts = attach_frank_wolfe(model, Quadratic([2.0, 4.0]))
    >>> model.optimize()
    >>> cuts.raise_error()
    >>> round(model.getObjVal(), 5), round(model.getVal(x[0]))
    (17.0, 3)
    """
    _require_fresh(model)
    xs = list(model.getVars()) if variables is None else list(variables)
    n = getattr(objective, "n_variables", len(xs))
    if n != len(xs):
        raise InputError(f"objective has {n} variables, the model {len(xs)}.")
    if start is not None and np.shape(start) != (len(xs),):
        raise InputError(f"start must have shape ({len(xs)},), got {start!r}.")
    lower = np.array([v.getLbOriginal() for v in xs])
    upper = np.array([v.getUbOriginal() for v in xs])
    infinite = np.array(
        [
            model.isInfinity(abs(a)) or model.isInfinity(abs(b))
            for a, b in zip(lower.tolist(), upper.tolist(), strict=True)
        ]
    )
    if infinite.any():
        place = int(infinite.argmax())
        raise InputError(
            f"variables must have finite bounds, {xs[place].name!r} has "
            f"[{lower[place]}, {upper[place]}]."
        )
    inside = interior_point(objective, lower, upper) if start is None else start
    cuts = GradientCuts(objective, inside)
    first = cuts.at(np.asarray(inside, dtype=np.float64))
    least = first.constant + float(
        np.minimum(first.gradient * lower, first.gradient * upper).sum()
    )
    is_own = epigraph is None
    if is_own:
        epigraph = model.addVar(name="epigraph", lb=least, ub=None)
        set_objective(model, [epigraph], 0.0)
    plugged = FrankWolfeCuts(model, xs, epigraph, cuts, is_objective=is_own)
    model.setParam("misc/usesymmetry", 0)
    for variable in (*xs, epigraph):
        model.markDoNotMultaggrVar(variable)
    _include(model, plugged)
    return plugged


def _require_fresh(model: Any) -> None:
    """Raise an error unless cuts can still be added to a model."""
    from pyscipopt import SCIP_STAGE, Model

    if not isinstance(model, Model):
        raise InputError(
            f"model must be a pyscipopt.Model, got {type(model).__name__}."
        )
    if model.getStage() != SCIP_STAGE.PROBLEM:
        raise StageError(
            "cuts must be attached before the model is solved: call freeTransform()."
        )
    # Constraint handlers are not listed, but every one has parameters.
    if f"constraints/{_NAME}/sepafreq" in model.getParams():
        raise StageError("the model has gradient cuts already: one function a model.")


def _include(model: Any, plugged: FrankWolfeCuts) -> None:
    """Add the constraint handler and the heuristic."""
    from pyscipopt import SCIP_HEURTIMING, SCIP_RESULT, Conshdlr, Heur

    class Handler(Conshdlr):  # type: ignore[misc]
        """Keep t above f(x)."""

        def conscheck(self, constraints: Any, solution: Any, *_: Any) -> Any:
            kept = self._is_kept(solution)
            return _answer(SCIP_RESULT.FEASIBLE if kept else SCIP_RESULT.INFEASIBLE)

        def conssepalp(self, constraints: Any, n_useful: int) -> Any:
            return _answer(self._separate(SCIP_RESULT.DIDNOTFIND))

        def consenfolp(self, constraints: Any, n_useful: int, infeasible: bool) -> Any:
            if self._is_kept(None):
                return _answer(SCIP_RESULT.FEASIBLE)
            return _answer(self._separate(SCIP_RESULT.INFEASIBLE))

        def consenfops(
            self, constraints: Any, n_useful: int, infeasible: bool, objective: bool
        ) -> Any:
            kept = self._is_kept(None)
            return _answer(SCIP_RESULT.FEASIBLE if kept else SCIP_RESULT.SOLVELP)

        def conslock(
            self, constraint: Any, lock_type: Any, positive: int, negative: int
        ) -> None:
            plugged.lock(lock_type, positive, negative)

        def _is_kept(self, solution: Any) -> bool:
            # PySCIPOpt prints what a callback raises, and goes on.
            try:
                return plugged.is_satisfied(solution)
            except BaseException as error:
                plugged.fail(error)
                return False

        def _separate(self, nothing: Any) -> Any:
            try:
                added = plugged.separate()
            except BaseException as error:
                plugged.fail(error)
                return nothing
            if added < 0:
                return SCIP_RESULT.CUTOFF
            return SCIP_RESULT.SEPARATED if added else nothing

    class Giver(Heur):  # type: ignore[misc]
        """Hand over points whose t was too small."""

        def heurexec(self, timing: Any, infeasible: bool) -> Any:
            try:
                given = plugged.hand_over(self)
            except BaseException as error:
                plugged.fail(error)
                given = False
            return _answer(SCIP_RESULT.FOUNDSOL if given else SCIP_RESULT.DIDNOTFIND)

    model.includeConshdlr(
        Handler(),
        _NAME,
        "epigraph of a convex function by gradient cuts",
        sepapriority=100,
        enfopriority=-60,
        chckpriority=-4_000_000,
        sepafreq=1,
        needscons=False,
    )
    model.includeHeur(
        Giver(),
        _NAME,
        "points of the search with their true objective",
        "b",
        freq=1,
        timingmask=SCIP_HEURTIMING.DURINGLPLOOP
        | SCIP_HEURTIMING.AFTERLPLOOP
        | SCIP_HEURTIMING.AFTERLPNODE
        | SCIP_HEURTIMING.AFTERPSEUDONODE
        | SCIP_HEURTIMING.BEFORENODE,
    )


def _answer(result: Any) -> dict[str, Any]:
    return {"result": result}
