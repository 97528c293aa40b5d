"""SCIP's own heuristics that arms replace: switched off, and back on afterwards.

Each arm replaces the native heuristic that does the same. The native schedulers go
when the arms hold most of what they schedule. Everything else stays: rounding,
feasibility pump, one-opt and the rest cost little and do what no arm does.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

#: Arm -> the native heuristic that does the same.
COUNTERPARTS: Mapping[str, str] = MappingProxyType(
    {
        "crossover": "crossover",
        "dins": "dins",
        "dive-active": "actconsdiving",
        "dive-coefficient": "coefdiving",
        "dive-distribution": "distributiondiving",
        "dive-farkas": "farkasdiving",
        "dive-fractional": "fracdiving",
        "dive-guided": "guideddiving",
        "dive-line-search": "linesearchdiving",
        "dive-pseudocost": "pscostdiving",
        "dive-vector-length": "veclendiving",
        "local-branching": "localbranching",
        "mutation": "mutation",
        "proximity": "proximity",
        "rens": "rens",
        "rins": "rins",
        "trust-region": "trustregion",
        "zero-objective": "zeroobj",
    }
)

#: Native scheduler -> the native heuristics it schedules.
SCHEDULERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "adaptivediving": frozenset(
            {
                "actconsdiving",
                "coefdiving",
                "fracdiving",
                "guideddiving",
                "linesearchdiving",
                "pscostdiving",
                "veclendiving",
            }
        ),
        "alns": frozenset({"crossover", "mutation", "rins"}),
        "scheduler": frozenset({"crossover", "mutation", "rins", "fracdiving"}),
    }
)
#: Share of its heuristics that makes a native scheduler one too many.
_MOST = 0.75


def counterparts(arms: Iterable[str]) -> tuple[str, ...]:
    """Return the native heuristics that arms of these names replace, sorted.

    Examples
    --------
    >>> counterparts(["rins", "mutation", "crossover"])
    ('alns', 'crossover', 'mutation', 'rins', 'scheduler')
    """
    single = {COUNTERPARTS[name] for name in arms if name in COUNTERPARTS}
    schedulers = {
        name
        for name, parts in SCHEDULERS.items()
        if len(parts & single) >= _MOST * len(parts)
    }
    return tuple(sorted(single | schedulers))


class NativeHeuristics:
    """Switch native heuristics of one model off and on again.

    Parameters
    ----------
    model
        A ``pyscipopt.Model``.
    names
        The heuristics.
    """

    def __init__(self, model: Any, names: Iterable[str]) -> None:
        self._model = model
        parameters = model.getParams()
        self.names = tuple(
            name for name in names if f"heuristics/{name}/freq" in parameters
        )
        self._frequencies: dict[str, int] = {}

    def switch_off(self) -> None:
        """Switch them off, also those that an emphasis call has switched on again."""
        for name in self.names:
            parameter = f"heuristics/{name}/freq"
            frequency = self._model.getParam(parameter)
            if frequency != -1:
                self._frequencies[parameter] = frequency
                self._model.setParam(parameter, -1)

    def restore(self) -> None:
        """Give them the frequency back that they had when last switched off."""
        for parameter, frequency in self._frequencies.items():
            if self._model.getParam(parameter) == -1:
                self._model.setParam(parameter, frequency)
        self._frequencies.clear()
