"""The plug-in points of adaptive search and the data that passes through them.

A policy chooses an arm; the arm (a neighbourhood) proposes a `Subproblem` around the
incumbent of a `SearchState`; somebody solves it and reports an `Outcome`; a reward
turns the outcome into a number in [0, 1] that the policy learns from; an acceptance
rule decides which solution the next neighbourhood is built around.

All vectors live in one space, that of the presolved problem: n variables, minimise.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

if TYPE_CHECKING:
    from boundwise.core.interrupt import Interrupter
    from boundwise.heuristics.scip.effort import WorkMeter

FloatVector = NDArray[np.float64]
IntVector = NDArray[np.signedinteger]
BoolVector = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class MipView:
    """Hold the arrays of a presolved problem that neighbourhoods look at.

    Parameters
    ----------
    lower, upper
        Global bounds, shape (n,).
    objective
        Coefficients to minimise, shape (n,).
    is_integer
        Whether a variable is binary or general integer, shape (n,).
    incidence
        Which variable is in which constraint, CSR of shape (m, n).
    """

    lower: FloatVector
    upper: FloatVector
    objective: FloatVector
    is_integer: BoolVector
    incidence: sparse.csr_array

    @property
    def n_variables(self) -> int:
        """Number of variables."""
        return len(self.lower)

    @property
    def integers(self) -> IntVector:
        """Indices of the binary and general integer variables."""
        return np.flatnonzero(self.is_integer)


@dataclass(frozen=True, slots=True)
class Relaxation:
    """Hold a solution of the LP relaxation.

    Parameters
    ----------
    values
        Solution, shape (n,).
    objective
        Its objective.
    reduced_costs
        Reduced costs, shape (n,), or None where they are not known.
    """

    values: FloatVector
    objective: float
    reduced_costs: FloatVector | None = None


@dataclass(frozen=True, slots=True)
class SearchState:
    """Show a neighbourhood where the search stands.

    Parameters
    ----------
    problem
        The presolved problem.
    current
        Solution around which to search, shape (n,).
    best_objective
        Objective of the incumbent.
    bound
        Proven lower bound, or -inf.
    pool
        Good solutions, best first; ``pool[0]`` is the incumbent.
    relaxation
        The LP relaxation of the root, or None if it has not been solved yet.
    node_relaxation
        The LP relaxation of the node of a tree search where the search takes place, or
        None outside a tree.
    """

    problem: MipView
    current: FloatVector
    best_objective: float
    bound: float
    pool: Sequence[FloatVector]
    relaxation: Relaxation | None
    node_relaxation: Relaxation | None = None


@dataclass(frozen=True, slots=True)
class TighterBounds:
    """State tighter bounds of some variables.

    Parameters
    ----------
    variables
        Indices of the variables.
    lower, upper
        Their bounds, same length; infinite ones as +-inf.
    """

    variables: IntVector
    lower: FloatVector
    upper: FloatVector


@dataclass(frozen=True, slots=True)
class ExtraRows:
    """State linear rows ``lower <= matrix x <= upper`` that a sub-MIP has as well.

    Parameters
    ----------
    matrix
        CSR of shape (k, n).
    lower, upper
        Sides, shape (k,); infinite ones as +-inf.
    """

    matrix: sparse.csr_array
    lower: FloatVector
    upper: FloatVector


@dataclass(frozen=True, slots=True)
class OtherObjective:
    """State what a sub-MIP minimises instead of the problem's objective.

    Parameters
    ----------
    coefficients
        Shape (n,).
    offset
        Added to their product with a solution.
    """

    coefficients: FloatVector
    offset: float = 0.0

    def value(self, x: FloatVector) -> float:
        """Return the objective of a solution."""
        return float(self.coefficients @ x) + self.offset


@dataclass(frozen=True, slots=True)
class Subproblem:
    """State how a sub-MIP differs from the whole problem.

    Whatever it minimises, its solutions are judged by the problem's own objective:
    under another objective, a row asks for an improvement, and the first solution
    that satisfies it ends the search.

    Parameters
    ----------
    fixed
        Indices of the variables to fix.
    values
        Their values, same length.
    bounds
        Tighter bounds of variables that are not fixed.
    rows
        Linear rows in addition to those of the problem.
    objective
        What to minimise instead of the problem's objective.
    target
        Largest value of the problem's objective that is of interest here; the
        acceptance rule may ask for less.
    """

    fixed: IntVector
    values: FloatVector
    bounds: TighterBounds | None = None
    rows: ExtraRows | None = None
    objective: OtherObjective | None = None
    target: float = math.inf


class Ending(StrEnum):
    """How the search of a sub-MIP ended, as the adaptation of its size sees it."""

    EXHAUSTED = "exhausted"
    """Searched completely: the neighbourhood holds nothing better than found."""
    LIMIT = "limit"
    """A node, stall or effort limit: the neighbourhood was too large to finish."""
    INTERRUPTED = "interrupted"
    """The run as a whole had to stop: says nothing about the size."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Report what one pull of an arm brought.

    Parameters
    ----------
    ending
        How the search ended.
    best_before, best_after
        Objective of the incumbent before and after; ``inf`` for none.
    bound
        Proven lower bound, or -inf.
    effort
        What the pull cost, in seconds of CPU or in work units.
    is_noop
        Whether the arm had nothing to propose, or found only what was known.
    is_dive
        Whether the arm was a dive.
    budget_used
        Share of the arm's own budget (nodes, depth) that the pull used, in [0, 1].
    conflicts
        Number of infeasible nodes that a dive met, for conflict analysis to learn from.
    """

    ending: Ending
    best_before: float
    best_after: float
    bound: float
    effort: float
    is_noop: bool = False
    is_dive: bool = False
    budget_used: float = 0.0
    conflicts: int = 0

    @property
    def improved(self) -> bool:
        """Whether there is a better incumbent than before."""
        return self.best_after < self.best_before


@runtime_checkable
class Policy(Protocol):
    """Choose arms and learn from their rewards.

    A policy numbers its arms from 0. ``available`` restricts a choice to some arms.
    """

    @property
    def n_arms(self) -> int:
        """Number of arms."""
        ...

    def choose(
        self, rng: np.random.Generator, available: Sequence[int] | None = None
    ) -> int:
        """Return the arm to pull next."""
        ...

    def update(self, arm: int, reward: float) -> None:
        """Learn that ``arm`` earned ``reward`` in [0, 1]."""
        ...


@runtime_checkable
class RestorablePolicy(Policy, Protocol):
    """A policy that can go on from what an earlier run has learned."""

    def to_dict(self) -> dict[str, Any]:
        """Return what has been learned, as JSON holds it."""
        ...

    def restore(self, state: dict[str, Any]) -> Any:
        """Go on from what ``to_dict`` of a policy of the same kind returned."""
        ...


@runtime_checkable
class Neighbourhood(Protocol):
    """Propose a sub-MIP around the current solution."""

    @property
    def name(self) -> str:
        """Short name for logs and statistics."""
        ...

    def propose(
        self, state: SearchState, fixing_rate: float, rng: np.random.Generator
    ) -> Subproblem | None:
        """Return a sub-MIP, or None if there is none in this state.

        Parameters
        ----------
        state
            Where the search stands.
        fixing_rate
            Fraction of the integer variables to fix. Continuous variables are never
            fixed.
        rng
            Source of randomness.
        """
        ...


@runtime_checkable
class SizedNeighbourhood(Neighbourhood, Protocol):
    """A neighbourhood that knows how much it would fix if nobody told it."""

    def natural_rate(self, state: SearchState) -> float | None:
        """Return a fixing rate to begin with, or None if this state tells none."""
        ...


@runtime_checkable
class Acceptance(Protocol):
    """Decide how good a solution must be to become the one to search around."""

    def limit(
        self, current: float, best: float, bound: float, rng: np.random.Generator
    ) -> float:
        """Return the largest objective that is accepted.

        Parameters
        ----------
        current
            Objective of the solution searched around.
        best
            Objective of the incumbent.
        bound
            Proven lower bound, or -inf.
        rng
            Source of randomness.
        """
        ...


@dataclass(frozen=True, slots=True)
class StartContext:
    """Give a start what it needs to look for first solutions.

    Parameters
    ----------
    source
        Presolved ``pyscipopt.Model``, to copy from; not to be changed.
    problem
        Its arrays.
    seconds, work
        What the start may use; ``work`` is inf unless the run is limited by work.
    memory
        MiB it may hold, or None.
    seed
        Seed of its random choices.
    interrupter
        Can stop it.
    meter
        To be charged with the work.
    on_solution
        Receives the values of each solution found.
    until
        The start should end when this returns true.
    """

    source: Any
    problem: MipView
    seconds: float
    work: float
    memory: float | None
    seed: int
    interrupter: "Interrupter"
    meter: "WorkMeter"
    on_solution: Callable[[FloatVector], object]
    until: Callable[[], bool]


@runtime_checkable
class Start(Protocol):
    """Look for first solutions."""

    @property
    def name(self) -> str:
        """Short name for logs and statistics."""
        ...

    def run(self, context: StartContext) -> None:
        """Search, handing over solutions through the context."""
        ...


@runtime_checkable
class Reward(Protocol):
    """Turn the outcome of a pull into a reward."""

    def __call__(self, outcome: Outcome) -> float:
        """Return a value in [0, 1]."""
        ...
