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
    """Fill the products of terms and fringe with the fringe; list what is missing.

    A missing key may be listed more than once.
    """
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
    return missing[:count].copy()


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
    for i in range(A.shape[0]):
        for j in range(A.shape[1]):
            grown[i, j] = A[i, j]
    return grown


@compiled()
def _appended(recipe: Ints, more: Ints, chosen: Ints) -> Ints:
    """Append the chosen columns of ``more``; loops compile faster than numpy here."""
    size = recipe.shape[1]
    out = np.empty((3, size + chosen.shape[0]), dtype=np.int64)
    for row in range(3):
        for i in range(size):
            out[row, i] = recipe[row, i]
        for i in range(chosen.shape[0]):
            out[row, size + i] = more[row, chosen[i]]
    return out


@compiled()
def _where(verdict: npt.NDArray[np.int8], wanted: int) -> Ints:
    out = np.empty(verdict.shape[0], dtype=np.int64)
    count = 0
    for j in range(verdict.shape[0]):
        if verdict[j] == wanted:
            out[count] = j
            count += 1
    return out[:count].copy()


@compiled()
def _schur(
    H: Floats, size: int, threshold: float
) -> tuple[Ints, Floats, Floats, Floats]:
    """Return the terms that may join, their rows of S, S_jj, and the pivot floors.

    The first ``size`` rows of H hold W = L^-1 P, the others B'B.
    """
    width = H.shape[1]
    squares, residual = np.empty(width), np.empty(width)
    for j in range(width):
        squares[j] = H[size + j, j]
        residual[j] = squares[j]
        for i in range(size):
            residual[j] -= H[i, j] * H[i, j]
    flags = np.zeros(width, dtype=np.int8)
    for j in range(width):
        flags[j] = residual[j] > threshold
    active = _where(flags, 1)
    S = np.zeros((active.shape[0], width))
    for at in range(active.shape[0]):
        a = active[at]
        for j in range(a, width):
            total = H[size + a, j]
            for i in range(size):
                total -= H[i, a] * H[i, j]
            S[at, j] = total
    for j in range(width):
        squares[j] *= PIVOT_TOL
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
def _first_border(n_variables: int) -> Ints:
    recipe = np.zeros((3, n_variables), dtype=np.int64)
    for v in range(n_variables):
        recipe[0, v] = 1 << (BITS * v)
        recipe[2, v] = v
    return recipe


@compiled()
def _fit(
    table: Ints, values: Floats, n_variables: int, psi: float, max_degree: int
) -> tuple[Ints, Ints, Ints, Floats, Floats, int]:
    """Run the loop.

    Returns the recipes (keys, parents, variables) of O and of the leading terms, the
    missing moments, coefficients, losses and the number of refused terms. If moments
    are missing, the first recipe is that of O and the border they are missing for.
    """
    threshold = psi * values[0]
    terms = np.zeros((3, 1), dtype=np.int64)
    led = np.zeros((3, 0), dtype=np.int64)
    none = np.zeros(0, dtype=np.int64)
    C, L, losses = np.zeros((1, 0)), np.zeros((1, 1)), np.zeros((1, 0))
    L[0, 0] = np.sqrt(values[0])
    last, variables, n_refused = terms, none, 0
    for degree in range(1, max_degree + 1):
        size = terms.shape[1]
        if degree == 1:
            fringe = _first_border(n_variables)
        else:
            fringe = packed_border(last[0], variables, size - last.shape[1])
        width = fringe.shape[1]
        if width == 0:
            break
        H = np.empty((size + width, width))
        missing = _grams(table, values, terms[0], fringe[0], H)
        if missing.shape[0]:
            terms = _appended(terms, fringe, np.arange(width))
            return terms, led, missing, C, losses, 0
        _forward(L, size, H)
        active, S, residual, floor = _schur(H, size, threshold)
        verdict = np.zeros(width, dtype=np.int8)
        E = np.zeros((active.shape[0], width))
        forced = np.zeros(width, dtype=np.bool_)
        take_border(S, active, residual, floor, threshold, forced, E, verdict)
        kept, leads = _where(verdict, ACCEPTED), _where(verdict, GENERATOR)
        n_refused += width - kept.shape[0] - leads.shape[0]
        L = _extended(L, size, H, E, kept)
        R = _coefficients(L, size, H, E, leads)
        known = C.shape[1]
        C = _widened(C, L.shape[0], known + leads.shape[0])
        losses = _widened(losses, 1, known + leads.shape[0])
        for place in range(leads.shape[0]):
            for i in range(L.shape[0]):
                C[i, known + place] = R[i, place]
            losses[0, known + place] = max(residual[leads[place]], 0.0) / values[0]
        led = _appended(led, fringe, leads)
        last = _appended(np.zeros((3, 0), dtype=np.int64), fringe, kept)
        terms = _appended(terms, fringe, kept)
        if degree == 1:
            variables = kept
        if kept.shape[0] == 0:
            break
    return terms, led, none, C, losses, n_refused


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
            terms, led, missing, C, losses, refused = _fit(
                table.keys, table.values, self.n_variables, psi, self.max_degree
            )
            if not len(missing):
                break
            missing = np.unique(missing)
            if len(missing) + len(table.keys) > _MOST_MOMENTS:
                return None
            self._sweep(missing, *terms)
        if refused:
            warn_refused(refused)
        n = self.n_variables
        if self.sparse:
            self._sparsify(table, terms[0], led[0], C, losses[0], psi)
        return Ideal(
            powers=unpack(terms[0], n),
            leading_powers=unpack(led[0], n),
            coefficients=C,
            leading_coefficients=np.ones(led.shape[1]),
            losses=losses[0],
            parents=np.concatenate([terms[1], led[1]]),
            variables=np.concatenate([terms[2], led[2]]),
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
        # In practice a fit ends at about half of the bound, rounded up.
        last = min(self.max_degree, (degree_bound(psi) + 1) // 2)
        while degree < last and n_monomials(n, 2 * degree + 2) <= _FIRST_MOMENTS:
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
