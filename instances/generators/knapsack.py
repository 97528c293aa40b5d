"""Multiple knapsacks: max p x, weights within capacities, each item at most once."""

import numpy as np
from numpy.typing import NDArray

from boundwise.core.arguments import as_count
from boundwise.core.errors import InputError
from boundwise.core.rng import make_rng
from boundwise.instances.generators.parts import RowBuilder
from boundwise.instances.instance import Instance

_LOW, _HIGH = 10, 1000
_NOISE = 99
_SCHEMES = ("uncorrelated", "weak", "strong", "subset_sum")


def multiple_knapsack(
    items: int = 100,
    knapsacks: int = 10,
    scheme: str = "weak",
    seed: int | None = 0,
) -> Instance:
    """Generate a multiple knapsack problem.

    Weights are integers in [10, 1000]. Profits are independent in the same range
    (``"uncorrelated"``), within 99 of the weight (``"weak"``), 10 above it
    (``"strong"``) or equal to it (``"subset_sum"``). Each capacity but the last is
    in [0.4, 0.6] of the total weight by the number of knapsacks; the last one makes
    their sum half of the total weight.

    Parameters
    ----------
    items, knapsacks
        Numbers of items and knapsacks.
    scheme
        How profits depend on weights.
    seed
        Seed of the random numbers.

    Returns
    -------
    Instance
        The problem.

    Raises
    ------
    InputError
        If an argument is out of range.

    Notes
    -----
    On one thread, SCIP 10.0.2 stands at 57381 with the bound 57857 after 30 s for
    ``items=200, knapsacks=20, seed=1``.

    References
    ----------
    Fukunaga, A. S. (2011). A branch-and-bound algorithm for hard multiple knapsack
    problems. doi:10.1007/s10479-009-0660-y
    """
    items = as_count("items", items)
    knapsacks = as_count("knapsacks", knapsacks)
    if scheme not in _SCHEMES:
        raise InputError(f"scheme must be one of {_SCHEMES}, got {scheme!r}.")
    rng, seed = make_rng(seed)
    weight = rng.integers(_LOW, _HIGH, size=items, endpoint=True)
    profit = _profits(scheme, weight, rng)
    total = int(weight.sum())
    share = total // knapsacks
    capacity = rng.integers(
        (2 * share) // 5, (3 * share) // 5, size=knapsacks, endpoint=True
    )
    capacity[-1] = max(0, total // 2 - int(capacity[:-1].sum()))
    k, i = (a.ravel() for a in np.indices((knapsacks, items)))
    builder = RowBuilder(knapsacks * items)
    columns = np.arange(knapsacks * items)
    builder.add("capacity", k, columns, weight[i], -np.inf, capacity, knapsacks)
    builder.add("item", i, columns, 1.0, -np.inf, 1.0, items)
    return builder.instance(
        name=f"multiple_knapsack-i{items}-k{knapsacks}-{scheme}-s{seed}",
        sense="maximize",
        objective=profit[i],
        names=[f"x{a}_{b}" for a, b in zip(k.tolist(), i.tolist(), strict=True)],
        is_integer=True,
        upper=1.0,
    )


def _profits(
    scheme: str, weight: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    match scheme:
        case "uncorrelated":
            return rng.integers(_LOW, _HIGH, size=len(weight), endpoint=True)
        case "weak":
            noise = rng.integers(-_NOISE, _NOISE, size=len(weight), endpoint=True)
            return np.asarray(np.maximum(1, weight + noise))
        case "strong":
            return weight + 10
        case _:
            return weight
