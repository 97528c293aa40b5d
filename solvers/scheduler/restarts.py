"""Let SCIP restart at the root only where that makes the problem much smaller.

SCIP presolves and separates the root again when 2.5 % of the integer variables are
fixed there, and at once when 5 % are. A good incumbent fixes that many by reduced
cost: arms that find one early, and then a better one, would have the root separated
time and again, which costs more than the fixings save.
"""

from typing import Any

from boundwise.core.arguments import as_number

#: The shares after the root's cut loop, and within it, as SCIP has them.
_DEFAULTS = {"presolving/restartfac": 0.025, "presolving/immrestartfac": 0.05}


class RootRestarts:
    """Set the share of fixed variables from which on one model restarts.

    A share that the user has set stays.

    Parameters
    ----------
    model
        A ``pyscipopt.Model``.
    fraction
        The share, in (0, 1]; None leaves SCIP's own.

    Raises
    ------
    InputError
        If ``fraction`` is not such a number.
    """

    def __init__(self, model: Any, fraction: float | None) -> None:
        if fraction is not None:
            fraction = as_number("restart_fraction", fraction, above=0, at_most=1)
        self._model = model
        self._fraction = fraction
        self._changed: set[str] = set()

    def spare(self) -> None:
        """Set the share, also where an emphasis call has reset it."""
        if self._fraction is None:
            return
        for name, default in _DEFAULTS.items():
            if self._model.getParam(name) == default:
                self._model.setParam(name, self._fraction)
                self._changed.add(name)

    def restore(self) -> None:
        """Set SCIP's own shares again."""
        for name in self._changed:
            if self._model.getParam(name) == self._fraction:
                self._model.setParam(name, _DEFAULTS[name])
        self._changed.clear()
