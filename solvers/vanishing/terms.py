"""Monomials as words, and the border of an order ideal in term order.

A monomial of degree d is a word of d variable indices in descending order: x0 x2^2 is
(2, 2, 0). Words of one degree, compared lexicographically, are in the term order
"deglex" of the method: exponents of the last variable decide first.

The border of degree d holds every monomial whose divisors of degree d-1 all lie in O.
O is closed under division, so each such monomial is met exactly once as v*u with u in O
of degree d-1 and v a variable not below the first letter of u, and going through v and
then u in order lists them in order, with no sorting and without touching the data.
"""

import math

import numpy as np
import numpy.typing as npt

from boundwise.heuristics.compiled import compiled

Ints = npt.NDArray[np.int64]


@compiled()
def _holds_shortened(words: Ints, skip: int, head: int, tail: Ints) -> bool:
    """Search the sorted words for (head, *tail) with letter ``skip`` left out."""
    length = words.shape[1]
    low, high = 0, words.shape[0]
    while low < high:
        middle = (low + high) // 2
        order = 0
        for i in range(length):
            at = i if i < skip else i + 1
            letter = head if at == 0 else tail[at - 1]
            if words[middle, i] != letter:
                order = -1 if words[middle, i] < letter else 1
                break
        if order == 0:
            return True
        if order < 0:
            low = middle + 1
        else:
            high = middle
    return False


@compiled()
def _border(words: Ints, variables: Ints) -> tuple[Ints, Ints, Ints]:
    count, length = words.shape
    capacity = count * variables.shape[0]
    new = np.empty((capacity, length + 1), dtype=np.int64)
    parents = np.empty(capacity, dtype=np.int64)
    multipliers = np.empty(capacity, dtype=np.int64)
    size = 0
    for variable in variables:
        for u in range(count):
            if words[u, 0] > variable:
                break
            inside = True
            for skip in range(1, length + 1):
                if not _holds_shortened(words, skip, variable, words[u]):
                    inside = False
                    break
            if inside:
                new[size, 0] = variable
                new[size, 1:] = words[u]
                parents[size] = u
                multipliers[size] = variable
                size += 1
    return new[:size].copy(), parents[:size].copy(), multipliers[:size].copy()


def border(words: Ints, variables: Ints) -> tuple[Ints, Ints, Ints]:
    """List the next border in term order.

    Parameters
    ----------
    words
        The members of O of degree d-1 >= 1 in term order, one word a row.
    variables
        The variables in O, ascending.

    Returns
    -------
    tuple
        Words of degree d in term order, and for each the row of the parent in
        ``words`` and the variable that multiplies it.

    Examples
    --------
    >>> words, parents, variables = border(np.array([[0], [1]]), np.array([0, 1]))
    >>> words.tolist()
    [[0, 0], [1, 0], [1, 1]]
    """
    return _border(np.ascontiguousarray(words), np.ascontiguousarray(variables))


def exponents(words: Ints, n_variables: int) -> Ints:
    """Turn words of one degree into exponent vectors, one a row."""
    powers = np.zeros((len(words), n_variables), dtype=np.int64)
    rows = np.arange(len(words))
    for column in range(words.shape[1]):
        np.add.at(powers, (rows, words[:, column]), 1)
    return powers


def all_words(n_variables: int, degree: int) -> list[tuple[Ints, Ints, Ints]]:
    """List the full borders of degree 1 to ``degree``: every monomial."""
    variables = np.arange(n_variables)
    layers = [(variables[:, None].copy(), np.zeros(n_variables, np.int64), variables)]
    while len(layers) < degree:
        layers.append(border(layers[-1][0], variables))
    return layers[:degree]


def n_monomials(n_variables: int, degree: int) -> int:
    """Count the monomials of degree at most ``degree``."""
    return math.comb(n_variables + degree, degree)


def degree_bound(psi: float) -> int:
    """Return the degree in which every term vanishes on data inside the unit cube.

    The product of (t_j - 1/2) over the letters of a term of degree D has a mean
    squared error of at most 4^-D, so D = ceil(log(1/psi) / log 4) is enough.

    Examples
    --------
    >>> degree_bound(0.005), degree_bound(1e-4)
    (4, 7)
    """
    return max(1, math.ceil(-math.log(psi) / math.log(4.0)))


def term_name(powers: Ints, names: list[str]) -> str:
    """Write a monomial as people do: ``x0^2 x3``, and ``1`` for degree zero."""
    factors = [
        names[i] if power == 1 else f"{names[i]}^{power}"
        for i, power in enumerate(powers)
        if power
    ]
    return " ".join(factors) or "1"
