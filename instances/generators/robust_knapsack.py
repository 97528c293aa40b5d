"""Two-stage robust knapsacks in four classes of correlation (Arslan & Detienne)."""

import numpy as np

from boundwise.core.arguments import as_count, as_number
from boundwise.core.errors import InputError
from boundwise.core.rng import make_rng
from boundwise.instances.robust.arrays import Floats
from boundwise.instances.robust.knapsack import KnapsackInstance

#: Uncorrelated, weakly, almost strongly and strongly correlated.
CORRELATIONS = ("UN", "WC", "ASC", "SC")
_RANGE = 1000
_STEPS = 100


def robust_knapsack(
    n: int = 20,
    correlation: str = "UN",
    h: int = 40,
    delta: float = 0.5,
    deviation: float = 0.1,
    seed: int | None = 0,
) -> KnapsackInstance:
    """Generate a two-stage robust knapsack by the published recipe.

    With R = 1000, weights c are uniform in [1, R] and the capacity is ``h / 101`` of
    their sum. Profits p and repair weights t are

    ====  =====================  ==================================
          p                      t
    ====  =====================  ==================================
    UN    U[1, R]                U[1, c]
    WC    c + U[-R/20, R/20]     d/2 + U[-R/40, R/40]
    ASC   c + R/10 +- R/1000     d/2 + c/10 +- R/1000
    SC    c + R/10               d/2 + c/10
    ====  =====================  ==================================

    with degradations d = p U[(1-delta)/2, (1+delta)/2] and outsourcing costs
    p U[1.1, 1.5]. All are rounded and at least 1, so that no weight or profit is
    negative. The budget of uncertainty is ``deviation * n``.

    Parameters
    ----------
    n
        Number of items.
    correlation
        One of `CORRELATIONS`.
    h
        Hundred-and-firsts of the total weight that fit, in [1, 100].
    delta
        Spread of the degradations, in [0, 1].
    deviation
        Budget by number of items, in [0, 1].
    seed
        Seed of the random numbers.

    Returns
    -------
    KnapsackInstance
        The data.

    Raises
    ------
    InputError
        If an argument is out of range.

    References
    ----------
    Arslan, Detienne (2022), Decomposition-based approaches for a class of two-stage
    robust binary optimization problems, doi:10.1287/ijoc.2021.1061.
    """
    n = as_count("n", n)
    h = as_count("h", h, most=_STEPS)
    delta = as_number("delta", delta, at_least=0, at_most=1)
    deviation = as_number("deviation", deviation, at_least=0, at_most=1)
    if correlation not in CORRELATIONS:
        raise InputError(
            f"correlation must be one of {CORRELATIONS}, got {correlation!r}."
        )
    rng, seed = make_rng(seed)
    weight = rng.integers(1, _RANGE, size=n, endpoint=True).astype(np.float64)
    profit = _whole(_profits(correlation, weight, rng))
    spread = rng.uniform((1 - delta) / 2, (1 + delta) / 2, n)
    degradation = _whole(profit * spread)
    return KnapsackInstance(
        name=f"robust_knapsack-{correlation}-n{n}-h{h}-d{delta:g}-v{deviation:g}-s{seed}",
        profit=profit,
        degradation=degradation,
        repair=_whole(_repairs(correlation, weight, degradation, rng)),
        weight=weight,
        outsource=_whole(profit * rng.uniform(1.1, 1.5, n)),
        capacity=float(np.floor(h / (_STEPS + 1) * weight.sum())),
        gamma=deviation * n,
    )


def _profits(correlation: str, weight: Floats, rng: np.random.Generator) -> Floats:
    n = len(weight)
    match correlation:
        case "UN":
            return rng.uniform(1, _RANGE, n)
        case "WC":
            return weight + rng.uniform(-_RANGE / 20, _RANGE / 20, n)
        case "ASC":
            noise = rng.uniform(-_RANGE / 1000, _RANGE / 1000, n)
            return weight + _RANGE / 10 + noise
        case _:
            return weight + _RANGE / 10


def _repairs(
    correlation: str, weight: Floats, degradation: Floats, rng: np.random.Generator
) -> Floats:
    n = len(weight)
    match correlation:
        case "UN":
            return rng.uniform(1, weight)
        case "WC":
            return degradation / 2 + rng.uniform(-_RANGE / 40, _RANGE / 40, n)
        case "ASC":
            noise = rng.uniform(-_RANGE / 1000, _RANGE / 1000, n)
            return degradation / 2 + weight / 10 + noise
        case _:
            return degradation / 2 + weight / 10


def _whole(values: Floats) -> Floats:
    """Round, and lift to 1 what is smaller."""
    return np.maximum(1.0, np.rint(values))
