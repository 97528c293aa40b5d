"""Random directed acyclic graphs, and data from structural equation models on them.

    linear     x_j = sum_i W_ij x_i + z_j
    logistic   x_j ~ Bernoulli(1 / (1 + exp(-sum_i W_ij x_i)))
    mlp        x_j = a_j' s(A_j x_parents) + z_j,  s the logistic function, 100 units

``W[i, j]`` is the weight of the edge i -> j throughout. The recipes are those of Zheng,
Aragam, Ravikumar, Xing (2018), arXiv:1803.01422, and for ``mlp`` of Zheng, Dan, Aragam,
Ravikumar, Xing (2020), arXiv:1909.13189. Such linear data are var-sortable: marginal
variances grow along the edges (see `boundwise.instances.generators.sortability`).
"""

from collections.abc import Callable
from typing import Any, Literal, get_args

import networkx as nx
import numpy as np
from numpy.typing import ArrayLike, NDArray

from boundwise.core.arguments import as_count
from boundwise.core.errors import InputError
from boundwise.core.rng import make_rng
from boundwise.instances.generators.graphs import random_graph

Floats = NDArray[np.float64]
Noise = Literal["gauss", "exp", "gumbel", "uniform"]
Model = Literal["linear", "logistic", "mlp"]

#: Absolute weights lie in this range, with either sign.
WEIGHT_RANGE = (0.5, 2.0)
#: Variances of ``variances="unequal"`` are drawn from this range.
VARIANCE_RANGE = (0.5, 10.0)
_HIDDEN = 100

_NOISES: dict[str, Callable[[np.random.Generator, int], Floats]] = {
    "gauss": lambda rng, n: rng.standard_normal(n),
    "exp": lambda rng, n: rng.exponential(1.0, n),
    "gumbel": lambda rng, n: rng.gumbel(0.0, 1.0, n),
    "uniform": lambda rng, n: rng.uniform(-1.0, 1.0, n),
}


def simulate_dag(
    d: int,
    edges: int | None = None,
    *,
    k: int | None = None,
    graph: Literal["er", "sf"] = "er",
    seed: int | None = None,
) -> Floats:
    """Draw a weighted directed acyclic graph.

    Parameters
    ----------
    d
        Number of nodes.
    edges
        Number of edges, for ``"er"`` only.
    k
        Edges per node instead: k * d edges of an ``"er"`` graph; edges that each new
        node of an ``"sf"`` graph brings.
    graph
        ``"er"``: that many edges drawn uniformly, directed along a random order
        (Erdos & Renyi 1960). ``"sf"``: preferential attachment (Barabasi & Albert
        1999, doi:10.1126/science.286.5439.509), new nodes pointing to older ones.
    seed
        Non-negative integer, or None.

    Returns
    -------
    ndarray of shape (d, d)
        Weights; [i, j] is the edge i -> j, uniform in +-[0.5, 2].

    Raises
    ------
    InputError
        If an argument is out of range, or there is no room for that many edges.

    Examples
    --------
    >>> W = simulate_dag(5, k=1, seed=0)
    >>> int((W != 0).sum())
    5
    """
    d = as_count("d", d)
    if (edges is None) == (k is None):
        raise InputError(f"one of edges and k must be given, got {edges!r} and {k!r}.")
    rng, _ = make_rng(seed)
    if graph == "er":
        pairs = _uniform_edges(d, _n_edges(d, edges, k), rng)
    elif graph == "sf":
        if k is None:
            raise InputError("graph='sf' takes k, not edges.")
        k = as_count("k", k)
        pairs = random_graph(d, "ba", 0.0, k, rng)[:, ::-1]
    else:
        raise InputError(f"graph must be 'er' or 'sf', got {graph!r}.")
    place = rng.permutation(d)
    sign = rng.choice([-1.0, 1.0], len(pairs))
    W = np.zeros((d, d))
    W[place[pairs[:, 0]], place[pairs[:, 1]]] = sign * rng.uniform(
        *WEIGHT_RANGE, len(pairs)
    )
    return W


