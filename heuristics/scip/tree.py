"""SCIP's own tree search on a model of the presolved problem, in resumable slices.

A slice continues where the last one stopped. Incumbents found elsewhere are handed in
before a slice; solutions found inside are handed out while it runs. Its dual bound is
a bound for the whole problem.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from boundwise.core.errors import StageError
from boundwise.core.interrupt import Interrupter
from boundwise.heuristics.protocols import FloatVector, Relaxation
from boundwise.heuristics.scip.drive import Driver
from boundwise.heuristics.scip.effort import WorkMeter
from boundwise.heuristics.scip.plugin import TreePlugin
from boundwise.heuristics.scip.relaxation import RelaxationRecorder
from boundwise.heuristics.scip.settings import (
    Presolve,
    apply_options,
    set_presolve,
    set_seed,
    use_feasibility_emphasis,
)
from boundwise.heuristics.scip.submip import OnSolution, SolutionTap
from boundwise.heuristics.scip.transfer import make_solution

#: SCIP's stage number after transforming: before it, asking for bounds crashes.
_TRANSFORMED = 3
_INFEASIBLE = {"infeasible", "inforunbd"}


class TreeSearch:
    """Search the whole presolved problem, a slice at a time.

    Parameters
    ----------
    model
        ``pyscipopt.Model`` in problem stage, such as a copy of the presolved one; from
        now on it belongs to the tree.
    variables
        Its variables, in the order of the values of solutions.
    seed
        Seed of SCIP's random choices.
    interrupter
        Can stop a slice.
    meter
        Charged with the work.
    on_solution
        Receives the values of every improving solution.
    feasibility
        Whether to look for solutions first (SCIP's FEASIBILITY emphasis with an
        eager feasibility pump), or to search with SCIP's default settings.
    presolve
        How thoroughly to presolve, see `presolve_again`.
    options
        The user's own SCIP parameters, set last.
    plugin
        Heuristics of our own that run inside the slices.
    """

    def __init__(
        self,
        model: Any,
        variables: Sequence[Any],
        *,
        seed: int,
        interrupter: Interrupter,
        meter: WorkMeter,
        on_solution: OnSolution,
        feasibility: bool = False,
        presolve: Presolve = "default",
        options: Mapping[str, Any] | None = None,
        plugin: TreePlugin | None = None,
    ) -> None:
        self._model, self._variables = model, list(variables)
        if feasibility:
            use_feasibility_emphasis(self._model)
        set_presolve(self._model, presolve)
        set_seed(self._model, seed)
        apply_options(self._model, options or {})
        self._positions = {v.name: i for i, v in enumerate(self._variables)}
        self._driver = Driver(self._model, interrupter, meter)
        self._recorder = RelaxationRecorder(self._driver, self._variables)
        pace = 0.0 if meter.is_limited else 10.0
        self._tap = SolutionTap(self._variables, on_solution, pace)
        self._tap.attach(self._driver)
        if plugin is not None:
            plugin.attach(self._model, self._driver.fail)
        self._freed = False
        self.status = "unknown"

    @property
    def relaxation(self) -> Relaxation | None:
        """The latest LP relaxation of the root."""
        return self._recorder.latest

    @property
    def bound(self) -> float:
        """Proven lower bound in the space of the copy, -inf if there is none."""
        if not self._is_begun or self.proves_infeasible or not self.is_sound:
            return -math.inf
        bound = self._model.getDualbound()
        return -math.inf if self._model.isInfinity(abs(bound)) else float(bound)

    @property
    def is_sound(self) -> bool:
        """Whether a bound or an optimum of this tree may be believed."""
        return not self._recorder.was_unbounded

    @property
    def is_finished(self) -> bool:
        """Whether the tree is searched completely."""
        return self.status in {"optimal", "unbounded", *_INFEASIBLE}

    @property
    def proves_infeasible(self) -> bool:
        """Whether the tree holds no solution (better than the ones handed in)."""
        return self.status in _INFEASIBLE

    @property
    def objective(self) -> float:
        """Objective of the tree's best solution in the space of the copy, or inf."""
        if not self._is_begun:
            return math.inf
        return float(self._model.getPrimalbound())

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

        Raises
        ------
        StageError
            If the tree has been freed.
        """
        if self._freed:
            raise StageError("a tree that has been freed cannot be searched.")
        if self.is_finished:
            return
        if memory is not None:
            held = self._model.getMemUsed() / 2**20
            self._model.setParam("limits/memory", memory + held)
        if incumbent is not None:
            self.hand_in(incumbent)
        self.status = self._driver.run(seconds, work, until)
        self._tap.flush(self._model)

    def hand_in(self, values: FloatVector, heuristic: Any = None) -> bool:
        """Give the tree a solution, between slices or inside a heuristic of its own.

        Parameters
        ----------
        values
            The solution.
        heuristic
            The ``pyscipopt.Heur`` that the solution is booked to, or None.

        Returns
        -------
        bool
            Whether SCIP keeps it.
        """
        model = self._model
        if not self._is_begun:
            return bool(model.addSol(make_solution(model, self._variables, values)))
        # The model was presolved again: its active variables are found by name, and
        # if one has no counterpart (a restart made it), the solution stays outside.
        active = model.getVars(transformed=True)
        names = [v.name.removeprefix("t_") for v in active]
        if any(name not in self._positions for name in names):
            return False
        positions = [self._positions[name] for name in names]
        solution = make_solution(model, active, values[positions], heuristic)
        return bool(model.trySol(solution, printreason=False))

    def free(self) -> None:
        """Release the memory of the tree."""
        self._model.free()
        self._freed = True

    @property
    def _is_begun(self) -> bool:
        return not self._freed and self._model.getStage() >= _TRANSFORMED
