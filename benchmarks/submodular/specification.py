"""Instances of the submodular benchmark, by specification.

    Email-Enron:stream=window,k=50,eps=0.2        a graph that BOUNDWISE_GRAPHS holds
    synth:n=20000,stream=random,length=100000     heavy-tailed set system
    ba:n=100000,affinity=5                        Barabasi-Albert graph
    points:n=2000,objective=facility_location     clustered points, Gaussian kernel
    points:n=2000,objective=log_det

A graph stands for the closed undirected neighbourhoods of its nodes; with
``directed=1`` for the heads of the arcs that leave a node, over the nodes that have
some. Streams: window, random, delete, growing, adversary.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from boundwise.core.arguments import as_count, as_number
from boundwise.core.errors import InputError
from boundwise.instances.edgelist import edge_list_of, find_graph, read_edge_list
from boundwise.instances.generators.graphs import random_graph
from boundwise.instances.generators.set_systems import (
    clustered_points,
    gaussian_kernel,
    heavy_tailed_sets,
)
from boundwise.instances.generators.streams import (
    Stream,
    delete_by_key,
    growing,
    random_updates,
    sliding_window,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

STREAMS = ("window", "random", "delete", "growing", "adversary")
OBJECTIVES = ("coverage", "facility_location", "log_det")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Problem:
    """Hold an instance: a function, and the updates of its ground set.

    Parameters
    ----------
    name
        The specification.
    objective
        ``"coverage"``, ``"facility_location"`` or ``"log_det"``.
    data
        Set system (CSR) of a coverage, otherwise the kernel.
    k, eps
        Cardinality, and the accuracy asked of methods that know one.
    stream
        The updates; None if an adversary plays.
    length, seed
        Length and seed of the adversary's game.
    """

    name: str
    objective: str
    data: "csr_array[np.float64] | Floats" = field(repr=False)
    k: int
    eps: float
    stream: Stream | None
    length: int
    seed: int

    @property
    def n(self) -> int:
        """Size of the ground set."""
        return int(self.data.shape[0])


def make(specification: str) -> Problem:
    """Make the instance that a specification names.

    Raises
    ------
    InputError
        If the specification is not understood.
    NotAvailableError
        If it names a graph that is not on this machine.
    """
    source, options = _parsed(specification)
    seed = _integer(options, "seed", 0, 0)
    objective, data = _ground_set(source, options, seed)
    k = _integer(options, "k", 50, 1)
    eps = as_number("eps", _number(options, "eps", 0.2), above=0, below=1)
    kind = options.pop("stream", "window")
    length = _integer(options, "length", 2 * data.shape[0], 1)
    stream = _stream(kind, objective, data, length, seed)
    if options:
        raise InputError(f"{specification!r} has the unknown option {min(options)!r}.")
    return Problem(
        name=specification,
        objective=objective,
        data=data,
        k=k,
        eps=eps,
        stream=stream,
        length=length,
        seed=seed,
    )


def _ground_set(
    source: str, options: dict[str, str], seed: int
) -> tuple[str, "csr_array[np.float64] | Floats"]:
    makers: dict[str, Callable[[], csr_array[np.float64] | Floats]] = {
        "synth": lambda: heavy_tailed_sets(
            _integer(options, "n", 20_000, 1), seed=seed
        ),
        "ba": lambda: _generated(options, seed),
        "points": lambda: gaussian_kernel(
            clustered_points(_integer(options, "n", 2000, 1), seed=seed)
        ),
    }
    default = "facility_location" if source == "points" else "coverage"
    objective = options.pop("objective", default)
    if objective not in OBJECTIVES or (objective == "coverage") == (source == "points"):
        raise InputError(
            f"objective must be coverage for sets, and facility_location or log_det "
            f"for points; got {objective!r} for {source!r}."
        )
    if source in makers:
        return objective, makers[source]()
    directed = _integer(options, "directed", 0, 0)
    graph = read_edge_list(find_graph(source))
    sets = graph.neighbourhoods(directed=bool(directed), closed=not directed)
    if directed:
        sets = csr_array(sets[np.diff(sets.indptr) > 0])
    return objective, sets


def _generated(options: dict[str, str], seed: int) -> "csr_array[np.float64]":
    n = _integer(options, "n", 20_000, 2)
    affinity = _integer(options, "affinity", 5, 1)
    arcs = random_graph(n, "ba", 0.0, affinity, np.random.default_rng(seed))
    return edge_list_of("ba", n, arcs).neighbourhoods()


def _stream(
    kind: str,
    objective: str,
    data: "csr_array[np.float64] | Floats",
    length: int,
    seed: int,
) -> Stream | None:
    n = data.shape[0]
    if kind == "window":
        return sliding_window(n, seed=seed)
    if kind == "random":
        return random_updates(n, length, seed=seed)
    if kind == "growing":
        return growing(n, seed=seed)
    if kind == "adversary":
        return None
    if kind == "delete":
        # Degrees, or total similarities: the singleton values, up to a constant.
        return delete_by_key(np.asarray(data.sum(axis=1)).ravel(), seed=seed)
    raise InputError(f"stream must be one of {', '.join(STREAMS)}, got {kind!r}.")


def _parsed(specification: str) -> tuple[str, dict[str, str]]:
    source, _, rest = specification.partition(":")
    options = {}
    for part in filter(None, rest.split(",")):
        name, equals, value = part.partition("=")
        if not equals or name.strip() in options:
            raise InputError(
                f"options of {specification!r} must be name=value, each once, got "
                f"{part!r}."
            )
        options[name.strip()] = value.strip()
    if not source:
        raise InputError(f"{specification!r} must begin with a name.")
    return source, options


def _integer(options: dict[str, str], name: str, default: int, least: int) -> int:
    text = options.pop(name, str(default))
    try:
        value = int(text)
    except ValueError:
        raise InputError(f"{name} must be an integer, got {text!r}.") from None
    return as_count(name, value, least=least)


def _number(options: dict[str, str], name: str, default: float) -> float:
    text = options.pop(name, str(default))
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{name} must be a number, got {text!r}.") from None


def file_name(specification: str) -> str:
    """Return a file name for a specification."""
    kept: Mapping[str, str] = {":": "-", ",": "_", "/": "-"}
    return "".join(kept.get(letter, letter) for letter in specification)
