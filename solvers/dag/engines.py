"""Search states behind one interface: closed forms, or tables of node costs.

An engine holds an order, improves it step by step until no move of its neighbourhood
does, and perturbs it. `search` runs engines from several starts.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from boundwise.solvers.dag import descent, factor, moves, prefix
from boundwise.solvers.dag.constraints import Constraints
from boundwise.solvers.dag.linear_scores import LinearScore
from boundwise.solvers.dag.models import GramModel, NodeModel
from boundwise.solvers.dag.moments import Floats, Ints, Moments
from boundwise.solvers.dag.reordering import order_closing_gap
from boundwise.solvers.dag.stopping import Check

#: Operations after which compiled descent returns, to look at the clock.
_BUDGET = 3e7
#: Change of the common scale, relative, that calls for a new search at that scale.
_SCALE_TOL = 1e-8


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Which moves a local search makes, and how it goes on from a local optimum.

    Parameters
    ----------
    swaps
        Exchange two nodes where no insertion improves.
    width
        Reorder windows of so many positions optimally where no move improves; 0: no.
    kicks
        Perturbations from a local optimum; None lets the size of the problem decide.
    strength
        Random insertions in a perturbation.
    reach
        With node costs: positions that insertions pass before longer ones are tried.
    """

    swaps: bool = True
    width: int = 0
    kicks: int | None = None
    strength: int = 4
    reach: int = 8


class Engine(Protocol):
    """An order under improvement.

    ``fitted`` tells whether weights are at hand, or are computed when asked for.
    """

    fitted: bool

    def start(self, order: Ints) -> None:
        """Go to an order."""

    @property
    def value(self) -> float:
        """The score at present."""

    @property
    def order(self) -> Ints:
        """A copy of the order at present."""

    def weights(self) -> Floats:
        """Return the weights at present, ``W[i, j]`` of edge i -> j."""

    def improve(self) -> bool:
        """Take some steps; tell whether there may be more."""

    def kick(self, kicks: int) -> bool:
        """Perturb a local optimum and improve, so often; tell whether it helped."""

    @property
    def kick_work(self) -> float:
        """Rough number of operations of a kick."""

    def pair_gains(self, pairs: Ints) -> Floats:
        """Return the decrease of the score for each swap of positions (p, q)."""

    def swap(self, pairs: Ints) -> None:
        """Swap pairs of positions whose windows are disjoint."""


class ClosedFormEngine:
    """Search for scores sum_k phi(Var(k | before)) by the exact gains of `moves`.

    Parameters
    ----------
    moments
        The data, regular.
    score
        A score without penalty.
    constraints
        Precedences (no further restriction of parents).
    neighbourhood
        The moves.
    seed
        Seed of the perturbations.
    """

    def __init__(
        self,
        moments: Moments,
        score: LinearScore,
        constraints: Constraints,
        neighbourhood: Neighbourhood,
        seed: int,
    ) -> None:
        assert score.phi_kind is not None
        self.fitted = False
        self._moments, self._score = moments, score
        self._kind: int = score.phi_kind
        self._before = constraints.before
        self._moves = neighbourhood
        self._random = np.array([seed], dtype=np.uint64)

    def start(self, order: Ints) -> None:
        """Go to an order."""
        self._order = np.array(order, dtype=np.int64)
        self._R, self._V = factor.factorise(self._moments, self._order)

    @property
    def value(self) -> float:
        """The score at present."""
        total = moves.total_cost(self._R, self._kind)
        d, name = len(self._order), self._score.name
        if name == "colide_ev":
            return float(np.sqrt(2.0 * d * total))
        if name == "golem_ev":
            return float(0.5 * d * np.log(2.0 * total))
        return total

    @property
    def order(self) -> Ints:
        """A copy of the order at present."""
        return self._order.copy()

    def weights(self) -> Floats:
        """Return the weights at present, from factors made anew."""
        R, V = factor.factorise(self._moments, self._order)
        return factor.weights_of(self._order, R, V)

    def improve(self) -> bool:
        """Take some steps; tell whether there may be more."""
        done, _ = descent.descend(
            self._order,
            self._R,
            self._V,
            self._kind,
            self._before,
            self._moves.swaps,
            self._moves.width,
            _BUDGET,
        )
        return not done

    def kick(self, kicks: int) -> bool:
        """Perturb a local optimum and improve, so often; tell whether it helped."""
        # Insertions lead as far, at a fraction of the time; swaps come at the end.
        last = descent.iterate(
            self._order,
            self._R,
            self._V,
            self._kind,
            self._before,
            False,
            kicks,
            self._moves.strength,
            self._random,
        )
        return bool(last)

    @property
    def kick_work(self) -> float:
        """Rough number of operations of a kick."""
        return 10.0 * len(self._order) ** 3

    def pair_gains(self, pairs: Ints) -> Floats:
        """Return the decrease of the sum of phi for each swap of positions (p, q)."""
        gains = np.empty((len(self._order), len(self._order)))
        moves.swap_gains(self._R, self._V, self._kind, gains)
        return gains[pairs[:, 0], pairs[:, 1]]

    def swap(self, pairs: Ints) -> None:
        """Swap pairs of positions whose windows are disjoint."""
        for p, q in pairs:
            factor.swap_nodes(self._order, self._R, self._V, p, q)


