"""What a dive decides by: candidates, what a rule may look at, and the rule itself.

A dive follows one path of the tree: it takes the fractional integers of the LP
solution, lets a rule rank them and say which way to round each, and rounds the first
ones until the LP is worth solving again. Only the ranking differs from dive to dive.
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.protocols import BoolVector, FloatVector, IntVector

#: A fraction smaller than this is a near miss of an integer: rounding it tells little.
NEAR_INTEGER = 0.01


@dataclass(frozen=True, slots=True)
class Candidates:
    """Hold the k integer variables whose LP value is fractional.

    Parameters
    ----------
    positions
        Their positions among all variables, shape (k,).
    values
        Their values in the LP solution, shape (k,).
    locks_down, locks_up
        How many constraints rounding down or up may break, shape (k,).
    """

    positions: IntVector
    values: FloatVector
    locks_down: IntVector
    locks_up: IntVector

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def fractions(self) -> FloatVector:
        """Distance to the next integer below, in (0, 1)."""
        return self.values - np.floor(self.values)

    @property
    def roundable(self) -> BoolVector:
        """Whether one way of rounding breaks no constraint."""
        return np.asarray((self.locks_down == 0) | (self.locks_up == 0))

    def distances(self, up: BoolVector) -> FloatVector:
        """Return how far each moves when rounded the given way."""
        fractions = self.fractions
        return np.where(up, 1.0 - fractions, fractions)


@dataclass(frozen=True, slots=True)
class Ranking:
    """State in which order and which way to round.

    Parameters
    ----------
    scores
        Largest first, shape (k,).
    up
        Whether to round up, shape (k,).
    """

    scores: FloatVector
    up: BoolVector


class DiveView(Protocol):
    """Show a rule the problem at the node where the dive is.

    All vectors are in the order of the transformed variables; the problem minimises.
    """

    @property
    def objective(self) -> FloatVector:
        """Coefficients, shape (n,)."""
        ...

    @property
    def is_binary(self) -> BoolVector:
        """Which variables are binary, shape (n,)."""
        ...

    @property
    def root(self) -> FloatVector | None:
        """LP solution of the root, shape (n,), or None if it is not known."""
        ...

    @property
    def incumbent(self) -> FloatVector | None:
        """Best known solution, shape (n,), or None."""
        ...

    @property
    def rows(self) -> LinearMip | None:
        """The linear rows, or None if the problem is not linear."""
        ...

    def values(self) -> FloatVector:
        """Return the LP solution, shape (n,)."""
        ...

    def local_bounds(self) -> tuple[FloatVector, FloatVector]:
        """Return lower and upper bounds at this node, each of shape (n,)."""
        ...

    def pseudocosts(self, positions: IntVector) -> tuple[FloatVector, FloatVector]:
        """Return the objective gained for each unit moved down and up."""
        ...


@runtime_checkable
class DiveRule(Protocol):
    """Rank candidates."""

    @property
    def name(self) -> str:
        """Short name for logs and statistics."""
        ...

    def applies(self, view: DiveView) -> bool:
        """Tell whether the rule knows what it needs."""
        ...

    def rank(
        self, candidates: Candidates, view: DiveView, rng: np.random.Generator
    ) -> Ranking:
        """Return the order and the directions."""
        ...


def prefer(
    candidates: Candidates,
    view: DiveView,
    scores: FloatVector,
    distances: FloatVector,
) -> FloatVector:
    """Put weak decisions behind strong ones, whatever their scores.

    First come binary variables that no rounding leaves feasible for certain, then
    general integers, then those that can be rounded without harm; moves too short to
    change much come last in each class.

    Parameters
    ----------
    candidates, view
        What is ranked.
    scores
        Larger is better, shape (k,).
    distances
        How far each moves, shape (k,).
    """
    spread = float(np.ptp(scores)) + 1.0
    classes = 4.0 * candidates.roundable
    classes = classes + 2.0 * ~view.is_binary[candidates.positions]
    classes = classes + 1.0 * (distances < NEAR_INTEGER)
    return scores - spread * classes
