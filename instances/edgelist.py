"""Read graphs from edge lists as they are found: one arc ``u v`` a line.

Comments, a line with column names, a line with the numbers of nodes and arcs, tabs,
commas, further columns, gzip, arcs in one or both directions, self-loops and repeated
arcs are all met in the wild (the SNAP collection, Leskovec & Krevl 2014).
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, eye_array

from boundwise.core.arguments import as_count
from boundwise.core.errors import InputError, NotAvailableError
from boundwise.instances.textfile import read_text

#: Environment variable that names folders with graphs, separated as in ``PATH``.
ENVIRONMENT = "BOUNDWISE_GRAPHS"
_SUFFIXES = ("", ".gz", ".txt.gz", ".txt", ".csv.gz", ".csv", ".edges")
_SEPARATOR = re.compile(r"[\s,;]+")
#: A line may begin like this anywhere in the file and holds no arc.
_COMMENT = ("#", "%", "//")


@dataclass(frozen=True, slots=True, eq=False)
class EdgeList:
    """Hold the arcs of a graph whose nodes are numbered 0 to n - 1.

    Parameters
    ----------
    name
        Name of the graph.
    labels
        The nodes' own numbers, ascending, shape (n,).
    arcs
        Tails and heads, shape (m, 2), in the order of the file.

    Raises
    ------
    InputError
        If the shapes are wrong or an arc leaves the graph.
    """

    name: str
    labels: NDArray[np.int64]
    arcs: NDArray[np.int64]

    def __post_init__(self) -> None:
        """Check the arcs and make the arrays read-only."""
        labels = np.array(self.labels, dtype=np.int64)
        arcs = np.array(self.arcs, dtype=np.int64)
        if labels.ndim != 1 or arcs.ndim != 2 or arcs.shape[1] != 2:
            raise InputError(
                f"labels and arcs must have shapes (n,) and (m, 2), got {labels.shape} "
                f"and {arcs.shape}."
            )
        if arcs.size and not 0 <= arcs.min() <= arcs.max() < len(labels):
            raise InputError(f"arcs must join nodes 0 to {len(labels) - 1}.")
        for name, array in (("labels", labels), ("arcs", arcs)):
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.labels)

    def neighbourhoods(
        self, *, directed: bool = False, closed: bool = True
    ) -> "csr_array[np.float64]":
        """Return the sets N(v) as rows of a matrix of ones.

        Parameters
        ----------
        directed
            Only heads of arcs that leave v; otherwise every arc counts both ways.
        closed
            Whether v belongs to its own set. Self-loops have no say in that.

        Returns
        -------
        csr_array
            Shape (n, n), rows sorted, no entry twice.
        """
        tails, heads = self.arcs[:, 0], self.arcs[:, 1]
        if not directed:
            tails, heads = (
                np.concatenate([tails, heads]),
                np.concatenate([heads, tails]),
            )
        proper = tails != heads
        tails, heads = tails[proper], heads[proper]
        n = self.n_nodes
        matrix = csr_array(
            coo_array((np.ones(len(tails)), (tails, heads)), shape=(n, n))
        )
        if closed:
            matrix = csr_array(matrix + eye_array(n, format="csr"))
        matrix.sum_duplicates()
        matrix.sort_indices()
        matrix.data[:] = 1.0
        return matrix


def read_edge_list(path: str | os.PathLike[str]) -> EdgeList:
    """Read a graph from a text file, gunzipped if it is named ``.gz``.

    Parameters
    ----------
    path
        The file. Lines before the first pair of integers are headings; so is a first
        pair that counts the nodes and the arcs that follow.

    Returns
    -------
    EdgeList
        The arcs, nodes renumbered in the order of their own numbers.

    Raises
    ------
    NotAvailableError
        If there is no such file.
    InputError
        If it holds no arcs, or a later line is not one; the line is named.
    """
    path = Path(path)
    pairs: list[tuple[int, int]] = []
    for number, line in enumerate(read_text(path).split("\n"), 1):
        text = line.strip()
        if not text or text.startswith(_COMMENT):
            continue
        fields = _SEPARATOR.split(text)
        try:
            pair = int(fields[0]), int(fields[1])
        except (ValueError, IndexError):
            if pairs:
                raise InputError(
                    f"{path}:{number}: expected two node numbers, got {text[:40]!r}."
                ) from None
            continue
        if not all(-(2**63) <= node < 2**63 for node in pair):
            raise InputError(f"{path}:{number}: a node number is out of range.")
        pairs.append(pair)
    if not pairs:
        raise InputError(f"{path}: there are no arcs.")
    arcs = np.array(pairs, dtype=np.int64)
    rest = arcs[1:]
    if len(rest) and tuple(arcs[0]) == (len(np.unique(rest)), len(rest)):
        arcs = rest
    labels, flat = np.unique(arcs, return_inverse=True)
    name = path.name
    for suffix in (".gz", ".txt", ".csv", ".edges"):
        name = name.removesuffix(suffix)
    return EdgeList(name, labels, flat.reshape(-1, 2).astype(np.int64))


def find_graph(name: str) -> Path:
    """Return the file of a graph in the folders that ``BOUNDWISE_GRAPHS`` names.

    Raises
    ------
    NotAvailableError
        If it is not there.
    """
    value = os.environ.get(ENVIRONMENT, "")
    for folder in filter(None, value.split(os.pathsep)):
        for suffix in _SUFFIXES:
            path = Path(folder).expanduser() / f"{name}{suffix}"
            if path.is_file():
                return path
    raise NotAvailableError(
        f"there is no graph {name!r} in the folders that {ENVIRONMENT} names "
        f"({value or 'none'})."
    )


def edge_list_of(name: str, n_nodes: int, arcs: NDArray[np.int64]) -> EdgeList:
    """Return a graph on the nodes 0 to n_nodes - 1, such as a generated one."""
    n_nodes = as_count("n_nodes", n_nodes)
    return EdgeList(name, np.arange(n_nodes, dtype=np.int64), arcs)
