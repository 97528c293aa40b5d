"""Cover a set of moments by few 4 x 4 products of terms, and sweep over the rows.

A tile multiplies four terms with four others and adds up 16 moments at the price of
eight loads per row, with all sums in registers. A set of moments needs at least one
tile per 16; a greedy choice of the terms comes near that.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from boundwise.heuristics.compiled import compiled
from boundwise.solvers.vanishing.gram import Gram
from boundwise.solvers.vanishing.packed import position
from boundwise.solvers.vanishing.scaling import Scaling
from boundwise.solvers.vanishing.sweep import TILED_BYTES
from boundwise.solvers.vanishing.terms import Ints

Floats = npt.NDArray[np.float64]


@compiled()
def _gain(place: Ints, covered: Ints, stamp: int, term: int, others: Ints) -> int:
    """Count the uncovered moments that a term makes with the others.

    ``covered`` marks what is covered with 0 and otherwise holds the last stamp.
    """
    gain = 0
    for other in others:
        moment = place[term, other]
        if moment >= 0 and covered[moment] > 0 and covered[moment] != stamp:
            covered[moment] = stamp
            gain += 1
    return gain


@compiled()
def _mark(place: Ints, covered: Ints, term: int, others: Ints) -> None:
    for other in others:
        moment = place[term, other]
        if moment >= 0:
            covered[moment] = 0


@compiled()
def _cover(terms: Ints, needed: Ints) -> tuple[Ints, Ints, Ints]:
    """Choose tiles; return their left and right terms and where each moment is."""
    count = terms.shape[0]
    place = np.empty((count, count), dtype=np.int64)
    for i in range(count):
        for j in range(count):
            place[i, j] = position(needed, terms[i] + terms[j])
    # Positive: still to be covered.
    covered = np.ones(needed.shape[0], dtype=np.int64)
    left = np.zeros((needed.shape[0], 4), dtype=np.int64)
    right = np.zeros((needed.shape[0], 4), dtype=np.int64)
    stamp = 1
    tiles = 0
    seek = count - 1
    while True:
        # Terms of high degree have the fewest ways to be made: start from the end.
        first, mate = -1, -1
        while seek >= 0 and first < 0:
            for j in range(count - 1, -1, -1):
                if place[seek, j] >= 0 and covered[place[seek, j]] > 0:
                    first, mate = seek, j
                    break
            if first < 0:
                seek -= 1
        if first < 0:
            break
        rows, columns = left[tiles], right[tiles]
        for i in range(4):
            rows[i], columns[i] = first, mate
        covered[place[first, mate]] = 0
        n_rows = n_columns = 1
        while n_rows < 4 or n_columns < 4:
            down = n_columns == 4 or (n_rows < 4 and n_rows < n_columns)
            best, best_gain = -1, -1
            for term in range(count - 1, -1, -1):
                stamp += 1
                partners = columns[:n_columns] if down else rows[:n_rows]
                gain = _gain(place, covered, stamp, term, partners)
                if gain > best_gain:
                    best, best_gain = term, gain
            if down:
                rows[n_rows] = best
                n_rows += 1
                _mark(place, covered, best, columns[:n_columns])
            else:
                columns[n_columns] = best
                n_columns += 1
                _mark(place, covered, best, rows[:n_rows])
        tiles += 1
    # Where each moment is read from, as an index into the flat tile sums.
    origin = np.full(needed.shape[0], -1, dtype=np.int64)
    for tile in range(tiles):
        for i in range(4):
            for j in range(4):
                moment = place[left[tile, i], right[tile, j]]
                if moment >= 0:
                    origin[moment] = 16 * tile + 4 * i + j
    return left[:tiles].copy(), right[:tiles].copy(), origin


@compiled()
def _trimmed(
    parents: Ints, variables: Ints, left: Ints, right: Ints, n_variables: int
) -> tuple[Ints, Ints]:
    """Keep the terms that tiles use, and what these are made from.

    Returns the recipe (parents, variables) of the constant, all variables, whether or
    not they are used, and the other terms; and the new index of each old term.
    """
    count = parents.shape[0]
    keep = np.zeros(count, dtype=np.bool_)
    for tile in range(left.shape[0]):
        for i in range(4):
            keep[left[tile, i]] = True
            keep[right[tile, i]] = True
    for term in range(count - 1, 0, -1):
        if keep[term]:
            keep[parents[term]] = True
    recipe = np.zeros((2, count + n_variables), dtype=np.int64)
    for v in range(n_variables):
        recipe[1, 1 + v] = v
    place = np.zeros(count, dtype=np.int64)
    size = 1 + n_variables
    for term in range(1, count):
        if parents[term] == 0:
            place[term] = 1 + variables[term]
        elif keep[term]:
            recipe[0, size] = place[parents[term]]
            recipe[1, size] = variables[term]
            place[term] = size
            size += 1
    return recipe[:, :size].copy(), place


@compiled(reorder_sums=True)
def _add_tiles(T: Floats, left: Ints, right: Ints, width: int, sums: Floats) -> None:
    for tile in range(left.shape[0]):
        i0, i1, i2, i3 = left[tile, 0], left[tile, 1], left[tile, 2], left[tile, 3]
        j0, j1, j2, j3 = right[tile, 0], right[tile, 1], right[tile, 2], right[tile, 3]
        s00 = s01 = s02 = s03 = 0.0
        s10 = s11 = s12 = s13 = 0.0
        s20 = s21 = s22 = s23 = 0.0
        s30 = s31 = s32 = s33 = 0.0
        for r in range(width):
            x0, x1, x2, x3 = T[i0, r], T[i1, r], T[i2, r], T[i3, r]
            y0, y1, y2, y3 = T[j0, r], T[j1, r], T[j2, r], T[j3, r]
            s00 += x0 * y0
            s01 += x0 * y1
            s02 += x0 * y2
            s03 += x0 * y3
            s10 += x1 * y0
            s11 += x1 * y1
            s12 += x1 * y2
            s13 += x1 * y3
            s20 += x2 * y0
            s21 += x2 * y1
            s22 += x2 * y2
            s23 += x2 * y3
            s30 += x3 * y0
            s31 += x3 * y1
            s32 += x3 * y2
            s33 += x3 * y3
        at = 16 * tile
        sums[at] += s00
        sums[at + 1] += s01
        sums[at + 2] += s02
        sums[at + 3] += s03
        sums[at + 4] += s10
        sums[at + 5] += s11
        sums[at + 6] += s12
        sums[at + 7] += s13
        sums[at + 8] += s20
        sums[at + 9] += s21
        sums[at + 10] += s22
        sums[at + 11] += s23
        sums[at + 12] += s30
        sums[at + 13] += s31
        sums[at + 14] += s32
        sums[at + 15] += s33


@compiled(reorder_sums=True)
def _tile_sweep(
    X: Floats,
    columns: Ints,
    shift: Floats,
    factor: Floats,
    parents: Ints,
    variables: Ints,
    left: Ints,
    right: Ints,
    chunk: int,
) -> Floats:
    T = np.empty((parents.shape[0], chunk))
    T[0] = 1.0
    sums = np.zeros(16 * left.shape[0])
    for start in range(0, X.shape[0], chunk):
        width = min(chunk, X.shape[0] - start)
        # The terms 1 .. n are the variables, so these need no rows of their own.
        for j in range(columns.shape[0]):
            column, low, scale = columns[j], shift[j], factor[j]
            for r in range(width):
                T[1 + j, r] = (X[start + r, column] - low) * scale
        for i in range(1 + columns.shape[0], parents.shape[0]):
            parent, variable = parents[i], 1 + variables[i]
            for r in range(width):
                T[i, r] = T[parent, r] * T[variable, r]
        _add_tiles(T, left, right, width, sums)
    return sums


@dataclass(frozen=True, slots=True)
class TilePlan:
    """Say which moments to add up and how.

    Parameters
    ----------
    parents, variables
        Recipe of the terms that the tiles use: the constant, all variables, others.
    left, right
        Terms of each tile, four and four.
    origin
        Index of each moment in the flat tile sums.
    """

    parents: Ints
    variables: Ints
    left: Ints
    right: Ints
    origin: Ints

    @classmethod
    def of(
        cls,
        needed: Ints,
        keys: Ints,
        parents: Ints,
        variables: Ints,
        n_variables: int,
        attempts: int = 1,
    ) -> "TilePlan":
        """Plan a sweep.

        Parameters
        ----------
        needed
            Keys of the moments, sorted; each a product of two terms.
        keys, parents, variables
            Terms that may be evaluated, the constant first.
        n_variables
            Number of variables.
        attempts
            Orders of the terms to try; the plan with the fewest tiles is kept.
        """
        left, right, origin = _cover(keys, needed)
        if attempts > 1:
            rng = np.random.default_rng(0)
            for _ in range(attempts - 1):
                order = rng.permutation(len(keys))
                other = _cover(keys[order], needed)
                if len(other[0]) < len(left):
                    left, right, origin = order[other[0]], order[other[1]], other[2]
        recipe, place = _trimmed(parents, variables, left, right, n_variables)
        return cls(recipe[0], recipe[1], place[left], place[right], origin)

    def run(self, X: Floats, scaling: Scaling, chunk_size: int | None) -> Gram:
        """Add up the moments over the rows of one block."""
        chunk = chunk_size or max(64, TILED_BYTES // (8 * len(self.parents)))
        chunk = max(1, min(chunk, len(X)))
        sums = _tile_sweep(
            X,
            *scaling.arrays(),
            self.parents,
            self.variables,
            self.left,
            self.right,
            chunk,
        )
        return Gram(sums[self.origin], np.zeros(0), len(X))
