"""Let SCIP restart at the root only where that makes the problem much smaller.

SCIP presolves and separates the root again when 2.5 % of the integer variables are
fixed there. A good incumbent fixes that many by reduced cost: arms that find one early,
and then a better one, would have the root separated time and again, which costs more
than the fixings save.
"""

import math
from typing import Any

from boundwise.core.errors import InputError

_PARAMETER = "presolving/restartfac"
#: What SCIP does unless somebody has said otherwise.
_DEFAULT = 0.025


class RootRestarts:
    """Set the share of fixed variables from which on one model restarts.

    Parameters
    ----------
    model
        A ``pyscipopt.Model``.
    fraction
        The share, in (0, 1]; None leaves SCIP's own. A share that the user has set
        stays.

    Raises
    ------
    InputError
        If ``fraction`` is not such a number.
    """

    def __init__(self, model: Any, fraction: float | None) -> None:
        if fraction is not None and not _is_share(fraction):
            raise InputError(f"restart_fraction must be in (0, 1], got {fraction!r}.")
        self._model = model
        self._fraction = fraction

    def spare(self) -> None:
        """Set the share, also where an emphasis call has reset it."""
        if self._fraction is not None and self._value() == _DEFAULT:
            self._model.setParam(_PARAMETER, self._fraction)

    def restore(self) -> None:
        """Set SCIP's own share again."""
        if self._fraction is not None and self._value() == self._fraction:
            self._model.setParam(_PARAMETER, _DEFAULT)

    def _value(self) -> float:
        return float(self._model.getParam(_PARAMETER))


def _is_share(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and 0.0 < value <= 1.0
