"""Streams of insertions and deletions over a ground set 0, ..., n - 1.

    sliding window    insert in random order, delete the oldest beyond the window
    random            fill up, then insert or delete with equal chances
    delete by key     insert all, then delete from the largest key down
    growing           insertions only

An element is inserted when it is dead and deleted when it is alive. The window and the
deletion in the order of degrees follow the experiments of Lattanzi, Mitrovic,
Norouzi-Fard, Tarnawski, Zadimoghaddam (2020), "Fully Dynamic Algorithm for Constrained
Submodular Optimization", NeurIPS, arXiv:2006.04704.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from boundwise.core.arguments import as_count, as_number
from boundwise.core.errors import InputError
from boundwise.core.rng import make_rng

Update = tuple[Literal["insert", "delete"], int]


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """Hold a sequence of updates, frozen.

    Parameters
    ----------
    name
        What it is, with the parameters and the seed.
    n_elements
        Size of the ground set.
    elements
        The element of each update, shape (t,).
    is_insertion
        Whether the update inserts it, shape (t,).

    Raises
    ------
    InputError
        If an element is out of range, inserted alive or deleted dead.
    """

    name: str
    n_elements: int
    elements: NDArray[np.int64]
    is_insertion: NDArray[np.bool_]

    def __post_init__(self) -> None:
        """Check every update and make the arrays read-only."""
        as_count("n_elements", self.n_elements)
        elements = np.array(self.elements, dtype=np.int64)
        insertions = np.array(self.is_insertion, dtype=np.bool_)
        if elements.ndim != 1 or elements.shape != insertions.shape:
            raise InputError(
                f"elements and is_insertion must have one shape (t,), got "
                f"{elements.shape} and {insertions.shape}."
            )
        if elements.size and not 0 <= elements.min() <= elements.max() < (
            self.n_elements
        ):
            raise InputError(f"elements must lie in 0 to {self.n_elements - 1}.")
        _require_alternation(elements, insertions)
        for name, array in (("elements", elements), ("is_insertion", insertions)):
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    def __len__(self) -> int:
        return len(self.elements)

    def __iter__(self) -> Iterator[Update]:
        for element, insertion in zip(
            self.elements.tolist(), self.is_insertion.tolist(), strict=True
        ):
            yield ("insert" if insertion else "delete"), element

    def alive_after(self, count: int) -> NDArray[np.int64]:
        """Return the elements that are alive after the first ``count`` updates.

        Returns
        -------
        ndarray
            In the order of their last insertions.
        """
        count = as_count("count", count, least=0)
        elements = self.elements[:count]
        # Each element's last update decides.
        reverse = elements[::-1]
        _, first = np.unique(reverse, return_index=True)
        last = np.sort(len(elements) - 1 - first)
        return elements[last[self.is_insertion[last]]]


def _require_alternation(
    elements: NDArray[np.int64], insertions: NDArray[np.bool_]
) -> None:
    """Refuse an insertion of an alive element and a deletion of a dead one."""
    order = np.argsort(elements, kind="stable")
    sorted_elements, kinds = elements[order], insertions[order]
    fresh = np.ones(len(order), dtype=np.bool_)
    fresh[1:] = sorted_elements[1:] != sorted_elements[:-1]
    before = np.zeros(len(order), dtype=np.bool_)
    before[1:] = kinds[:-1]
    before[fresh] = False
    wrong = np.flatnonzero(kinds == before)
    if len(wrong):
        at = int(order[wrong].min())
        word = "inserted while alive" if insertions[at] else "deleted while dead"
        raise InputError(f"update {at}: element {int(elements[at])} is {word}.")


def sliding_window(
    n_elements: int, window: int | None = None, *, seed: int | None = 0
) -> Stream:
    """Insert all elements in random order; delete the oldest beyond a window.

    The stream goes on until the last element has left the window: 2 n updates.

    Parameters
    ----------
    n_elements
        Size of the ground set.
    window
        Largest number of alive elements; half of the ground set if None.
    seed
        Seed of the order.

    Examples
    --------
    >>> [f"{word[0]}{e}" for word, e in sliding_window(3, 2, seed=0)]
    ['i2', 'i0', 'd2', 'i1', 'd0', 'd1']
    """
    n_elements = as_count("n_elements", n_elements)
    window = max(1, n_elements // 2) if window is None else window
    window = as_count("window", window)
    rng, seed = make_rng(seed)
    order = rng.permutation(n_elements)
    # The deletion of an element falls just before the insertion that is `window`
    # places later: sort keys (time, insertions last).
    times = np.arange(n_elements)
    keys = np.concatenate([2 * times + 1, 2 * (times + window)])
    places = np.argsort(keys, kind="stable")
    return Stream(
        f"window-n{n_elements}-w{window}-s{seed}",
        n_elements,
        np.concatenate([order, order])[places],
        places < n_elements,
    )


def random_updates(
    n_elements: int,
    length: int | None = None,
    *,
    fill: float = 0.5,
    seed: int | None = 0,
) -> Stream:
    """Fill up to a share of the ground set, then insert or delete with equal chances.

    Parameters
    ----------
    n_elements
        Size of the ground set.
    length
        Number of updates; twice the ground set if None.
    fill
        Share of the ground set that is alive when the mixing begins.
    seed
        Seed of all choices.

    Examples
    --------
    >>> len(random_updates(10, 100, seed=1))
    100
    """
    n_elements = as_count("n_elements", n_elements)
    length = 2 * n_elements if length is None else length
    length = as_count("length", length)
    fill = as_number("fill", fill, at_least=0, at_most=1)
    rng, seed = make_rng(seed)
    # The first n_alive places hold the alive elements; an update swaps one over.
    pool = rng.permutation(n_elements).tolist()
    n_first = min(length, int(fill * n_elements))
    coins = rng.random(length).tolist()
    picks = rng.random(length).tolist()
    elements, insertions = pool[:n_first], [True] * n_first
    alive = n_first
    for step in range(n_first, length):
        insertion = alive == 0 or (alive < n_elements and coins[step] < 0.5)
        if insertion:
            at = alive + int(picks[step] * (n_elements - alive))
            pool[alive], pool[at] = pool[at], pool[alive]
            elements.append(pool[alive])
            alive += 1
        else:
            at = int(picks[step] * alive)
            alive -= 1
            pool[alive], pool[at] = pool[at], pool[alive]
            elements.append(pool[alive])
        insertions.append(insertion)
    return Stream(
        f"random-n{n_elements}-t{length}-f{fill:g}-s{seed}",
        n_elements,
        np.array(elements, dtype=np.int64),
        np.array(insertions, dtype=np.bool_),
    )


def delete_by_key(keys: ArrayLike, *, seed: int | None = 0) -> Stream:
    """Insert all elements in random order, then delete from the largest key down.

    With degrees or singleton values as keys this removes what solutions are made of.

    Parameters
    ----------
    keys
        One finite number per element; ties are broken at random.
    seed
        Seed of the order of insertion and of ties.

    Examples
    --------
    >>> delete_by_key([1.0, 3.0, 2.0]).elements[3:].tolist()
    [1, 2, 0]
    """
    values = np.asarray(keys, dtype=np.float64)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise InputError(
            f"keys must be finite numbers of shape (n,), got shape {values.shape}."
        )
    n = len(values)
    rng, seed = make_rng(seed)
    order = rng.permutation(n)
    ties = rng.permutation(n)
    return Stream(
        f"delete-n{n}-s{seed}",
        n,
        np.concatenate([order, np.lexsort((ties, -values))]),
        np.arange(2 * n) < n,
    )


def growing(n_elements: int, *, seed: int | None = 0) -> Stream:
    """Insert all elements in random order and delete none.

    Examples
    --------
    >>> sorted(growing(3).elements.tolist())
    [0, 1, 2]
    """
    n_elements = as_count("n_elements", n_elements)
    rng, seed = make_rng(seed)
    return Stream(
        f"growing-n{n_elements}-s{seed}",
        n_elements,
        rng.permutation(n_elements),
        np.ones(n_elements, dtype=np.bool_),
    )
