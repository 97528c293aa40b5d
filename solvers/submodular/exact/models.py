"""A SCIP model of the maximization, and how it is run."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyscipopt import SCIP_EVENTTYPE, Model, quicksum

from boundwise.core.errors import InputError
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Limits
from boundwise.heuristics.scip.drive import Driver
from boundwise.heuristics.scip.effort import WorkMeter
from boundwise.heuristics.scip.settings import apply_options, set_seed
from boundwise.heuristics.scip.submip import SolutionTap
from boundwise.heuristics.scip.transfer import make_quiet
from boundwise.solvers.submodular.exact.cuts import NemhauserWolsey
from boundwise.solvers.submodular.exact.formulations import (
    add_elements,
    has_direct_form,
    set_direct_objective,
)
from boundwise.solvers.submodular.exact.oracle import StackOracle
from boundwise.solvers.submodular.objectives import Objective
from boundwise.solvers.submodular.objectives.base import CompiledObjective

Ints = NDArray[np.int64]


@dataclass(eq=False)
class ExactModel:
    """Hold a model whose variables x choose elements.

    Parameters
    ----------
    model
        The model, in problem stage.
    x
        Binary variable of each element.
    eta
        Variable of the value, or None in a direct formulation.
    cuts
        Handler of the cuts, or None in a direct formulation.
    """

    model: Model
    x: list[Any]
    eta: Any = None
    cuts: NemhauserWolsey | None = None
    _status: str = field(default="unknown", init=False)

    def prepare(self, limits: Limits, seed: int, options: Mapping[str, Any]) -> None:
        """Set limits and parameters; the user's own come last, symmetry stays off."""
        make_quiet(self.model)
        set_seed(self.model, seed)
        self.model.setParam("limits/gap", limits.gap)
        if limits.memory_limit is not None:
            self.model.setParam("limits/memory", limits.memory_limit)
        if self.cuts is not None:
            self.cuts.attach(self.model)
            if "misc/usesymmetry" in options:
                raise InputError(
                    "solver_options must leave misc/usesymmetry alone: SCIP does not "
                    "see the symmetry that the cuts break, and would cut off optima."
                )
        apply_options(self.model, options)

    def start_from(self, chosen: Sequence[int], value: float) -> None:
        """Give SCIP a first solution; it completes the variables it is not told."""
        model = self.model
        partial = model.createPartialSol()
        marks = np.zeros(len(self.x))
        marks[list(chosen)] = 1.0
        for variable, mark in zip(self.x, marks.tolist(), strict=True):
            model.setSolVal(partial, variable, mark)
        if self.eta is not None:
            model.setSolVal(partial, self.eta, value)
        model.addSol(partial)

    def run(
        self,
        interrupter: Interrupter,
        seconds: float,
        on_set: Callable[[list[int]], object],
        on_bound: Callable[[float], object],
    ) -> str:
        """Search; return SCIP's status.

        Raises
        ------
        SolverError
            If SCIP fails.
        Exception
            What the objective raised.
        """
        model = self.model

        def take(values: NDArray[np.float64]) -> None:
            on_set(np.flatnonzero(values > 0.5).tolist())

        def note(running: Model) -> None:
            bound = running.getDualbound()
            if math.isfinite(bound) and not running.isInfinity(abs(bound)):
                on_bound(bound)

        driver = Driver(model, interrupter, WorkMeter())
        tap = SolutionTap(self.x, take)
        tap.attach(driver)
        driver.on(SCIP_EVENTTYPE.DUALBOUNDIMPROVED, note)
        self._status = driver.run(seconds, math.inf)
        if self.cuts is not None and self.cuts.error is not None:
            raise self.cuts.error
        tap.flush(model)
        note(model)
        return self._status

    def stats(self) -> dict[str, Any]:
        """Return what the search took."""
        return {
            "method": "direct" if self.cuts is None else "cuts",
            "scip_status": self._status,
            "nodes": int(self.model.getNTotalNodes()),
            "cuts": 0 if self.cuts is None else self.cuts.n_cuts,
        }


def build(
    objective: Objective,
    candidates: Ints,
    k: int,
    method: str,
    oracle: StackOracle,
    upper_bound: float,
) -> ExactModel:
    """Build the model of a method.

    Parameters
    ----------
    objective, candidates, k
        The problem.
    method
        ``"auto"``, ``"direct"`` or ``"cuts"``.
    oracle
        Answers the cuts.
    upper_bound
        A proven bound, infinite if there is none.

    Raises
    ------
    InputError
        If ``method`` is ``"direct"`` and the objective has no direct formulation.
    """
    model = Model()
    allowed = np.zeros(objective.n, dtype=np.bool_)
    allowed[candidates] = True
    x = add_elements(model, allowed, k)
    direct = has_direct_form(objective)
    if method == "direct" and not direct:
        raise InputError(
            "method must be 'cuts': only coverage and facility location have a "
            f"direct formulation, not {type(objective).__name__}."
        )
    if direct and method != "cuts":
        assert isinstance(objective, CompiledObjective)
        set_direct_objective(model, x, objective)
        return ExactModel(model, x)
    _, [singletons] = oracle.along(np.empty(0, dtype=np.int64))
    ceiling = min(upper_bound, float(np.sort(singletons)[::-1][:k].sum()))
    eta = model.addVar(name="eta", vtype="C", lb=0.0, ub=ceiling)
    model.setObjective(eta, "maximize")
    # The cut of the empty set as a constraint: nothing sees eta alone.
    model.addCons(
        eta
        <= quicksum(
            float(gain) * variable
            for gain, variable in zip(singletons, x, strict=True)
            if gain > 0.0
        )
    )
    return ExactModel(model, x, eta, NemhauserWolsey(oracle, eta, x, k))
