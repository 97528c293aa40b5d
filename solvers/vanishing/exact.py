"""The exact oracle: border terms decided by the Cholesky walk.

The first sweep of a degree adds up O'B and, while B is small, B'B. A large border gets
only the diagonal of B'B at first: a term whose residual is already at most psi*m cannot
join O any more, so the rows of B'B are fetched for the others alone, and in the last
degree for none.

A bound tau on the l1 norm is checked generator by generator. One that violates it is
solved again over the l1 ball; if the constrained problem does not vanish, the term must
join O and the walk of the degree is repeated with that term forced.
"""

from collections.abc import Generator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from boundwise.heuristics.frank_wolfe.l1_ball import minimize_over_l1_ball
from boundwise.solvers.vanishing.cholesky import Walked, projected, residuals, walk
from boundwise.solvers.vanishing.gram import Gram, Layer, Plan
from boundwise.solvers.vanishing.grow import Conversation, Step
from boundwise.solvers.vanishing.notices import warn_refused
from boundwise.solvers.vanishing.sparse import sparsify
from boundwise.solvers.vanishing.terms import Ints

Floats = npt.NDArray[np.float64]

#: Borders this wide, and this many times as wide as O, get their B'B rows lazily.
_LAZY_WIDTH = 64
_LAZY_RATIO = 2


@dataclass(slots=True)
class _Border:
    """Hold the Gram blocks of the border of one degree, and fetch missing rows."""

    layers: tuple[Layer, ...]
    cross: Floats
    squares: Floats
    n_rows: int
    _known: Ints
    _table: Floats

    @classmethod
    def ask(cls, layers: tuple[Layer, ...]) -> Generator[Plan, Gram, "_Border"]:
        size, width = 1 + sum(map(len, layers[:-1])), len(layers[-1])
        if width >= _LAZY_WIDTH and width >= _LAZY_RATIO * size:
            gram = yield Plan(layers, np.arange(size), squares=True)
            nothing = np.zeros(0, dtype=np.int64)
            table = np.zeros((0, width))
            return cls(layers, gram.products, gram.squares, gram.n_rows, nothing, table)
        gram = yield Plan(layers, np.arange(size + width), symmetric=True)
        cross, table = gram.products[:size], gram.products[size:]
        squares = table.diagonal().copy()
        return cls(layers, cross, squares, gram.n_rows, np.arange(width), table)

    def rows(self, terms: Ints) -> Generator[Plan, Gram, Floats]:
        """Return the rows of B'B that belong to the terms."""
        if len(self._known) == len(self.squares):
            return self._table[terms]
        missing = np.setdiff1d(terms, self._known, assume_unique=True)
        if len(missing):
            size = len(self.cross)
            gram = yield Plan(self.layers, size + missing)
            known = np.concatenate([self._known, missing])
            order = np.argsort(known)
            self._known = known[order]
            self._table = np.concatenate([self._table, gram.products])[order]
        return self._table[np.searchsorted(self._known, terms)]


@dataclass(slots=True)
class ExactOracle:
    """Let a term vanish if the least squares residual of its values is small.

    Parameters
    ----------
    psi
        Largest mean squared error that vanishes.
    tau
        Largest l1 norm of a generator's coefficients, the leading one included, or
        None for no bound.
    sparse
        Replace the coefficients of each generator by sparser ones that vanish too,
        found by blended pairwise conditional gradients (WIHB).
    """

    psi: float
    tau: float | None = None
    sparse: bool = False
    _factor: Floats | None = field(default=None, init=False)

    def decide(self, layers: tuple[Layer, ...]) -> Conversation:
        """Decide on the last layer, given the layers of O before it."""
        fringe = yield from _Border.ask(layers)
        if self._factor is None:
            self._factor = np.array([[np.sqrt(fringe.n_rows)]], order="F")
        W = projected(self._factor, fringe.cross)
        may_join = residuals(W, fringe.squares) > self.psi * fringe.n_rows
        forced: list[int] = []
        settled: dict[int, tuple[Floats, float]] = {}
        while True:
            may_join[forced] = True
            active = np.flatnonzero(may_join)
            rows = yield from fringe.rows(active)
            walked = walk(
                self._factor,
                W,
                fringe.squares,
                active,
                rows,
                psi=self.psi,
                n_rows=fringe.n_rows,
                forced=np.array(forced, dtype=np.int64),
            )
            problems = _TermProblems(fringe, walked, active, rows)
            culprit = self._constrain(walked, problems, settled)
            if culprit is None:
                break
            forced.append(culprit)
        self._factor = walked.factor
        if len(walked.refused):
            warn_refused(len(walked.refused))
        for place, j in enumerate(walked.leading.tolist()):
            if j in settled:
                coefficients, loss = settled[j]
                walked.coefficients[:, place] = 0.0
                walked.coefficients[: len(coefficients), place] = coefficients
                walked.losses[place] = loss
        if self.sparse:
            sparsify(
                *problems.all(),
                walked.coefficients,
                walked.losses,
                psi=self.psi,
                tau=self.tau,
            )
        return Step(
            walked.joined,
            walked.leading,
            walked.coefficients,
            np.ones(len(walked.leading)),
            walked.losses,
        )

    def _constrain(
        self,
        walked: Walked,
        problems: "_TermProblems",
        settled: dict[int, tuple[Floats, float]],
    ) -> int | None:
        """Settle generators with too large coefficients; return one that cannot be.

        What was settled stays so: terms forced into O later come after it.
        """
        if self.tau is None:
            return None
        radius = self.tau - 1.0
        norms = np.abs(walked.coefficients).sum(axis=0)
        for place in np.flatnonzero(norms > radius):
            j = int(walked.leading[place])
            if j in settled:
                continue
            A, b, c = problems.of(j)
            solution = minimize_over_l1_ball(
                A, b, c, radius=radius, target=self.psi, give_up=True
            )
            if solution.value > self.psi:
                return j
            settled[j] = (solution.point, max(solution.value, 0.0))
        return None


class _TermProblems:
    """Give least squares problems of border terms as Gram data, divided by m."""

    def __init__(
        self, fringe: _Border, walked: Walked, active: Ints, rows: Floats
    ) -> None:
        self._fringe = fringe
        self._walked = walked
        self._rows = rows[np.searchsorted(active, walked.joined)]
        self._gram: Floats | None = None

    def of(self, j: int) -> tuple[Floats, Floats, float]:
        """Return A, b, c with loss y'Ay + 2b'y + c over the terms of O before j."""
        m = self._fringe.n_rows
        before = int(np.searchsorted(self._walked.joined, j))
        size = len(self._fringe.cross) + before
        b = np.concatenate([self._fringe.cross[:, j], self._rows[:before, j]]) / m
        A = self._whole_gram()[:size, :size]
        return A, b, float(self._fringe.squares[j] / m)

    def all(self) -> tuple[Floats, Floats, Floats, Ints]:
        """Return O'O, O't and t't of all leading terms t, and how much of O counts."""
        m, leading = self._fringe.n_rows, self._walked.leading
        before = np.searchsorted(self._walked.joined, leading)
        cross = np.concatenate([self._fringe.cross[:, leading], self._rows[:, leading]])
        return (
            self._whole_gram(),
            cross / m,
            self._fringe.squares[leading] / m,
            len(self._fringe.cross) + before,
        )

    def _whole_gram(self) -> Floats:
        if self._gram is None:
            factor = self._walked.factor
            self._gram = factor @ factor.T / self._fringe.n_rows
        return self._gram
