"""Primal gap and the integrals of gaps over time.

    p(t) = 1                                      before the first incumbent
           0                                      if |c x| = |c x*| = 0
           1                                      if c x and c x* differ in sign
           |c x - c x*| / max(|c x|, |c x*|)      otherwise

The primal integral is the integral of p over [0, T]; after an early stop the last
value counts to T, which is 0 for an optimal solution.

References: Berthold (2013), doi:10.1016/j.orl.2013.08.007. The percentages and the
primal-dual integral follow SCIP; the un-normalised integrals follow the ML4CO
competition (Gasse et al. 2022, arXiv:2203.02433).
"""

import math
from collections.abc import Sequence
from typing import Final

from boundwise.core.arguments import as_number
from boundwise.core.errors import InputError

#: IPET: values of at most this magnitude are zero.
ZERO_TOL: Final = 1e-8

Step = tuple[float, float | None]


def primal_gap(objective: float | None, best: float, zero: float = 0.0) -> float:
    """Return the primal gap, in [0, 1].

    Parameters
    ----------
    objective
        Objective of the incumbent, None without one.
    best
        Optimal or best known objective.
    zero
        Magnitude up to which both values count as zero: 0 is the definition,
        `ZERO_TOL` is what IPET does.

    Examples
    --------
    >>> primal_gap(8.0, 10.0), primal_gap(None, 10.0), primal_gap(-1.0, 1.0)
    (0.2, 1.0, 1.0)
    """
    if objective is None or not math.isfinite(objective):
        return 1.0
    scale = max(abs(objective), abs(best))
    if scale <= zero or objective == best:
        return 0.0
    # Signs, not the product: that of two tiny values would be zero.
    if min(objective, best) < 0 < max(objective, best):
        return 1.0
    return abs(objective - best) / scale


def step_integral(steps: Sequence[Step], before: float, horizon: float) -> float:
    """Integrate a step function over [0, horizon].

    Parameters
    ----------
    steps
        Points (seconds, value); the value holds until the next point. None takes
        the value ``before``. Points beyond the horizon are ignored.
    before
        Value before the first point.
    horizon
        End of the interval, in seconds.
    """
    horizon = as_number("horizon", horizon, above=0)
    total, time, value = 0.0, 0.0, before
    for seconds, new in steps:
        if seconds >= horizon:
            break
        if seconds < time:
            raise InputError(f"steps must be in the order of time, got {seconds!r}.")
        total += value * (seconds - time)
        time, value = seconds, before if new is None else new
    return total + value * (horizon - time)


def primal_integral(incumbents: Sequence[Step], best: float, horizon: float) -> float:
    """Return the primal integral over [0, horizon], in seconds.

    Parameters
    ----------
    incumbents
        Points (seconds, objective).
    best
        Optimal or best known objective.
    horizon
        Usually the time limit. Divide by it for the normalised integral.
    """
    gaps = [(seconds, primal_gap(value, best)) for seconds, value in incumbents]
    return step_integral(gaps, 1.0, horizon)


def primal_dual_gap(primal: float | None, dual: float | None) -> float:
    """Return SCIP's gap for the primal-dual integral, in percent.

    Examples
    --------
    >>> primal_dual_gap(10.0, 8.0), primal_dual_gap(None, 8.0), primal_dual_gap(1, -1)
    (20.0, 100.0, 100.0)
    """
    if primal is None or dual is None:
        return 100.0
    if not (math.isfinite(primal) and math.isfinite(dual)):
        return 100.0
    if primal == dual:
        return 0.0
    if min(primal, dual) <= 0 <= max(primal, dual):
        return 100.0
    return 100.0 * abs(primal - dual) / max(abs(primal), abs(dual))


def primal_dual_integral(
    trace: Sequence[tuple[float, float | None, float | None]], horizon: float
) -> float:
    """Return SCIP's primal-dual integral, in percent times seconds.

    Parameters
    ----------
    trace
        Points (seconds, primal, dual).
    horizon
        End of the interval.
    """
    gaps = [(seconds, primal_dual_gap(primal, dual)) for seconds, primal, dual in trace]
    return step_integral(gaps, 100.0, horizon)


def scip_gap(primal: float | None, dual: float | None) -> float:
    """Return the gap that SCIP reports: |pb - db| / min(|pb|, |db|).

    It is infinite at a sign change or a zero; compare it with SCIP's log only, never
    with the gaps of this package.
    """
    if primal is None or dual is None:
        return math.inf
    if primal == dual:
        return 0.0
    if min(primal, dual) <= 0 <= max(primal, dual):
        return math.inf
    return abs(primal - dual) / min(abs(primal), abs(dual))


def ml4co_primal(
    incumbents: Sequence[Step], initial: float, horizon: float = 300.0
) -> float:
    """Return ML4CO's primal task: the integral of the incumbent's objective.

    Parameters
    ----------
    incumbents
        Points (seconds, objective), minimization.
    initial
        The bound given with the instance, valid before the first incumbent; a
        worse incumbent does not count.
    horizon
        300 s in the competition.
    """
    capped = [(s, None if v is None else min(v, initial)) for s, v in incumbents]
    return step_integral(capped, initial, horizon)


def ml4co_dual(bounds: Sequence[Step], initial: float, horizon: float = 900.0) -> float:
    """Return ML4CO's dual task: the integral of minus the dual bound (900 s)."""
    negated = [(s, None if v is None else -v) for s, v in bounds]
    return step_integral(negated, -initial, horizon)


def ml4co_config(
    trace: Sequence[tuple[float, float | None, float | None]],
    initial_primal: float,
    initial_dual: float,
    horizon: float = 900.0,
) -> float:
    """Return ML4CO's configuration task: the integral of primal minus dual (900 s)."""
    primal = [(point[0], point[1]) for point in trace]
    dual = [(point[0], point[2]) for point in trace]
    return ml4co_primal(primal, initial_primal, horizon) + ml4co_dual(
        dual, initial_dual, horizon
    )
