"""Influence: expected number of nodes that a seed set reaches in random cascades.

In the independent cascade model an arc (u, v) fires once with probability p_uv. A
reverse reachable set holds the nodes that reach a random root in one random outcome:

    E |reached by S| = n P(S meets a random reverse reachable set),

so many such sets turn influence into coverage. A node that is deleted is only
forbidden as a seed; it still passes cascades on, so no set is dropped.

Borgs, Brautbar, Chayes, Lucier (2014), "Maximizing social influence in nearly optimal
time", doi:10.1137/1.9781611973402.70.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from boundwise.core.arguments import as_count
from boundwise.core.errors import InputError
from boundwise.core.rng import make_rng
from boundwise.solvers.submodular.objectives.coverage import Coverage
from boundwise.solvers.submodular.objectives.inputs import as_csr
from boundwise.solvers.submodular.objectives.program import Ints, Ints32


class Influence(Coverage):
    """Estimate the spread of seed sets from reverse reachable sets.

    Parameters
    ----------
    P
        Square matrix, sparse or dense: entry (u, v) is the probability that u
        activates v.
    n_sets
        Number of reverse reachable sets; the relative error falls like one over the
        square root of it.
    seed
        Seed of the cascades.

    Raises
    ------
    InputError
        If a probability is outside [0, 1] or the matrix is not square.

    Examples
    --------
    >>> Influence([[0, 1.0], [0, 0]], n_sets=8).value([0])  # node 0 reaches both
    2.0
    """

    def __init__(self, P: Any, n_sets: int = 10_000, *, seed: int | None = 0) -> None:
        rows, indices, data, shape = as_csr(P, "P")
        if shape[0] != shape[1]:
            raise InputError(f"P must be square, got shape {shape}.")
        if len(data) and not 0.0 <= data.min() <= data.max() <= 1.0:
            raise InputError("P must hold probabilities in [0, 1].")
        n_sets = as_count("n_sets", n_sets)
        rng, self.seed = make_rng(seed)
        n = shape[0]
        reverse: Any = sparse.csr_array((data, indices, rows), shape=shape).T.tocsr()
        members, sets = [], []
        for at in range(n_sets):
            reached = _reached(reverse, int(rng.integers(n)), rng)
            members.append(reached)
            sets.append(np.full(len(reached), at))
        nodes, columns = np.concatenate(members), np.concatenate(sets)
        matrix = sparse.csr_array(
            (np.ones(len(nodes)), (nodes, columns)), shape=(n, n_sets)
        )
        super().__init__(matrix, weights=np.full(n_sets, n / n_sets))


def _reached(reverse: Any, root: int, rng: np.random.Generator) -> Ints:
    """Return the nodes that reach a root in one random outcome."""
    indptr: Ints32 = reverse.indptr
    found, frontier = {root}, [root]
    while frontier:
        v = frontier.pop()
        part = slice(indptr[v], indptr[v + 1])
        fires: npt.NDArray[np.bool_] = (
            rng.random(part.stop - part.start) < (reverse.data[part])
        )
        for u in reverse.indices[part][fires].tolist():
            if u not in found:
                found.add(u)
                frontier.append(u)
    return np.fromiter(sorted(found), dtype=np.int64)
