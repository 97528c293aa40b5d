"""What a Frank-Wolfe run returns, and what its callback sees."""

from dataclasses import dataclass
from enum import StrEnum

from boundwise.heuristics.frank_wolfe.active_set import ActiveSet
from boundwise.heuristics.frank_wolfe.protocols import Floats
from boundwise.heuristics.frank_wolfe.shadow_set import ShadowSet


class Reason(StrEnum):
    """State why a Frank-Wolfe run stopped."""

    GAP = "gap"
    """Value and bound are as close as asked."""
    CUTOFF = "cutoff"
    """The bound passed the cutoff."""
    EMPTY = "empty"
    """The oracle proved the set empty."""
    ITERATION_LIMIT = "iteration_limit"
    TIME_LIMIT = "time_limit"
    CALLBACK = "callback"
    """The callback asked for the end."""
    STALLED = "stalled"
    """No step makes progress in floating point, or the oracle neither finds nor
    proves anything."""


class StepKind(StrEnum):
    """Name what one iteration did."""

    START = "start"
    FORWARD = "forward"
    AWAY = "away"
    PAIRWISE = "pairwise"
    DESCENT = "descent"
    """A step within the simplex of the weights."""
    CORRECTIVE = "corrective"
    """The weights solved for directly."""
    DUAL = "dual"
    """No step: the oracle proved that the gap is smaller than thought."""


@dataclass(frozen=True, slots=True)
class FrankWolfeState:
    """Show a callback where the run stands; its arrays are not to be changed.

    Parameters
    ----------
    iteration
        Iterations made.
    step
        What the last one did.
    x, value, gradient
        The iterate with its objective and gradient.
    bound
        Best proven lower bound so far.
    oracle_calls
        Calls of the oracle so far.
    active_set
        The atoms of the iterate; None for methods without.
    shadow
        The discarded vertices.
    """

    iteration: int
    step: StepKind
    x: Floats
    value: float
    gradient: Floats
    bound: float
    oracle_calls: int
    active_set: ActiveSet | None
    shadow: ShadowSet


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrankWolfeResult:
    """Hold the end of a Frank-Wolfe run.

    Parameters
    ----------
    x
        The last iterate; None if the set is empty.
    value
        Its objective, ``inf`` without an iterate.
    bound
        Proven lower bound of the minimum of a convex f over the set, the best of all
        iterations; ``inf`` if the set is empty.
    reason
        Why the run stopped.
    iterations, oracle_calls
        Iterations made, and calls of the oracle.
    oracle_seconds
        Wall-clock seconds spent in the oracle.
    gradient
        Gradient at ``x``, None without an iterate.
    active_set
        Atoms and weights of ``x``; None for methods without, or an empty set.
    shadow
        Discarded vertices.
    """

    x: Floats | None
    value: float
    bound: float
    reason: Reason
    iterations: int
    oracle_calls: int
    oracle_seconds: float
    gradient: Floats | None
    active_set: ActiveSet | None
    shadow: ShadowSet

    @property
    def gap(self) -> float:
        """Absolute gap between value and bound; zero for an empty set."""
        if self.reason is Reason.EMPTY:
            return 0.0
        return max(0.0, self.value - self.bound)

    @property
    def converged(self) -> bool:
        """Whether the gap asked for was reached, or the set proven empty."""
        return self.reason in {Reason.GAP, Reason.EMPTY}
