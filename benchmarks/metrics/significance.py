"""Is the difference between two solvers real: Wilcoxon, bootstrap, wins and losses.

    d_i = log2((a_i + s) / (b_i + s)),   |d_i| < log2(1.01) dropped

With fewer than 10 differences left the test says nothing ("n/a"). The interval is a
paired bootstrap of the ratio of shifted geometric means.

References: Wilcoxon (1945), doi:10.2307/3001968; Efron (1979),
doi:10.1214/aos/1176344552; the threshold follows IPET, the win factor SCIP's cmpres.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from boundwise.benchmarks.metrics.means import shifted_geometric_mean
from boundwise.core.errors import InputError
from boundwise.core.rng import make_rng

#: Ratios closer to 1 than this are ties.
_TIE: Final = 1.01
#: Fewest differences that the test is made on.
MIN_DIFFERENCES: Final = 10
#: Factor beyond which one solver wins an instance (cmpres).
WIN_FACTOR: Final = 1.1
_RESAMPLES: Final = 2000
_LEVEL: Final = 0.95


@dataclass(frozen=True, slots=True)
class Comparison:
    """Compare solver A with solver B on the same instances.

    Parameters
    ----------
    instances
        Number of pairs.
    ratio
        sgm(A) / sgm(B); below 1 means A is faster.
    interval
        95 % bootstrap interval of the ratio.
    p_value
        Two-sided Wilcoxon p, None if too few instances differ.
    wins, losses
        Instances on which A is faster (slower) by more than the factor 1.1.
    """

    instances: int
    ratio: float
    interval: tuple[float, float]
    p_value: float | None
    wins: int
    losses: int

    @property
    def significant(self) -> bool:
        """Whether test (p < 0.05) and interval agree that there is a difference."""
        low, high = self.interval
        return (
            self.p_value is not None
            and self.p_value < 1.0 - _LEVEL
            and not low <= 1.0 <= high
        )


def compare(
    a: Sequence[float], b: Sequence[float], shift: float, seed: int = 0
) -> Comparison:
    """Compare paired values, smaller being better.

    Parameters
    ----------
    a, b
        Values on the same instances.
    shift
        Shift of means and differences.
    seed
        Seed of the bootstrap.
    """
    if len(a) != len(b) or not a:
        raise InputError(f"a and b must be paired, got {len(a)} and {len(b)} values.")
    wins, losses = win_loss(a, b)
    return Comparison(
        instances=len(a),
        ratio=_quotient(a, b, shift),
        interval=bootstrap_interval(a, b, shift, seed),
        p_value=wilcoxon_p(a, b, shift),
        wins=wins,
        losses=losses,
    )


def wilcoxon_p(a: Sequence[float], b: Sequence[float], shift: float) -> float | None:
    """Return the two-sided signed-rank p-value, None with fewer than 10 differences.

    Parameters
    ----------
    a, b
        Paired values.
    shift
        Shift of both; must keep them positive.
    """
    from scipy.stats import wilcoxon

    differences = [
        math.log2((x + shift) / (y + shift)) for x, y in zip(a, b, strict=True)
    ]
    kept = [d for d in differences if abs(d) >= math.log2(_TIE)]
    if len(kept) < MIN_DIFFERENCES:
        return None
    return float(wilcoxon(kept).pvalue)


def bootstrap_interval(
    a: Sequence[float], b: Sequence[float], shift: float, seed: int = 0
) -> tuple[float, float]:
    """Return the 95 % paired bootstrap interval of sgm(a) / sgm(b).

    Parameters
    ----------
    a, b
        Paired values.
    shift
        Shift of the means.
    seed
        Seed of the resampling.
    """
    rng, _ = make_rng(seed)
    logs = [np.log(np.maximum(1.0, np.asarray(v, float) + shift)) for v in (a, b)]
    picks = rng.integers(0, len(a), size=(_RESAMPLES, len(a)))
    means = [np.exp(values[picks].mean(axis=1)) - shift for values in logs]
    tiny = np.finfo(float).tiny
    ratios = np.maximum(means[0], tiny) / np.maximum(means[1], tiny)
    tail = 50.0 * (1.0 - _LEVEL)
    low, high = np.percentile(ratios, [tail, 100.0 - tail])
    return float(low), float(high)


def bootstrap_mean_interval(
    values: Sequence[float], seed: int = 0
) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of an arithmetic mean.

    Parameters
    ----------
    values
        At least one number.
    seed
        Seed of the resampling.
    """
    rng, _ = make_rng(seed)
    array = np.asarray(values, float)
    picks = rng.integers(0, array.size, size=(_RESAMPLES, array.size))
    tail = 50.0 * (1.0 - _LEVEL)
    low, high = np.percentile(array[picks].mean(axis=1), [tail, 100.0 - tail])
    return float(low), float(high)


def win_loss(
    a: Sequence[float], b: Sequence[float], factor: float = WIN_FACTOR
) -> tuple[int, int]:
    """Count instances on which a is smaller (larger) than b by more than a factor.

    Parameters
    ----------
    a, b
        Paired values.
    factor
        1.1 for times; 5 is usual for nodes.

    Examples
    --------
    >>> win_loss([1.0, 10.0, 10.0], [10.0, 10.5, 1.0])
    (1, 1)
    """
    wins = sum(x * factor < y for x, y in zip(a, b, strict=True))
    losses = sum(y * factor < x for x, y in zip(a, b, strict=True))
    return wins, losses


def _quotient(a: Sequence[float], b: Sequence[float], shift: float) -> float:
    below = shifted_geometric_mean(b, shift)
    above = shifted_geometric_mean(a, shift)
    if below > 0:
        return above / below
    return 1.0 if above <= 0 else math.inf
