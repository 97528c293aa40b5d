"""What a scheduler calls at a node of the tree, and what it is shown there.

An arm is anything with a name that can tell whether it makes sense at a node and can
then run once: a dive, a neighbourhood, a local search, or a user's own.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np

from boundwise.heuristics.dives.view import ScipView
from boundwise.heuristics.protocols import Ending, FloatVector
from boundwise.heuristics.scheduling.memory import TreeMemory
from boundwise.heuristics.scip.transfer import make_solution


@dataclass(frozen=True, slots=True)
class NodeContext:
    """Show an arm where the tree search stands.

    Parameters
    ----------
    model
        The ``pyscipopt.Model``, inside a heuristic callback, its LP solved.
    heuristic
        The ``pyscipopt.Heur`` to book solutions to.
    memory
        What is known of the problem and of the search so far.
    rng
        Source of randomness.
    allowance
        What the arm may use: seconds, or work units if ``is_timed`` is false.
    is_timed
        Whether the run may look at the clock.
    in_cut_loop
        Whether the LP of the node, the root, is still being separated.
    """

    model: Any
    heuristic: Any
    memory: TreeMemory
    rng: np.random.Generator
    allowance: float
    is_timed: bool
    in_cut_loop: bool = False

    @property
    def view(self) -> ScipView:
        """Arrays of the problem at this node."""
        return self.memory.view

    def remaining(self) -> float:
        """Return the seconds until the model's own time limit."""
        limit = self.model.getParam("limits/time")
        return max(0.0, float(limit - self.model.getSolvingTime()))

    def try_solution(self, values: FloatVector) -> bool:
        """Let SCIP check a solution; tell whether it took it.

        Parameters
        ----------
        values
            In the order of the transformed variables, shape (n,).
        """
        solution = make_solution(
            self.model, self.view.variables, values, self.heuristic
        )
        return bool(self.model.trySol(solution, printreason=False))


@dataclass(frozen=True, slots=True)
class ArmRun:
    """Report how a run of an arm went.

    Parameters
    ----------
    ending
        How it ended.
    n_solutions
        Solutions that SCIP took.
    is_noop
        Whether there was nothing to do.
    is_dive
        Whether it was a dive.
    budget_used
        Share of its own limits that the run used, in [0, 1].
    conflicts
        Infeasible nodes that a dive met.
    outside
        Work that the model's own counters do not show.
    """

    ending: Ending
    n_solutions: int = 0
    is_noop: bool = False
    is_dive: bool = False
    budget_used: float = 0.0
    conflicts: int = 0
    outside: float = 0.0


@runtime_checkable
class TreeArm(Protocol):
    """Run a heuristic at a node."""

    @property
    def name(self) -> str:
        """Short name for logs and statistics."""
        ...

    def is_available(self, node: NodeContext) -> bool:
        """Tell whether the arm has what it needs at this node."""
        ...

    def run(self, node: NodeContext) -> ArmRun:
        """Run once. Solutions go to ``node.model.trySol``."""
        ...


@runtime_checkable
class TunedArm(TreeArm, Protocol):
    """An arm with a size or threshold that adapts."""

    @property
    def setting(self) -> float:
        """Present fixing rate of a neighbourhood, or LP threshold of a dive."""
        ...


@dataclass(slots=True)
class ArmStatistics:
    """Count what an arm did.

    Parameters
    ----------
    name
        The arm's name.
    """

    name: str
    calls: int = 0
    noops: int = 0
    solutions: int = 0
    improvements: int = 0
    effort: float = 0.0
    rewards: float = 0.0
    error: str | None = field(default=None)

    @property
    def mean_reward(self) -> float:
        """Mean reward of a call, 0 if there was none."""
        return self.rewards / self.calls if self.calls else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as JSON holds them."""
        return {
            "name": self.name,
            "calls": self.calls,
            "noops": self.noops,
            "solutions": self.solutions,
            "improvements": self.improvements,
            "mean_reward": self.mean_reward,
            "effort": self.effort,
        }