def simulate_sem(
    graph: "ArrayLike | nx.DiGraph[Any]",
    n: int,
    *,
    noise: Noise = "gauss",
    variances: Literal["equal", "unequal"] | ArrayLike = "equal",
    model: Model = "linear",
    seed: int | None = None,
    standardize: bool = False,
) -> Floats:
    """Draw rows from a structural equation model.

    Parameters
    ----------
    graph
        Weights, [i, j] of the edge i -> j, or a networkx graph with the nodes 0..d-1
        (edge attribute ``weight``, 1 if there is none). The model ``"mlp"`` uses the
        edges only.
    n
        Number of rows.
    noise
        Distribution of z: normal, exponential, Gumbel, or uniform in [-1, 1], each at
        scale 1 and as it is (exponential and Gumbel noise have a mean).
    variances
        ``"equal"``; ``"unequal"``: the squared scale of each node's noise is uniform
        in [0.5, 10]; or the d squared scales.
    model
        See the module.
    seed
        Non-negative integer, or None.
    standardize
        Centre the columns and divide by their population standard deviation.

    Returns
    -------
    ndarray of shape (n, d)
        The rows.

    Raises
    ------
    InputError
        If the graph has a cycle, or an argument is out of range.

    Examples
    --------
    >>> X = simulate_sem([[0, 2.0], [0, 0]], 1000, seed=0)
    >>> round(float(X[:, 1].var() / X[:, 0].var()), 1)
    5.3
    """
    W = as_weights(graph)
    order = topological_order(W)
    n = as_count("n", n)
    if noise not in _NOISES:
        raise InputError(f"noise must be one of {', '.join(_NOISES)}, got {noise!r}.")
    if model not in get_args(Model):
        raise InputError(f"model must be one of {get_args(Model)}, got {model!r}.")
    if not isinstance(standardize, bool | np.bool_):
        raise InputError(f"standardize must be a bool, got {standardize!r}.")
    rng, _ = make_rng(seed)
    scales = np.sqrt(_squared_scales(variances, len(W), rng))
    X = np.zeros((n, len(W)))
    for j in order:
        parents = np.flatnonzero(W[:, j])
        signal = _signal(X[:, parents], W[parents, j], model, rng)
        if model == "logistic":
            X[:, j] = rng.random(n) < _logistic(signal)
        else:
            X[:, j] = signal + scales[j] * _NOISES[noise](rng, n)
    return _standardized(X) if standardize else X


def as_weights(graph: "ArrayLike | nx.DiGraph[Any]") -> Floats:
    """Return a graph as a weight matrix, [i, j] of the edge i -> j.

    Raises
    ------
    InputError
        If it is not a finite square matrix, or has other nodes than 0..d-1.
    """
    if isinstance(graph, nx.Graph):
        if not graph.is_directed() or set(graph) != set(range(len(graph))):
            raise InputError("graph must be directed with the nodes 0..d-1.")
        graph = nx.to_numpy_array(graph, nodelist=range(len(graph)))
    try:
        W: Floats = np.array(graph, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"graph must be a matrix of numbers: {error}.") from error
    if W.ndim != 2 or W.shape[0] != W.shape[1] or not len(W):
        raise InputError(f"graph must be a square matrix, got shape {W.shape}.")
    if not np.isfinite(W).all():
        raise InputError("graph must have finite weights, got nan or infinity.")
    return W


def topological_order(W: Floats) -> NDArray[np.int64]:
    """Return an order of the nodes in which every edge i -> j goes forward.

    Among the nodes that could be next, the smallest is.

    Raises
    ------
    InputError
        If the graph has a cycle.
    """
    G = nx.from_numpy_array(W != 0, create_using=nx.DiGraph)
    try:
        order = list(nx.lexicographical_topological_sort(G))
    except nx.NetworkXUnfeasible as error:
        raise InputError("graph must be acyclic, got one with a cycle.") from error
    return np.array(order, dtype=np.int64)


def _n_edges(d: int, edges: int | None, k: int | None) -> int:
    if edges is None:
        edges = as_count("k", k, least=0) * d
    edges = as_count("edges", edges, least=0)
    if edges > d * (d - 1) // 2:
        raise InputError(
            f"edges must be at most {d * (d - 1) // 2} for {d} nodes, got {edges}."
        )
    return edges


def _uniform_edges(d: int, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw distinct pairs (earlier, later) of positions."""
    first, second = np.triu_indices(d, 1)
    chosen = rng.choice(len(first), count, replace=False)
    return np.column_stack([first[chosen], second[chosen]])


def _squared_scales(
    variances: str | ArrayLike, d: int, rng: np.random.Generator
) -> Floats:
    if isinstance(variances, str):
        if variances == "equal":
            return np.ones(d)
        if variances == "unequal":
            return rng.uniform(*VARIANCE_RANGE, d)
        raise InputError(
            f"variances must be 'equal', 'unequal' or numbers, got {variances!r}."
        )
    try:
        given: Floats = np.array(variances, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"variances must be numbers: {error}.") from error
    if given.shape != (d,) or not (np.isfinite(given) & (given > 0)).all():
        raise InputError(f"variances must be {d} positive numbers, got {variances!r}.")
    return given


def _signal(
    parents: Floats, weights: Floats, model: str, rng: np.random.Generator
) -> Floats:
    if model != "mlp":
        return parents @ weights
    if not len(weights):
        return np.zeros(len(parents))
    first = _drawn_weights(rng, (len(weights), _HIDDEN))
    second = _drawn_weights(rng, (_HIDDEN,))
    return _logistic(parents @ first) @ second


def _drawn_weights(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    sign = rng.choice([-1.0, 1.0], shape)
    return sign * rng.uniform(*WEIGHT_RANGE, shape)


def _logistic(t: Floats) -> Floats:
    # By tanh, which does not overflow.
    result: Floats = 0.5 * (1.0 + np.tanh(0.5 * t))
    return result


def _standardized(X: Floats) -> Floats:
    centred = X - X.mean(axis=0)
    scale = centred.std(axis=0)
    result: Floats = centred / np.where(scale > 0, scale, 1.0)
    return result
