"""Sizes that adapt: the free share of a neighbourhood follows how its sub-MIPs end.

A sub-MIP that was searched completely was too small: multiply the share of free
variables by a factor. One that hit a limit without a new incumbent was too large:
divide it. The factor shrinks towards 1 with every change, so that the size settles,
but never below a floor, so that it can follow a search that changes.

The directions are those of SCIP's adaptive large neighbourhood search (Hendel, 2022,
doi:10.1007/s12532-021-00209-7), whose steps are additive. Where a hundredth of the
variables is the right size, a step of a tenth never finds it; a factor does.
"""

from dataclasses import dataclass

from boundwise.core.errors import InputError
from boundwise.heuristics.protocols import Ending, Outcome


@dataclass(slots=True)
class AdaptiveRate:
    """A fixing rate in [lowest, highest] whose free share moves by a factor.

    Parameters
    ----------
    value
        Rate to begin with.
    lowest, highest
        Range of the rate, within [0, 1).
    factor
        First factor on the free share, above 1.
    decay
        Factor on the excess of ``factor`` over 1 after each change, in (0, 1].
    least_factor
        Floor of the factor, above 1.
    """

    value: float = 0.7
    lowest: float = 0.1
    highest: float = 0.998
    factor: float = 2.0
    decay: float = 0.8
    least_factor: float = 1.1

    def __post_init__(self) -> None:
        """Validate the range."""
        if not 0.0 <= self.lowest <= self.value <= self.highest < 1.0:
            raise InputError(
                "a rate needs 0 <= lowest <= value <= highest < 1, got "
                f"{self.lowest!r}, {self.value!r}, {self.highest!r}."
            )
        if not 1.0 < self.least_factor <= self.factor or not 0.0 < self.decay <= 1.0:
            raise InputError(
                "a rate needs 1 < least_factor <= factor and 0 < decay <= 1, got "
                f"{self.least_factor!r}, {self.factor!r}, {self.decay!r}."
            )

    def update(self, outcome: Outcome) -> None:
        """Adapt the rate to how a sub-MIP ended."""
        free = 1.0 - self.value
        if outcome.ending is Ending.EXHAUSTED:
            free *= self.factor
        elif (
            outcome.ending is Ending.LIMIT
            and not outcome.improved
            and not outcome.is_noop
        ):
            free /= self.factor
        else:
            return
        self.value = min(self.highest, max(self.lowest, 1.0 - free))
        self.factor = max(self.least_factor, 1.0 + (self.factor - 1.0) * self.decay)
