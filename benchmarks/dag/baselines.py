"""Orders that need no search; every table shows them beside the methods.

Data simulated as is usual are sorted by their variances (Reisach, Seiler, Weichwald
2021, arXiv:2102.13647), so a method must beat these to have shown anything.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from boundwise.benchmarks.dag.datasets import DagData
from boundwise.core.errors import InputError
from boundwise.instances.generators.sem import topological_order
from boundwise.instances.generators.sortability import explained_shares
from boundwise.solvers.dag.factor import min_pivot_order
from boundwise.solvers.dag.moments import Moments
from boundwise.solvers.dag.moves import HALF
from boundwise.solvers.dag.subset_dp import best_order_of_covariance, check_size

Ints = npt.NDArray[np.int64]


def _free(d: int) -> npt.NDArray[np.bool_]:
    return np.zeros((d, d), dtype=np.bool_)


def _min_pivot(data: DagData, seed: int) -> Ints:
    S = Moments.of_data(data.X).S.copy()
    order: Ints = min_pivot_order(S, _free(len(S)))
    return order


def _exact(data: DagData, seed: int) -> Ints:
    S = Moments.of_data(data.X).S
    check_size(len(S), 20)
    order, _ = best_order_of_covariance(S.copy(), HALF, _free(len(S)))
    return order


def _random(data: DagData, seed: int) -> Ints:
    return np.random.default_rng(seed).permutation(data.X.shape[1]).astype(np.int64)


#: The order of each baseline, from the data and a seed.
ORDERS: dict[str, Callable[[DagData, int], Ints]] = {
    "true": lambda data, seed: topological_order(data.W),
    "var-sort": lambda data, seed: np.argsort(data.X.var(axis=0)),
    "r2-sort": lambda data, seed: np.argsort(explained_shares(data.X)),
    "random": _random,
    "min-pivot": _min_pivot,
    "exact": _exact,
}


def baseline_order(name: str, data: DagData, seed: int = 0) -> Ints:
    """Return the order of a baseline.

    Parameters
    ----------
    name
        ``"true"``, ``"var-sort"`` (by variance), ``"r2-sort"`` (by the share that the
        other columns explain), ``"random"``, ``"min-pivot"`` (least conditional
        variance next), or ``"exact"`` (best of all, at most 20 nodes).
    data
        The data set.
    seed
        Seed of the random order.

    Raises
    ------
    InputError
        If there is no such baseline, or too many nodes for ``"exact"``.
    """
    if name not in ORDERS:
        raise InputError(f"order must be one of {', '.join(ORDERS)}, got {name!r}.")
    return ORDERS[name](data, seed)
