"""Random ground sets for submodular maximization: set systems and points.

sets:    sizes are Pareto distributed, items are drawn with skewed popularity
points:  Gaussian clusters of unequal weight, for kernels
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from boundwise.core.arguments import as_count, as_number
from boundwise.core.rng import make_rng


def heavy_tailed_sets(
    n_sets: int = 1000,
    n_items: int | None = None,
    *,
    exponent: float = 1.5,
    smallest: int = 3,
    skew: float = 2.0,
    seed: int | None = 0,
) -> "csr_array[np.float64]":
    """Draw sets of Pareto sizes over items of unequal popularity.

    Parameters
    ----------
    n_sets
        Number of sets.
    n_items
        Number of items; as many as sets if None.
    exponent
        Exponent of the sizes: P(size > s) = (smallest / s)^exponent.
    smallest
        Smallest size, before repeated items are merged.
    skew
        Items are drawn as floor(n_items U^skew) with U uniform; 1 is no skew.
    seed
        Seed of the random numbers.

    Returns
    -------
    csr_array
        Shape (n_sets, n_items), entries one, rows sorted.

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> heavy_tailed_sets(50, 80, seed=1).shape
    (50, 80)
    """
    n_sets = as_count("n_sets", n_sets)
    n_items = n_sets if n_items is None else n_items
    n_items = as_count("n_items", n_items)
    smallest = as_count("smallest", smallest)
    exponent = as_number("exponent", exponent, at_least=0.1, at_most=100)
    skew = as_number("skew", skew, at_least=0.1, at_most=100)
    rng, _ = make_rng(seed)
    # No set is larger than the items, nor (n sets of such a tail) much above
    # smallest n^(1/exponent).
    tail = smallest * (1.0 - rng.random(n_sets)) ** (-1.0 / exponent)
    sizes = np.minimum(tail, n_items).astype(np.int64)
    rows = np.repeat(np.arange(n_sets), sizes)
    items = (n_items * rng.random(len(rows)) ** skew).astype(np.int64)
    matrix = csr_array(
        coo_array((np.ones(len(rows)), (rows, items)), shape=(n_sets, n_items))
    )
    matrix.sum_duplicates()
    matrix.sort_indices()
    matrix.data[:] = 1.0
    return matrix


def clustered_points(
    n_points: int = 1000,
    n_features: int = 8,
    n_clusters: int = 20,
    *,
    spread: float = 0.25,
    seed: int | None = 0,
) -> NDArray[np.float64]:
    """Draw points from Gaussian clusters whose weights fall like 1/rank.

    Parameters
    ----------
    n_points, n_features, n_clusters
        Sizes.
    spread
        Standard deviation of a cluster; centres are uniform in the unit cube.
    seed
        Seed of the random numbers.

    Returns
    -------
    ndarray
        Shape (n_points, n_features).

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> clustered_points(5, 2).shape
    (5, 2)
    """
    n_points = as_count("n_points", n_points)
    n_features = as_count("n_features", n_features)
    n_clusters = as_count("n_clusters", n_clusters)
    spread = as_number("spread", spread, at_least=0, at_most=1e6)
    rng, _ = make_rng(seed)
    weights = 1.0 / np.arange(1, n_clusters + 1)
    centres = rng.random((n_clusters, n_features))
    chosen = rng.choice(n_clusters, size=n_points, p=weights / weights.sum())
    points: NDArray[np.float64] = centres[chosen] + rng.normal(
        0.0, spread, (n_points, n_features)
    )
    return points


def gaussian_kernel(
    points: NDArray[np.float64], bandwidth: float = 0.5
) -> NDArray[np.float64]:
    """Return exp(-||x - y||^2 / (2 bandwidth^2)) of all pairs.

    Parameters
    ----------
    points
        Shape (n, d).
    bandwidth
        Distance at which similarity begins to fall.

    Returns
    -------
    ndarray
        Shape (n, n), symmetric with ones on the diagonal.
    """
    bandwidth = as_number("bandwidth", bandwidth, at_least=1e-9, at_most=1e9)
    squares = (points**2).sum(axis=1)
    distances = squares[:, None] + squares - 2.0 * (points @ points.T)
    kernel: NDArray[np.float64] = np.exp(
        np.minimum(-distances, 0.0) / (2.0 * bandwidth**2)
    )
    np.fill_diagonal(kernel, 1.0)
    return (kernel + kernel.T) / 2.0
