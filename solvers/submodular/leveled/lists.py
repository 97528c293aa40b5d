"""Elements of a guess, in one doubly linked list for each level."""

from boundwise.solvers.submodular.compiled import compiled
from boundwise.solvers.submodular.leveled.fields import candidates, levels, links
from boundwise.solvers.submodular.leveled.state import (
    COUNT,
    HEAD,
    LEVEL,
    NEXT,
    NONE,
    PREVIOUS,
)


@compiled(internal=True)
def put(state: int, s: int, e: int, i: int) -> None:
    """Put an element on level i of guess s: it belongs to R_1, ..., R_i."""
    head = levels(state, s, HEAD)[i]
    links(state, s, LEVEL)[e] = i
    links(state, s, NEXT)[e] = head
    links(state, s, PREVIOUS)[e] = NONE
    if head != NONE:
        links(state, s, PREVIOUS)[head] = e
    levels(state, s, HEAD)[i] = e
    levels(state, s, COUNT)[i] += 1


@compiled(internal=True)
def take(state: int, s: int, e: int) -> None:
    """Remove an element from guess s."""
    i, after, before = (
        links(state, s, LEVEL)[e],
        links(state, s, NEXT)[e],
        links(state, s, PREVIOUS)[e],
    )
    if before == NONE:
        levels(state, s, HEAD)[i] = after
    else:
        links(state, s, NEXT)[before] = after
    if after != NONE:
        links(state, s, PREVIOUS)[after] = before
    levels(state, s, COUNT)[i] -= 1
    links(state, s, LEVEL)[e] = 0


@compiled(internal=True)
def gather(state: int, s: int, first: int, last: int) -> int:
    """Empty levels ``first`` to ``last`` into ``candidate``; return how many."""
    found = 0
    for i in range(first, last + 1):
        e = levels(state, s, HEAD)[i]
        while e != NONE:
            candidates(state)[found] = e
            found += 1
            e = links(state, s, NEXT)[e]
        levels(state, s, HEAD)[i] = NONE
        levels(state, s, COUNT)[i] = 0
    return found


@compiled(internal=True)
def count_from(state: int, s: int, first: int, last: int) -> int:
    """Return how many elements lie on levels ``first`` to ``last``."""
    found = 0
    for i in range(first, last + 1):
        found += levels(state, s, COUNT)[i]
    return found
