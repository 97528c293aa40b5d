"""When a dive solves its LP again: after a share of all domains has changed.

The share adapts to how dives end: one that ran into its limit needs fewer LPs, one
that found nothing needs more. Each change is a step that shrinks, so that the share
settles.

Hendel, Miltenberger, Witzig (2019), doi:10.1007/978-3-030-19212-9_36; the rule is
that of Chmiela, Gleixner, Lichocki, Pokutta (2023), arXiv:2304.03755.
"""

from dataclasses import dataclass

from boundwise.core.errors import InputError


@dataclass(slots=True)
class LpThreshold:
    """A share of domain changes in [least, most].

    Parameters
    ----------
    value
        Share to begin with.
    least, most
        Range, within [0, 1].
    step
        First step.
    decay
        Factor on the step after each change, in (0, 1].
    least_step
        Floor of the step.
    """

    value: float = 0.05
    least: float = 0.05
    most: float = 0.3
    step: float = 0.1
    decay: float = 0.75
    least_step: float = 0.01

    def __post_init__(self) -> None:
        """Validate the range."""
        if not 0.0 <= self.least <= self.value <= self.most <= 1.0:
            raise InputError(
                "a threshold needs 0 <= least <= value <= most <= 1, got "
                f"{self.least!r}, {self.value!r}, {self.most!r}."
            )
        if not 0.0 < self.least_step <= self.step or not 0.0 < self.decay <= 1.0:
            raise InputError(
                "a threshold needs 0 < least_step <= step and 0 < decay <= 1, got "
                f"{self.least_step!r}, {self.step!r}, {self.decay!r}."
            )

    def update(self, *, hit_limit: bool, found: bool) -> None:
        """Adapt to how a dive ended.

        Parameters
        ----------
        hit_limit
            Whether it ran into a limit.
        found
            Whether it found a new incumbent.
        """
        if found:
            return
        move = self.step if hit_limit else -self.step
        self.value = min(self.most, max(self.least, self.value + move))
        self.step = max(self.least_step, self.decay * self.step)
