"""OAVI on a table of moments: the whole loop, compiled, for few variables.

All Gram entries of monomials are moments, so one sweep that adds up the moments of
degree 2D serves the fit up to degree D. The fit runs until it misses a moment; then
the missing ones are added up in another sweep, and the fit, which costs microseconds,
starts again. Decisions are those of `boundwise.solvers.vanishing.cholesky`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from boundwise.heuristics.compiled import compiled
from boundwise.solvers.vanishing.cholesky import (
    ACCEPTED,
    GENERATOR,
    PIVOT_TOL,
    take_border,
)
from boundwise.solvers.vanishing.gram import GramSource
from boundwise.solvers.vanishing.ideal import Ideal
from boundwise.solvers.vanishing.notices import warn_refused
from boundwise.solvers.vanishing.packed import (
    BITS,
    LARGEST_DEGREE,
    MomentTable,
    all_keys,
    packed_border,
    position,
    unpack,
)
from boundwise.solvers.vanishing.sparse import sparsify
from boundwise.solvers.vanishing.terms import Ints, degree_bound, n_monomials
from boundwise.solvers.vanishing.tiles import TilePlan

Floats = npt.NDArray[np.float64]

#: Most variables for which sums of products are shared between Gram entries.
MOST_VARIABLES = 6
#: Largest number of moments in the first sweep, and in all.
_FIRST_MOMENTS = 100
_MOST_MOMENTS = 2_000
#: Covers tried for the first sweep, whose plan is kept for the next fit.
_ATTEMPTS = 50


@compiled()
def _grams(table: Ints, values: Floats, terms: Ints, fringe: Ints, out: Floats) -> Ints:
    """Fill the products of terms and fringe with the fringe; list what is missing."""
    size, width = terms.shape[0], fringe.shape[0]
    missing = np.empty((size + width) * width, dtype=np.int64)
    count = 0
    for i in range(size + width):
        first = 0 if i < size else i - size
        row = terms[i] if i < size else fringe[i - size]
        for j in range(first, width):
            at = position(table, row + fringe[j])
            if at < 0:
                missing[count] = row + fringe[j]
                count += 1
            else:
                out[i, j] = values[at]
                if i >= size:
                    out[size + j, i - size] = values[at]
    return np.unique(missing[:count])


@compiled()
def _block(table: Ints, values: Floats, left: Ints, right: Ints) -> Floats:
    """Look up a Gram block; zero where a moment was never needed."""
    out = np.zeros((left.shape[0], right.shape[0]))
    for i in range(left.shape[0]):
        for j in range(right.shape[0]):
            at = position(table, left[i] + right[j])
            if at >= 0:
                out[i, j] = values[at]
    return out


@compiled()
def _forward(L: Floats, size: int, B: Floats) -> None:
    """Overwrite the first rows of B with L^-1 B."""
    for i in range(size):
        for r in range(i):
            weight = L[i, r]
            for j in range(B.shape[1]):
                B[i, j] -= weight * B[r, j]
        for j in range(B.shape[1]):
            B[i, j] /= L[i, i]


@compiled()
def _backward(L: Floats, size: int, R: Floats) -> None:
    """Overwrite R with -L^-T R."""
    for i in range(size - 1, -1, -1):
        for r in range(i + 1, size):
            weight = L[r, i]
            for j in range(R.shape[1]):
                # R[r] already holds the negated solution.
                R[i, j] += weight * R[r, j]
        for j in range(R.shape[1]):
            R[i, j] /= -L[i, i]


@compiled()
def _widened(A: Floats, rows: int, columns: int) -> Floats:
    grown = np.zeros((rows, columns))
    grown[: A.shape[0], : A.shape[1]] = A
    return grown


@compiled()
def _schur(
    H: Floats, size: int, threshold: float
) -> tuple[Ints, Floats, Floats, Floats]:
    """Return the terms that may join, their rows of S, and S_jj and B'B diagonals.

    The first ``size`` rows of H hold W = L^-1 P, the others B'B.
    """
    width = H.shape[1]
    squares, residual = np.empty(width), np.empty(width)
    for j in range(width):
        squares[j] = H[size + j, j]
        residual[j] = squares[j]
        for i in range(size):
            residual[j] -= H[i, j] * H[i, j]
    active = np.flatnonzero(residual > threshold)
    S = np.zeros((active.shape[0], width))
    for at in range(active.shape[0]):
        a = active[at]
        for j in range(a, width):
            total = H[size + a, j]
            for i in range(size):
                total -= H[i, a] * H[i, j]
            S[at, j] = total
    return active, S, residual, squares


@compiled()
def _extended(L: Floats, size: int, H: Floats, E: Floats, kept: Ints) -> Floats:
    """Append the rows of the factor that belong to the kept border terms."""
    grown = _widened(L, size + kept.shape[0], size + kept.shape[0])
    for row in range(kept.shape[0]):
        for i in range(size):
            grown[size + row, i] = H[i, kept[row]]
        for i in range(row + 1):
            grown[size + row, size + i] = E[i, kept[row]]
    return grown


@compiled()
def _coefficients(L: Floats, size: int, H: Floats, E: Floats, leads: Ints) -> Floats:
    """Solve for the generators that the border terms ``leads`` lead."""
    R = np.empty((L.shape[0], leads.shape[0]))
    for place in range(leads.shape[0]):
        for i in range(size):
            R[i, place] = H[i, leads[place]]
        for i in range(size, L.shape[0]):
            R[i, place] = E[i - size, leads[place]]
    _backward(L, L.shape[0], R)
    return R


@compiled()
def _first_border(n_variables: int) -> tuple[Ints, Ints, Ints]:
    keys = np.empty(n_variables, dtype=np.int64)
    for v in range(n_variables):
        keys[v] = 1 << (BITS * v)
    return keys, np.zeros(n_variables, dtype=np.int64), np.arange(n_variables)


@compiled()
def _fit(
    table: Ints, values: Floats, n_variables: int, psi: float, max_degree: int
) -> tuple[Ints, Ints, Ints, Ints, Ints, Floats, Floats, int, int]:
    """Run the loop.

    Returns the recipe of O and the leading terms (keys, parents, variables), the
    missing moments, the indices of the leading terms, coefficients, losses, |O| and
    the number of refused terms. If moments are missing, the recipe is that of O and
    the border they are missing for.
    """
    threshold = psi * values[0]
    keys, parents, multipliers = (
        np.zeros(1, dtype=np.int64),
        np.zeros(1, dtype=np.int64),
        np.zeros(1, dtype=np.int64),
    )
    none = np.zeros(0, dtype=np.int64)
    led_keys, led_parents, led_by, losses = none, none, none, np.zeros(0)
    C, L = np.zeros((1, 0)), np.full((1, 1), np.sqrt(values[0]))
    last, variables, n_refused = keys, none, 0
    for degree in range(1, max_degree + 1):
        size = keys.shape[0]
        if degree == 1:
            fringe, ups, by = _first_border(n_variables)
        else:
            fringe, ups, by = packed_border(last, variables, size - last.shape[0])
        width = fringe.shape[0]
        if width == 0:
            break
        H = np.empty((size + width, width))
        missing = _grams(table, values, keys, fringe, H)
        if missing.shape[0]:
            keys = np.concatenate((keys, fringe))
            parents = np.concatenate((parents, ups))
            multipliers = np.concatenate((multipliers, by))
            return keys, parents, multipliers, missing, none, C, losses, size, 0
        _forward(L, size, H)
        active, S, residual, squares = _schur(H, size, threshold)
        verdict = np.zeros(width, dtype=np.int8)
        E = np.zeros((active.shape[0], width))
        forced = np.zeros(width, dtype=np.bool_)
        floor = PIVOT_TOL * squares
        joined = take_border(S, active, residual, floor, threshold, forced, E, verdict)
        kept = np.flatnonzero(verdict == ACCEPTED)
        leads = np.flatnonzero(verdict == GENERATOR)
        n_refused += width - kept.shape[0] - leads.shape[0]
        L = _extended(L, size, H, E, kept)
        known = C.shape[1]
        C = _widened(C, size + joined, known + leads.shape[0])
        C[:, known:] = _coefficients(L, size, H, E, leads)
        losses = np.concatenate((losses, np.maximum(residual[leads], 0.0) / values[0]))
        led_keys = np.concatenate((led_keys, fringe[leads]))
        led_parents = np.concatenate((led_parents, ups[leads]))
        led_by = np.concatenate((led_by, by[leads]))
        last = fringe[kept]
        keys = np.concatenate((keys, last))
        parents = np.concatenate((parents, ups[kept]))
        multipliers = np.concatenate((multipliers, by[kept]))
        if degree == 1:
            variables = kept
        if joined == 0:
            break
    size = keys.shape[0]
    keys = np.concatenate((keys, led_keys))
    parents = np.concatenate((parents, led_parents))
    multipliers = np.concatenate((multipliers, led_by))
    return keys, parents, multipliers, none, led_keys, C, losses, size, n_refused


@dataclass(slots=True)
class MomentFitter:
    """Fit ideals to sums of moments over parts of the data.

    Parameters
    ----------
    sources
        Disjoint sets of rows.
    max_degree
        Last degree to look at.
    sparse
        Make the generators sparse.
    """

    sources: Sequence[GramSource]
    max_degree: int
    sparse: bool = False
    tables: list[MomentTable] = field(default_factory=list)

    @property
    def n_variables(self) -> int:
        """Number of variables."""
        return self.sources[0].n_variables

    @staticmethod
    def suits(n_variables: int, max_degree: int) -> bool:
        """Tell whether monomials can be packed and share enough moments."""
        return n_variables <= MOST_VARIABLES and max_degree <= LARGEST_DEGREE

    def fit(self, psi: float, parts: tuple[int, ...]) -> Ideal | None:
        """Fit to the rows of some parts; None if that takes too many moments."""
        if not self.tables:
            self._open(psi)
        while True:
            table = self.table(parts)
            keys, parents, variables, missing, led, C, losses, size, refused = _fit(
                table.keys, table.values, self.n_variables, psi, self.max_degree
            )
            if not len(missing):
                break
            if len(missing) + len(table.keys) > _MOST_MOMENTS:
                return None
            self._sweep(missing, keys, parents, variables)
        if refused:
            warn_refused(refused)
        n = self.n_variables
        if self.sparse:
            self._sparsify(table, keys[:size], led, C, losses, psi)
        return Ideal(
            powers=unpack(keys[:size], n),
            leading_powers=unpack(led, n),
            coefficients=C,
            leading_coefficients=np.ones(len(led)),
            losses=losses,
            parents=parents,
            variables=variables,
        )

    def _sparsify(
        self,
        table: MomentTable,
        terms: Ints,
        led: Ints,
        coefficients: Floats,
        losses: Floats,
        psi: float,
    ) -> None:
        n_rows = table.values[0]
        gram = _block(table.keys, table.values, terms, terms)
        cross = _block(table.keys, table.values, terms, led)
        squares = table.values[np.searchsorted(table.keys, 2 * led)]
        # Term order: by degree, then by key.
        rank = unpack(terms, self.n_variables).sum(axis=1) << 56 | terms
        led_rank = unpack(led, self.n_variables).sum(axis=1) << 56 | led
        sparsify(
            gram / n_rows,
            cross / n_rows,
            squares / n_rows,
            np.searchsorted(rank, led_rank),
            coefficients,
            losses,
            psi=psi,
            tau=None,
        )

    def table(self, parts: tuple[int, ...]) -> MomentTable:
        """Return the moments over the rows of some parts."""
        return MomentTable.total([self.tables[part] for part in parts])

    def _open(self, psi: float) -> None:
        """Make the first sweep, over the degrees that psi lets expect."""
        n = self.n_variables
        degree = 1
        # In practice a fit ends at about half of the bound.
        while (
            degree < min(self.max_degree, degree_bound(psi) // 2)
            and n_monomials(n, 2 * degree + 2) <= _FIRST_MOMENTS
        ):
            degree += 1
        keys, plan = _opening(n, degree)
        for source in self.sources:
            gram = source.gram(plan)
            values = np.concatenate([[float(gram.n_rows)], gram.products])
            self.tables.append(MomentTable(keys, values))

    def _sweep(self, needed: Ints, keys: Ints, parents: Ints, variables: Ints) -> None:
        plan = TilePlan.of(needed, keys, parents, variables, self.n_variables)
        for source, table in zip(self.sources, self.tables, strict=True):
            table.add(needed, source.gram(plan).products)


@lru_cache(maxsize=32)
def _opening(n_variables: int, degree: int) -> tuple[Ints, TilePlan]:
    """Plan the moments up to twice a degree; return their keys, and the plan.

    The key 0, of the number of rows, comes first and needs no sweep.
    """
    keys = np.sort(all_keys(n_variables, 2 * degree)[0])
    return keys, TilePlan.of(
        keys[1:].copy(), *all_keys(n_variables, degree), n_variables, _ATTEMPTS
    )
