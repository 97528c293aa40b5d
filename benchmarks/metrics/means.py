"""Means over instances: shifted geometric, PAR-k, and Mittelmann's scores.

    sgm = (prod_i max(1, v_i + s))^(1/n) - s

Shifts differ between communities and change results: SCIP uses 1 s (100 nodes),
Mittelmann's tables are reproduced by 10 s. The shift is printed beside every number.

References: Achterberg (2007), Constraint Integer Programming, appendix A.3; Bischl et
al. (2016), ASlib, doi:10.1016/j.artint.2016.04.003 (PAR10).
"""

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from boundwise.core.arguments import as_number
from boundwise.core.errors import InputError

#: Shift, in seconds, of SCIP's and of Mittelmann's tables.
SCIP_SHIFT: Final = 1.0
MITTELMANN_SHIFT: Final = 10.0
#: Seconds below which SCIP's scripts do not tell times apart.
TIME_FLOOR: Final = 0.5


def shifted_geometric_mean(values: Sequence[float], shift: float) -> float:
    """Return the shifted geometric mean, computed in logarithms.

    Parameters
    ----------
    values
        Non-negative numbers; at least one.
    shift
        Shift in the unit of the values.

    Raises
    ------
    InputError
        If there is no value, or one is negative or not finite.

    Examples
    --------
    >>> round(shifted_geometric_mean([1, 10, 100, 3600], 10), 4)
    86.6787
    """
    array = _checked(values)
    shift = as_number("shift", shift, at_least=0)
    return float(np.exp(np.mean(np.log(np.maximum(1.0, array + shift)))) - shift)


def floored(seconds: float, floor: float = TIME_FLOOR) -> float:
    """Return a time, at least the floor."""
    return max(seconds, floor)


def penalized_average(
    times: Sequence[float | None], time_limit: float, factor: float = 10.0
) -> float:
    """Return PAR-k: the arithmetic mean, an unsolved run counting k times the limit.

    Parameters
    ----------
    times
        Seconds of solved runs, None for unsolved ones.
    time_limit
        Seconds.
    factor
        k; 10 for PAR10.

    Examples
    --------
    >>> penalized_average([5.0, None], 100.0)
    502.5
    """
    if not times:
        raise InputError("times must not be empty.")
    paid = [factor * time_limit if time is None else time for time in times]
    return float(np.mean(paid))


def mittelmann_scores(
    times: Mapping[str, Sequence[float | None]],
    time_limit: float,
    shift: float = MITTELMANN_SHIFT,
) -> dict[str, float]:
    """Return each solver's shifted geometric mean relative to the best one's.

    Parameters
    ----------
    times
        For each solver the seconds on the same instances, None where it did not
        solve; such entries count as the time limit.
    time_limit
        Seconds.
    shift
        10 s reproduces the published tables.

    Returns
    -------
    dict
        Score of each solver; the best is 1.

    Examples
    --------
    >>> scores = mittelmann_scores({"a": [10.0, 90.0], "b": [90.0, None]}, 390.0)
    >>> {solver: round(score, 2) for solver, score in scores.items()}
    {'a': 1.0, 'b': 5.47}
    """
    means = {
        solver: shifted_geometric_mean(
            [time_limit if time is None else time for time in row], shift
        )
        for solver, row in times.items()
    }
    best = min(means.values())
    return {solver: _ratio(mean, best) for solver, mean in means.items()}


def virtual_best(
    times: Mapping[str, Sequence[float | None]],
) -> list[float | None]:
    """Return the best time of any solver on each instance, None if none solved it.

    Examples
    --------
    >>> virtual_best({"a": [1.0, None, None], "b": [2.0, 3.0, None]})
    [1.0, 3.0, None]
    """
    return [
        min((time for time in column if time is not None), default=None)
        for column in zip(*times.values(), strict=True)
    ]


def log_ratio(time: float, base: float, shift: float = MITTELMANN_SHIFT) -> float:
    """Return log2((time + shift) / (base + shift)).

    Examples
    --------
    >>> log_ratio(30.0, 10.0)
    1.0
    """
    return math.log2((time + shift) / (base + shift))


def _ratio(value: float, best: float) -> float:
    if best > 0:
        return value / best
    return 1.0 if value <= 0 else math.inf


def _checked(values: Sequence[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    array = np.asarray(values, dtype=np.float64).reshape(-1)
    if array.size == 0:
        raise InputError("values must not be empty.")
    if not np.isfinite(array).all() or (array < 0).any():
        bad = array[~np.isfinite(array) | (array < 0)][0]
        raise InputError(f"values must be finite and non-negative, got {bad}.")
    return array
