"""Sizes that adapt: the fixing rate of a neighbourhood follows how its sub-MIPs end.

A sub-MIP that was searched completely was too small: lower the rate. One that hit a
limit without a new incumbent was too large: raise it. The step shrinks by a factor
with every change, so that the rate settles; this is the rule of SCIP's adaptive large
neighbourhood search (Hendel, 2022, doi:10.1007/s12532-021-00209-7), with a floor on
the step that lets the rate follow a search that changes.
"""

from dataclasses import dataclass

from boundwise.core.errors import InputError
from boundwise.heuristics.protocols import Ending, Outcome


@dataclass(slots=True)
class AdaptiveRate:
    """A fixing rate in [lowest, highest] with its own step.

    Parameters
    ----------
    value
        Rate to begin with.
    lowest, highest
        Range of the rate, within [0, 1].
    step
        First change of the rate.
    decay
        Factor on the step after each change, in (0, 1].
    least_step
        Floor of the step.
    """

    value: float = 0.7
    lowest: float = 0.1
    highest: float = 0.97
    step: float = 0.2
    decay: float = 0.75
    least_step: float = 0.02

    def __post_init__(self) -> None:
        """Validate the range."""
        if not 0.0 <= self.lowest <= self.value <= self.highest <= 1.0:
            raise InputError(
                "a rate needs 0 <= lowest <= value <= highest <= 1, got "
                f"{self.lowest!r}, {self.value!r}, {self.highest!r}."
            )
        if not 0.0 < self.least_step <= self.step or not 0.0 < self.decay <= 1.0:
            raise InputError(
                "a rate needs 0 < least_step <= step and 0 < decay <= 1, got "
                f"{self.least_step!r}, {self.step!r}, {self.decay!r}."
            )

    def update(self, outcome: Outcome) -> None:
        """Adapt the rate to how a sub-MIP ended."""
        if outcome.is_noop and outcome.ending is not Ending.EXHAUSTED:
            return
        if outcome.ending is Ending.EXHAUSTED:
            change = -self.step
        elif outcome.ending is Ending.LIMIT and not outcome.improved:
            change = self.step
        else:
            return
        self.value = min(self.highest, max(self.lowest, self.value + change))
        self.step = max(self.least_step, self.step * self.decay)
