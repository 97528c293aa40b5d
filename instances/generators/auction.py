"""Combinatorial auctions with arbitrary relations between goods (CATS).

max sum of the prices of accepted bids, each good sold at most once, at most one bid
of each bidder (Leyton-Brown, Pearson, Shoham 2000).
"""

import numpy as np
from numpy.typing import NDArray

from boundwise.core.arguments import as_count, as_number
from boundwise.core.rng import make_rng
from boundwise.instances.generators.parts import RowBuilder
from boundwise.instances.instance import Instance

_MIN_VALUE, _MAX_VALUE = 1.0, 100.0
_VALUE_DEVIATION = 0.5
_ADDITIVITY = 0.2
_BUDGET_FACTOR = 1.5
_RESALE_FACTOR = 0.5


def combinatorial_auction(
    items: int = 400,
    bids: int = 2000,
    add_item: float = 0.7,
    max_substitutes: int = 5,
    seed: int | None = 0,
) -> Instance:
    """Generate the winner determination problem of a combinatorial auction.

    The ``arbitrary`` scheme of CATS: a good has a common value and each pair of goods
    a compatibility; a bidder's private values deviate from the common ones; a bundle
    grows from one good, towards compatible goods of high private value; its price is
    the sum of the private values plus ``size ** 1.2``; substitutes of the first bid
    start from one of its goods and must be affordable and of some resale value. All
    bids of a bidder exclude each other.

    Parameters
    ----------
    items, bids
        Numbers of goods and bids.
    add_item
        Probability that a bundle grows by one more good.
    max_substitutes
        Largest number of substitute bids of a bidder.
    seed
        Seed of the random numbers.

    Returns
    -------
    Instance
        The problem; rows are goods and bidders with several bids.

    Raises
    ------
    InputError
        If an argument is out of range.

    Notes
    -----
    On one thread, SCIP 10.0.2 stands at 27419 with the bound 31372 after 60 s for
    ``items=400, bids=4000, add_item=0.9``.

    References
    ----------
    Leyton-Brown, K., Pearson, M., Shoham, Y. (2000). Towards a universal test suite
    for combinatorial auction algorithms. doi:10.1145/352871.352879
    """
    items = as_count("items", items, least=2)
    bids = as_count("bids", bids)
    add_item = as_number("add_item", add_item, at_least=0, at_most=0.99)
    max_substitutes = as_count("max_substitutes", max_substitutes, least=0)
    rng, seed = make_rng(seed)
    bundles, prices, bidders = _bids(items, bids, add_item, max_substitutes, rng)
    builder = RowBuilder(bids)
    goods = np.concatenate(bundles)
    owners = np.repeat(np.arange(bids), [len(b) for b in bundles])
    used, rows = np.unique(goods, return_inverse=True)
    builder.add("good", rows, owners, 1.0, -np.inf, 1.0, len(used))
    _, members, counts = np.unique(bidders, return_inverse=True, return_counts=True)
    several = counts > 1
    if several.any():
        place = np.cumsum(several) - 1
        chosen = np.flatnonzero(several[members])
        builder.add(
            "bidder",
            place[members[chosen]],
            chosen,
            1.0,
            -np.inf,
            1.0,
            int(several.sum()),
        )
    return builder.instance(
        name=(
            f"combinatorial_auction-i{items}-b{bids}-a{add_item:g}"
            f"-m{max_substitutes}-s{seed}"
        ),
        sense="maximize",
        objective=prices,
        names=[f"bid{j}" for j in range(bids)],
        is_integer=True,
        upper=1.0,
    )


def _bids(
    items: int,
    bids: int,
    add_item: float,
    max_substitutes: int,
    rng: np.random.Generator,
) -> tuple[list[NDArray[np.int64]], NDArray[np.float64], NDArray[np.int64]]:
    values = _MIN_VALUE + (_MAX_VALUE - _MIN_VALUE) * rng.random(items)
    compatible = np.triu(rng.random((items, items)), k=1)
    compatible = compatible + compatible.T
    compatible /= compatible.sum(axis=1, keepdims=True)
    bundles: list[NDArray[np.int64]] = []
    prices: list[float] = []
    bidders: list[int] = []
    bidder = 0
    while len(bundles) < bids:
        noise = rng.random(items)
        private = values + _MAX_VALUE * _VALUE_DEVIATION * (2 * noise - 1)
        offers = _offers(values, private, compatible, add_item, max_substitutes, rng)
        for bundle, price in offers[: bids - len(bundles)]:
            bundles.append(bundle)
            # Whole cents keep the prices short decimals.
            prices.append(round(price, 2))
            bidders.append(bidder)
        bidder += 1
    return bundles, np.array(prices), np.array(bidders)


def _offers(
    values: NDArray[np.float64],
    private: NDArray[np.float64],
    compatible: NDArray[np.float64],
    add_item: float,
    max_substitutes: int,
    rng: np.random.Generator,
) -> list[tuple[NDArray[np.int64], float]]:
    """Return a bidder's bundles and prices, the first one and its substitutes."""
    interest = np.maximum(private, 0.0) + 1e-9
    start = int(rng.choice(len(values), p=interest / interest.sum()))
    first = _bundle(start, interest, compatible, add_item, rng)
    price = _price(private, first)
    if price <= 0:
        return []
    offers = [(first, price)]
    seen = {tuple(first.tolist())}
    budget = _BUDGET_FACTOR * price
    least = _RESALE_FACTOR * values[first].sum()
    substitutes = []
    for good in first.tolist():
        bundle = _bundle(good, interest, compatible, add_item, rng)
        amount = _price(private, bundle)
        fits = 0 < amount <= budget and values[bundle].sum() >= least
        if fits and tuple(bundle.tolist()) not in seen:
            seen.add(tuple(bundle.tolist()))
            substitutes.append((bundle, amount))
    substitutes.sort(key=lambda offer: -offer[1])
    return offers + substitutes[:max_substitutes]


def _bundle(
    start: int,
    interest: NDArray[np.float64],
    compatible: NDArray[np.float64],
    add_item: float,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    inside = np.zeros(len(interest), dtype=np.bool_)
    inside[start] = True
    size = 1
    while size < len(interest) and rng.random() < add_item:
        weight = np.where(inside, 0.0, interest * compatible[inside].mean(axis=0))
        inside[int(rng.choice(len(interest), p=weight / weight.sum()))] = True
        size += 1
    return np.flatnonzero(inside)


def _price(private: NDArray[np.float64], bundle: NDArray[np.int64]) -> float:
    return float(private[bundle].sum() + len(bundle) ** (1 + _ADDITIVITY))