class TableEngine:
    """Search for sums of node costs by the tables of `prefix`.

    Parameters
    ----------
    model
        Fits and tables.
    constraints
        Precedences.
    neighbourhood
        The moves.
    seed
        Seed of the perturbations.
    score, moments
        Score and data, for a linear score.
    """

    def __init__(
        self,
        model: NodeModel,
        constraints: Constraints,
        neighbourhood: Neighbourhood,
        seed: int,
        score: LinearScore | None = None,
        moments: Moments | None = None,
    ) -> None:
        self.fitted = True
        self._model, self._constraints = model, constraints
        self._score, self._moments = score, moments
        self._moves = neighbourhood
        self._rng = np.random.default_rng(seed)
        d = model.d
        self._last = d - 1
        self._gains, self._swaps = np.empty((d, d)), np.empty((d, d))
        self._none = np.empty((0, 0))
        self._free = constraints.required.T
        self._scale = 1.0

    def set_check(self, check: Check) -> None:
        """Set what long loops call to see whether to stop."""
        self._model.check = check

    def start(self, order: Ints) -> None:
        """Go to an order."""
        self._state = prefix.new_state(order)
        self._reach = self._moves.reach
        self._model.refit(self._state, 0, self._last)
        self._settle_scale()
        prefix.invalidate(self._state, 0, self._last)

    @property
    def value(self) -> float:
        """The score at present."""
        total = float(self._state.costs.sum())
        if self._score is None or not self._score.has_common_scale:
            return total
        assert self._moments is not None
        return self._score.value(
            self._moments, self.weights(), self._constraints.required
        )

    @property
    def order(self) -> Ints:
        """A copy of the order at present."""
        return self._state.order.copy()

    def weights(self) -> Floats:
        """Return the weights at present."""
        return self._state.weights.T.copy()

    def improve(self) -> bool:
        """Make one round of moves; tell whether there may be more."""
        state = self._state
        least = descent.GAIN_TOL * max(float(np.abs(state.costs).sum()), 1e-300)
        low, high = moves.feasible_ranges(state.order, self._constraints.before)
        self._model.fill(state, low, high, self._reach)
        prefix.insertion_gains(state, low, high, self._reach, self._gains)
        rows, _ = moves.best_windows(self._gains, self._none, low, high, least)
        if not len(rows) and self._reach < self._last:
            self._reach = self._last
            return True
        if not len(rows) and self._moves.swaps:
            self._model.swap_gains(state, low, high, least, self._swaps)
            rows, _ = moves.best_windows(self._gains, self._swaps, low, high, least)
        if len(rows):
            return self._move(rows)
        return self._close_gaps() or self._rescale()

    def _move(self, rows: Ints) -> bool:
        """Carry out moves; tell whether they lower the score."""
        order = self._state.order.copy()
        prefix.apply_rows(self._state, rows)
        trial = self._state.order.copy()
        self._state.order[:] = order
        return self._go_to(trial, [(int(p), int(q)) for p, q, _ in rows])

    def _close_gaps(self) -> bool:
        """Let an edge in that makes no cycle and lowers the score, if there is one."""
        score, state = self._score, self._state
        if score is None or score.lam == 0.0 or score.name == "bic":
            return False
        assert isinstance(self._model, GramModel)
        order = order_closing_gap(
            state, self._model.can, self._free, self._constraints.before
        )
        if order is None:
            return False
        changed = np.flatnonzero(order != state.order)
        return self._go_to(order, [(int(changed[0]), int(changed[-1]))])

    def _go_to(self, order: Ints, windows: list[tuple[int, int]]) -> bool:
        """Take an order that differs in windows only, unless it is no better.

        Costs that are local minima only can break the promise of a gain.
        """
        state = self._state
        before = float(state.costs.sum())
        kept = [state.order, state.weights, state.gradients, state.costs, state.screens]
        copies = [array.copy() for array in kept]
        state.order[:] = order
        for p, q in windows:
            self._model.refit(state, p, q)
        if not float(state.costs.sum()) < before:
            for array, copy in zip(kept, copies, strict=True):
                array[...] = copy
            return False
        for p, q in windows:
            prefix.invalidate(state, p, q)
        self._reach = self._moves.reach
        return True

    def _settle_scale(self) -> bool:
        """Alternate between weights and common scale, at the present order."""
        score, d = self._score, self._model.d
        if score is None or not score.has_common_scale:
            return False
        assert isinstance(self._model, GramModel)
        changed = False
        while True:
            size = float(np.abs(self._state.weights[~self._free]).sum())
            total = 2.0 * float(self._state.costs.sum())
            total -= 2.0 * score.lam * self._scale * size
            scale = score.scale(max(total, 1e-300), d)
            if abs(scale - self._scale) <= _SCALE_TOL * self._scale:
                return changed
            changed = True
            self._scale = scale
            self._model.set_scale(scale)
            self._model.refit(self._state, 0, self._last)

    def _rescale(self) -> bool:
        if not self._settle_scale():
            return False
        prefix.invalidate(self._state, 0, self._last)
        self._reach = self._moves.reach
        return True

    def kick(self, kicks: int) -> bool:
        """Perturb a local optimum and improve, so often; tell whether it helped."""
        state, helped = self._state, False
        kept = prefix.new_state(state.order)
        for _ in range(kicks):
            value, scale = self.value, self._scale
            prefix.copy_state(state, kept)
            self._perturb()
            while self.improve():
                pass
            now = self.value
            if now < value - descent.GAIN_TOL * abs(value):
                helped = True
            elif now > value:
                prefix.copy_state(kept, state)
                if scale != self._scale:
                    self._scale = scale
                    assert isinstance(self._model, GramModel)
                    self._model.set_scale(scale)
        return helped

    def _perturb(self) -> None:
        state = self._state
        for _ in range(self._moves.strength):
            low, high = moves.feasible_ranges(state.order, self._constraints.before)
            b = int(self._rng.integers(self._last + 1))
            # Short moves leave most of the tables valid.
            first = max(int(low[b]), b - self._moves.reach)
            a = int(self._rng.integers(first, min(high[b], b + self._moves.reach) + 1))
            p, q = min(a, b), max(a, b)
            if p < q:
                row = np.array([[p, q, 0 if a < b else 1]])
                prefix.apply_rows(state, row)
                self._model.refit(state, p, q)
                prefix.invalidate(state, p, q)
        self._reach = self._moves.reach

    @property
    def kick_work(self) -> float:
        """Rough number of operations of a kick."""
        return 5e3 * self._model.d**2

    def pair_gains(self, pairs: Ints) -> Floats:
        """Return the decrease of the summed costs for each swap of positions."""
        return self._model.pair_gains(self._state, pairs)

    def swap(self, pairs: Ints) -> None:
        """Swap pairs of positions whose windows are disjoint."""
        order = self._state.order
        for p, q in pairs:
            order[p], order[q] = order[q], order[p]
        for p, q in pairs:
            self._model.refit(self._state, p, q)
        self._settle_scale()
