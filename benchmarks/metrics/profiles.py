"""Performance profiles, and the data profile that needs no reference solver.

    r_ps = t_ps / min_s t_ps        rho_s(tau) = |{p : r_ps <= tau}| / n

An instance that no solver solves is dropped from the performance profile.

References: Dolan and More (2002), doi:10.1007/s101070100263; More and Wild (2009),
doi:10.1137/080724083.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from boundwise.benchmarks.metrics.means import TIME_FLOOR, floored, virtual_best


@dataclass(frozen=True, slots=True)
class Curve:
    """A step curve: at ``x[i]`` the share rises to ``y[i]``.

    Parameters
    ----------
    x
        Ratios or seconds, increasing.
    y
        Shares in [0, 1].
    """

    x: tuple[float, ...]
    y: tuple[float, ...]

    def at(self, value: float) -> float:
        """Return the share at ``value``."""
        share = 0.0
        for x, y in zip(self.x, self.y, strict=True):
            if x > value:
                break
            share = y
        return share


def performance_ratios(
    times: Mapping[str, Sequence[float | None]], floor: float = TIME_FLOOR
) -> dict[str, list[float]]:
    """Return each solver's ratios to the best; infinite where it did not solve.

    Parameters
    ----------
    times
        For each solver the seconds on the same instances, None where not solved.
    floor
        Times below it count as it.
    """
    raised = {
        solver: [None if time is None else floored(time, floor) for time in row]
        for solver, row in times.items()
    }
    best = virtual_best(raised)
    return {
        solver: [
            math.inf if time is None else time / base
            for time, base in zip(row, best, strict=True)
            if base is not None
        ]
        for solver, row in raised.items()
    }


def performance_profile(
    times: Mapping[str, Sequence[float | None]], floor: float = TIME_FLOOR
) -> dict[str, Curve]:
    """Return the performance profile of each solver, over the ratio tau.

    Parameters
    ----------
    times
        As in `performance_ratios`.
    floor
        Times below it count as it.
    """
    ratios = performance_ratios(times, floor)
    return {solver: _curve(row, len(row)) for solver, row in ratios.items()}


def data_profile(times: Sequence[float | None]) -> Curve:
    """Return the share of all instances solved within a time.

    Parameters
    ----------
    times
        Seconds, None where not solved; or seconds until a target gap was reached.
    """
    return _curve([math.inf if t is None else t for t in times], len(times))


def time_to_gap(gaps: Sequence[tuple[float, float]], target: float) -> float | None:
    """Return when a gap first was at most the target, None if never.

    Parameters
    ----------
    gaps
        Points (seconds, gap).
    target
        Gap, a fraction.
    """
    return next((seconds for seconds, gap in gaps if gap <= target), None)


def _curve(values: Sequence[float], total: int) -> Curve:
    reached = sorted(value for value in values if math.isfinite(value))
    x: list[float] = []
    y: list[float] = []
    for count, value in enumerate(reached, start=1):
        if x and x[-1] == value:
            y[-1] = count / total
        else:
            x.append(value)
            y.append(count / total)
    return Curve(tuple(x), tuple(y))
