"""A part of a solve that may use a share of it, by the clock or by work.

With share s, head start h, and c the cost of the part so far out of a total t of the
whole solve (the part included), the part may use up to  h + s t - c  more. Where only a
fraction w(t) of the share is granted, s t becomes the integral of s w(t): what has been
earned stays earned. While nothing is found, at most  p (h + s t) - f  may be used: f is
its cost since the last success, and p in [0, 1] its patience.
"""

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from boundwise.core.arguments import as_number
from boundwise.heuristics.scip.effort import work_of


@runtime_checkable
class Share(Protocol):
    """Measure a solve, and state what a part of it may use."""

    @property
    def share(self) -> float:
        """Fraction of the solve, in (0, 1)."""
        ...

    @property
    def head_start(self) -> float:
        """What may be used before."""
        ...

    @property
    def least(self) -> float:
        """What any call costs at least, so that no sequence of calls is free."""
        ...

    @property
    def is_timed(self) -> bool:
        """Whether the share looks at the clock."""
        ...

    def total(self, model: Any) -> float:
        """Return what the whole solve has used so far."""
        ...


@dataclass(frozen=True, slots=True)
class TimeShare:
    """A share of the solving time, in seconds of the model's own clock.

    Parameters
    ----------
    share
        Fraction in (0, 1).
    head_start
        Seconds that may be used before.
    """

    share: float = 0.2
    head_start: float = 0.5

    def __post_init__(self) -> None:
        """Validate the share."""
        _check(self.share, self.head_start)

    @property
    def least(self) -> float:
        """What any call costs at least: nothing, for the clock goes on."""
        return 0.0

    @property
    def is_timed(self) -> bool:
        """Whether the share looks at the clock: it does."""
        return True

    def total(self, model: Any) -> float:
        """Return the solving time."""
        return float(model.getSolvingTime())


@dataclass(frozen=True, slots=True)
class WorkShare:
    """A share of the work, in simplex iterations and nodes: reproducible.

    Parameters
    ----------
    share
        Fraction in (0, 1).
    head_start
        Work units that may be used before, see `boundwise.heuristics.scip.effort`.
    """

    share: float = 0.2
    head_start: float = 5.0

    def __post_init__(self) -> None:
        """Validate the share."""
        _check(self.share, self.head_start)

    @property
    def least(self) -> float:
        """What any call costs at least: as much as ten simplex iterations."""
        return 0.01

    @property
    def is_timed(self) -> bool:
        """Whether the share looks at the clock: it does not."""
        return False

    def total(self, model: Any) -> float:
        """Return the work of the solve."""
        return work_of(model)


@dataclass(slots=True)
class Account:
    """What a part of a solve has used of its share.

    Parameters
    ----------
    share
        How much it may use.
    spent
        Its cost so far.
    outside
        Cost of the part that the solve's own total does not show, such as that of
        sub-MIPs counted by work.
    fruitless
        Its cost since the last success.
    earned
        What it has been granted so far, without the head start.
    """

    share: Share
    spent: float = 0.0
    outside: float = 0.0
    fruitless: float = 0.0
    earned: float = 0.0
    _until: float = 0.0

    def allowance(
        self, model: Any, fraction: float = 1.0, patience: float = 1.0
    ) -> float:
        """Return what may be used now; negative after an overdraft.

        Parameters
        ----------
        model
            The solve.
        fraction
            Fraction of the share that is granted since the last time, in [0, 1].
        patience
            Fraction of all that was granted that may be used without success.
        """
        share = self.share
        now = share.total(model) + self.outside
        self.earned += share.share * fraction * (now - self._until)
        self._until = now
        whole = share.head_start + self.earned
        return min(whole - self.spent, patience * whole - self.fruitless)

    def charge(self, amount: float, outside: float = 0.0) -> None:
        """Add a cost, of which ``outside`` is not part of the solve's total."""
        self.spent += amount + outside
        self.fruitless += amount + outside
        self.outside += outside

    def succeed(self) -> None:
        """Begin anew to count what is used without success."""
        self.fruitless = 0.0


def _check(share: float, head_start: float) -> None:
    as_number("share", share, above=0, below=1)
    as_number("head_start", head_start, at_least=0)
