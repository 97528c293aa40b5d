"""A neighbourhood as an arm: its sub-MIP, with a size and a node limit that adapt.

The sub-MIP asks for a share of the gap; every solution goes to the tree at once. A
sub-MIP searched completely was too small, one that hit its limit without news too
large; where even the largest share is fixed, it gets more nodes instead.
"""

import numpy as np

from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline
from boundwise.heuristics.acceptance import HillClimbing
from boundwise.heuristics.protocols import (
    Acceptance,
    Ending,
    FloatVector,
    Neighbourhood,
    Outcome,
    SearchState,
    SizedNeighbourhood,
)
from boundwise.heuristics.scheduling.arm import ArmRun, NodeContext
from boundwise.heuristics.scip.effort import WorkMeter
from boundwise.heuristics.scip.submip import SubMipLimits, solve_submip
from boundwise.heuristics.sizes import AdaptiveRate

#: Most nodes of a sub-MIP, and how they grow.
_MOST_NODES, _GROWTH = 5000, 1.2
#: Integer variables that a neighbourhood leaves free at most to begin with.
_FIRST_FREE = 4000
#: A limit by work that no run reaches: it only says that work is what counts.
_COUNT_WORK = 1e15


class NeighbourhoodArm:
    """Search one neighbourhood around the incumbent.

    Parameters
    ----------
    neighbourhood
        Says what the sub-MIP is.
    nodes
        Nodes of the first sub-MIP.
    acceptance
        Says how good a solution must be.
    interrupter
        Can stop a sub-MIP; None if only its limits do.
    needs_solution
        Whether the neighbourhood is one of an incumbent; else it is searched before
        there is one, too.
    """

    def __init__(
        self,
        neighbourhood: Neighbourhood,
        *,
        nodes: int = 200,
        acceptance: Acceptance | None = None,
        interrupter: Interrupter | None = None,
        needs_solution: bool = True,
    ) -> None:
        self._neighbourhood = neighbourhood
        self._nodes = float(nodes)
        self._acceptance = acceptance or HillClimbing(min_improvement=0.01)
        self._interrupter = interrupter or Interrupter(Deadline())
        self._rate = AdaptiveRate(value=0.8)
        self._is_sized = False
        self._needs_solution = needs_solution

    @property
    def name(self) -> str:
        """Name of the neighbourhood."""
        return self._neighbourhood.name

    @property
    def setting(self) -> float:
        """Share of the integer variables that is fixed."""
        return self._rate.value

    def is_available(self, node: NodeContext) -> bool:
        """Tell whether there is what to search around, and a way to copy."""
        view = node.view
        return (
            (view.incumbent is not None or not self._needs_solution)
            and bool(view.is_integer.any())
            and (view.rows is not None or view.can_be_copied)
        )

    def run(self, node: NodeContext) -> ArmRun:
        """Search once and adapt size and node limit."""
        state = node.memory.state()
        if not self._is_sized:
            self._set_first_rate(state)
        subproblem = self._neighbourhood.propose(state, self._rate.value, node.rng)
        if subproblem is None:
            return ArmRun(Ending.LIMIT, is_noop=True)
        found = 0

        def hand_over(values: FloatVector) -> None:
            nonlocal found
            found += node.try_solution(values)

        meter = WorkMeter(np.inf if node.is_timed else _COUNT_WORK)
        report = solve_submip(
            node.model,
            subproblem,
            cutoff=self._acceptance.limit(
                state.best_objective, state.best_objective, state.bound, node.rng
            ),
            limits=self._limits(node),
            seed=int(node.rng.integers(2**31 - 1)),
            interrupter=self._interrupter,
            meter=meter,
            on_solution=hand_over,
            linear=node.view.rows,
        )
        nodes = self._nodes
        self._adapt(node, state, report.ending)
        return ArmRun(
            ending=report.ending,
            n_solutions=found,
            budget_used=min(1.0, report.nodes / nodes),
            outside=meter.used,
        )

    def _limits(self, node: NodeContext) -> SubMipLimits:
        nodes = round(self._nodes)
        remaining = node.remaining()
        return SubMipLimits(
            seconds=min(node.allowance, remaining) if node.is_timed else remaining,
            work=np.inf if node.is_timed else node.allowance,
            nodes=nodes,
            stall_nodes=max(50, nodes // 3),
        )

    def _set_first_rate(self, state: SearchState) -> None:
        self._is_sized = True
        rate = self._rate
        first = max(rate.value, 1.0 - _FIRST_FREE / len(state.problem.integers))
        if isinstance(self._neighbourhood, SizedNeighbourhood):
            natural = self._neighbourhood.natural_rate(state)
            first = first if natural is None else max(first, natural)
        rate.value = min(rate.highest, max(rate.lowest, first))

    def _adapt(self, node: NodeContext, state: SearchState, ending: Ending) -> None:
        outcome = Outcome(
            ending=ending,
            best_before=state.best_objective,
            best_after=float(node.model.getUpperbound()),
            bound=state.bound,
            effort=0.0,
        )
        before = self._rate.value
        self._rate.update(outcome)
        at_most = self._rate.value == before == self._rate.highest
        if ending is Ending.LIMIT and (outcome.improved or at_most):
            self._nodes = min(_MOST_NODES, _GROWTH * self._nodes)
