"""Monomials of few variables as single integers, and tables of their moments.

Eight bits hold one exponent, those of the last variable on top. Then the product of
monomials is the sum of integers, and integers of monomials of one degree are in term
order. A Gram entry <o, b> is the moment of the product o*b, so entries with the same
product are looked up instead of summed again: degree 3 in 3 variables has 49 new
moments but 155 Gram entries.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from boundwise.heuristics.compiled import compiled
from boundwise.solvers.vanishing.terms import Ints

Floats = npt.NDArray[np.float64]

#: Bits of one exponent; seven variables fill an integer.
BITS = 8
#: Largest degree of a term, so that degrees of products of two fit beside the key.
LARGEST_DEGREE = 63


@compiled()
def position(keys: Ints, key: int) -> int:
    """Find a key in the sorted keys; -1 if it is not there."""
    low, high = 0, keys.shape[0]
    while low < high:
        middle = (low + high) // 2
        if keys[middle] < key:
            low = middle + 1
        else:
            high = middle
    if low < keys.shape[0] and keys[low] == key:
        return low
    return -1


@compiled()
def packed_border(last: Ints, variables: Ints, offset: int) -> Ints:
    """List the next border in term order: rows of keys, parents and variables.

    Parents count from ``offset``, the index of the first of ``last``.
    """
    found = np.empty((3, last.shape[0] * variables.shape[0]), dtype=np.int64)
    size = 0
    for variable in variables:
        unit = 1 << (BITS * variable)
        for u in range(last.shape[0]):
            if last[u] >> (BITS * (variable + 1)):
                # Its highest variable is above this one: met again later.
                break
            key = last[u] + unit
            inside = True
            for lower in range(variable):
                if (key >> (BITS * lower)) & 255:
                    divisor = key - (1 << (BITS * lower))
                    if position(last, divisor) < 0:
                        inside = False
                        break
            if inside:
                found[0, size] = key
                found[1, size] = u + offset
                found[2, size] = variable
                size += 1
    return found[:, :size].copy()


@compiled()
def unpack(keys: Ints, n_variables: int) -> Ints:
    """Turn keys into exponent vectors, one a row."""
    powers = np.empty((keys.shape[0], n_variables), dtype=np.int64)
    for i in range(keys.shape[0]):
        for v in range(n_variables):
            powers[i, v] = (keys[i] >> (BITS * v)) & ((1 << BITS) - 1)
    return powers


def all_keys(n_variables: int, degree: int) -> tuple[Ints, Ints, Ints]:
    """List every monomial up to a degree: keys, parents and variables."""
    zero = np.zeros(1, dtype=np.int64)
    variables = np.arange(n_variables)
    layer = 1 << (BITS * variables)
    keys, parents = [zero, layer], [zero, np.zeros_like(variables)]
    multipliers = [zero, variables]
    offset = 1
    for _ in range(degree - 1):
        layer, ups, by = packed_border(layer, variables, offset)
        offset += len(keys[-1])
        keys.append(layer)
        parents.append(ups)
        multipliers.append(by)
    return np.concatenate(keys), np.concatenate(parents), np.concatenate(multipliers)


@dataclass(slots=True)
class MomentTable:
    """Hold sums over the rows of monomials; the key 0 holds the number of rows.

    Parameters
    ----------
    keys
        Keys of the monomials, sorted.
    values
        The sums.
    """

    keys: Ints
    values: Floats

    def add(self, keys: Ints, values: Floats) -> None:
        """Enter new moments."""
        keys = np.concatenate([self.keys, keys])
        order = np.argsort(keys)
        self.keys = keys[order]
        self.values = np.concatenate([self.values, values])[order]

    @staticmethod
    def total(tables: Sequence["MomentTable"]) -> "MomentTable":
        """Add up tables of disjoint rows that hold the same keys."""
        if len(tables) == 1:
            return tables[0]
        values: Floats = np.sum([table.values for table in tables], axis=0)
        return MomentTable(tables[0].keys, values)
