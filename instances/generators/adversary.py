"""An adaptive adversary: a stream that looks at the solution before each update.

    fill:   insert a share of the elements in random order
    then, in turn:   ask a policy which solution element to delete;
                     insert a dead element at random, the deleted ones last

No oblivious analysis covers it: guarantees that hold here hold in the worst case.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np

from boundwise.core.arguments import as_count, as_number
from boundwise.core.errors import InputError
from boundwise.core.rng import make_rng
from boundwise.instances.generators.streams import Update


class Policy(Protocol):
    """Choose which element to delete."""

    def __call__(self, solution: Sequence[int], rng: np.random.Generator) -> int:
        """Return an alive element, such as one of the solution (never empty)."""
        ...


def delete_any(solution: Sequence[int], rng: np.random.Generator) -> int:
    """Choose a solution element at random."""
    return int(solution[int(rng.integers(len(solution)))])


def delete_best(keys: Sequence[float]) -> Policy:
    """Return the policy that deletes the solution element of the largest key."""

    def policy(solution: Sequence[int], rng: np.random.Generator) -> int:
        return int(max(solution, key=lambda element: keys[element]))

    return policy


class Adversary:
    """Play against an algorithm.

    Parameters
    ----------
    n_elements
        Size of the ground set.
    length
        Number of updates.
    policy
        Chooses deletions; at random within the solution by default.
    fill
        Share of the ground set that is inserted first.
    rest
        An element that was deleted stays away while others wait: dead elements come
        back in the order in which they died.
    seed
        Seed of all choices.

    Raises
    ------
    InputError
        If an argument is out of range.
    """

    def __init__(
        self,
        n_elements: int,
        length: int,
        policy: Policy = delete_any,
        *,
        fill: float = 0.5,
        rest: bool = True,
        seed: int | None = 0,
    ) -> None:
        n_elements = as_count("n_elements", n_elements)
        length = as_count("length", length)
        fill = as_number("fill", fill, at_least=0, at_most=1)
        self.n_elements = n_elements
        self.length = length
        self._policy = policy
        self._n_first = min(length, n_elements, max(1, int(fill * n_elements)))
        self._rest = rest
        self._rng, self.seed = make_rng(seed)

    def play(self, solution: Callable[[], Sequence[int]]) -> Iterator[Update]:
        """Yield updates; the algorithm must apply each before it asks for the next.

        Parameters
        ----------
        solution
            Returns the algorithm's present solution.

        Raises
        ------
        InputError
            If the policy chooses an element that is not alive.
        """
        order = self._rng.permutation(self.n_elements).tolist()
        alive = set(order[: self._n_first])
        dead = deque(order[self._n_first :])
        for element in order[: self._n_first]:
            yield "insert", element
        for step in range(self.length - self._n_first):
            present = solution() if step % 2 == 0 and alive else ()
            if len(present):
                element = self._policy(present, self._rng)
                if element not in alive:
                    raise InputError(f"policy chose {element!r}, which is not alive.")
                alive.remove(element)
                dead.append(element)
                yield "delete", element
            elif dead:
                if not self._rest:
                    dead.rotate(-int(self._rng.integers(len(dead))))
                element = dead.popleft()
                alive.add(element)
                yield "insert", element
            else:
                return
