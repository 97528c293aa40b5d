"""Solve for the weights of all atoms at once, from second derivatives.

With atoms a_i, D the rows a_i - r and H the Hessian, the weights minimise

    1/2 w'Gw + c'w   over the simplex,   G = D H D'.

On a quadratic this is the exact optimum over the convex hull of the atoms (the fully
corrective step of Holloway, 1974, doi:10.1007/BF01580219), and G is cached: a new atom
costs one product. On any other smooth function it is a Newton step within that hull,
followed by backtracking; where the function tells no second derivatives, they are
taken from differences of gradients.
"""

from typing import Protocol

import numpy as np

from boundwise.core.errors import InputError
from boundwise.core.tolerances import OBJ_TOL
from boundwise.heuristics.frank_wolfe.active_set import WEIGHT_TOL, ActiveSet
from boundwise.heuristics.frank_wolfe.functions import (
    as_quadratic,
    as_twice_differentiable,
)
from boundwise.heuristics.frank_wolfe.line_searches.backtracking import Backtracking
from boundwise.heuristics.frank_wolfe.protocols import (
    Floats,
    Objective,
    QuadraticObjective,
    TwiceDifferentiable,
)
from boundwise.heuristics.frank_wolfe.search import Search
from boundwise.heuristics.frank_wolfe.simplex_qp import minimize_over_simplex

#: A Newton step cut shorter than this is worth less than a step of first order.
_SHORTEST = 1e-4
#: Share of the way to an atom over which gradients are differenced.
_DIFFERENCE = 1e-6
_BACKTRACKING = Backtracking()


class Corrective(Protocol):
    """Improve the weights of the atoms."""

    def improve(self, search: Search, vertex: Floats | None = None) -> bool:
        """Reweigh the atoms, a new vertex among them; tell whether that descended."""
        ...


def make_corrective(objective: Objective) -> Corrective:
    """Return the best that the objective's second derivatives allow."""
    quadratic = as_quadratic(objective)
    if quadratic is not None:
        return QuadraticCorrective(quadratic)
    smooth = as_twice_differentiable(objective)
    if smooth is not None:
        return NewtonCorrective(smooth)
    return DifferenceCorrective(objective)


class QuadraticCorrective:
    """Minimise a quadratic over the hull of the atoms.

    Parameters
    ----------
    objective
        The quadratic.
    """

    def __init__(self, objective: QuadraticObjective) -> None:
        self._objective = objective
        smooth = as_twice_differentiable(objective)
        self._batch = None if smooth is None else smooth.hessian_product
        self._slots: dict[int, int] = {}
        self._reference: Floats | None = None
        self._centred = np.empty((0, 0))
        self._gram = np.empty((0, 0))

    def improve(self, search: Search, vertex: Floats | None = None) -> bool:
        """Solve for the weights; tell whether the objective went down."""
        active = search.active
        if vertex is not None:
            active.add(vertex)
        places = self._places(active)
        gram = self._gram[np.ix_(places, places)]
        weights = active.weights
        costs = self._centred[places] @ search.gradient - gram @ weights
        found = minimize_over_simplex(gram, costs, weights.copy())
        point = found @ active.atoms
        direction = point - search.x
        line = search.line(direction, float(search.gradient @ direction))
        if line.slope < 0.0 and line.value(1.0) < search.value:
            search.arrive(line, 1.0, active.set_weights(found))
            return True
        _forget_idle(search, vertex)
        return False

    def _places(self, active: ActiveSet) -> list[int]:
        """Return the slots of the atoms, after giving one to each new atom."""
        keys = active.keys.tolist()
        if self._reference is None:
            self._reference = active.x.copy()
            self._reserve(max(16, 2 * len(keys)))
        new = [row for row, key in enumerate(keys) if key not in self._slots]
        if new:
            if len(self._slots) + len(new) > len(self._gram):
                self._compact(keys)
            self._enter([keys[row] for row in new], active.atoms[new])
        return [self._slots[key] for key in keys]

    def _enter(self, keys: list[int], atoms: Floats) -> None:
        """Extend the Gram matrix by some atoms."""
        begin = len(self._slots)
        end = begin + len(keys)
        if end > len(self._gram):
            self._reserve(2 * end)
        assert self._reference is not None
        centred = atoms - self._reference
        products = self._products_of(centred)
        self._centred[begin:end] = centred
        block = products @ self._centred[:end].T
        curvatures = np.diagonal(block, begin)
        noise = OBJ_TOL * np.maximum(1.0, np.abs(centred * products).sum(axis=1))
        if not (curvatures >= -noise).all() or not np.isfinite(block).all():
            raise InputError(
                f"f must be a convex quadratic with finite products, got curvature "
                f"{curvatures.min()!r} towards an atom."
            )
        self._gram[begin:end, :end] = block
        self._gram[:end, begin:end] = block.T
        self._slots.update(zip(keys, range(begin, end), strict=True))

    def _products_of(self, directions: Floats) -> Floats:
        """Return the rows Q d, all at once where the objective can do that."""
        if self._batch is not None and len(directions) > 1:
            return np.asarray(self._batch(directions[0], directions), dtype=np.float64)
        product = self._objective.product
        return np.array([product(direction) for direction in directions])

    def _reserve(self, capacity: int) -> None:
        assert self._reference is not None
        kept = len(self._slots)
        centred = np.zeros((capacity, len(self._reference)))
        gram = np.zeros((capacity, capacity))
        if kept:
            centred[:kept] = self._centred[:kept]
        gram[:kept, :kept] = self._gram[:kept, :kept]
        self._centred, self._gram = centred, gram

    def _compact(self, keys: list[int]) -> None:
        """Give the slots of forgotten atoms back, if that frees half of them."""
        kept = [key for key in keys if key in self._slots]
        if 2 * len(kept) > len(self._gram):
            return
        places = [self._slots[key] for key in kept]
        count = len(kept)
        self._centred[:count] = self._centred[places]
        self._gram[:count, :count] = self._gram[np.ix_(places, places)]
        self._slots = {key: slot for slot, key in enumerate(kept)}


class NewtonCorrective:
    """Make a Newton step within the hull of the atoms.

    Parameters
    ----------
    objective
        The function.
    """

    def __init__(self, objective: TwiceDifferentiable) -> None:
        self._objective = objective

    def improve(self, search: Search, vertex: Floats | None = None) -> bool:
        """Make one step; tell whether the objective went down enough."""
        active = search.active
        if vertex is not None:
            active.add(vertex)
        centred = active.atoms - search.x
        bent = np.asarray(
            self._objective.hessian_product(search.x, centred), dtype=np.float64
        )
        if bent.shape != centred.shape or not np.isfinite(bent).all():
            raise InputError(
                f"hessian_product must return a finite array of shape {centred.shape}."
            )
        if _newton_step(search, centred, bent):
            return True
        _forget_idle(search, vertex)
        return False


class DifferenceCorrective:
    """Make Newton steps with second derivatives from differences of gradients.

    One costs a gradient an atom; it is made when as many steps of first order have
    been made since the last vertex came in, so that it never doubles the work.

    Parameters
    ----------
    objective
        The function.
    """

    def __init__(self, objective: Objective) -> None:
        self._objective = objective
        self._waited = 0

    def improve(self, search: Search, vertex: Floats | None = None) -> bool:
        """Make one step if it is due; tell whether the objective went down enough."""
        self._waited += 1
        if vertex is not None or self._waited <= len(search.active):
            return False
        self._waited = 0
        centred = search.active.atoms - search.x
        nearby = search.x + _DIFFERENCE * centred
        if not all(search.is_defined(point) for point in nearby):
            return False
        gradients = np.array([self._objective.gradient(point) for point in nearby])
        bent = (gradients - search.gradient) / _DIFFERENCE
        if not np.isfinite(bent).all():
            return False
        return _newton_step(search, centred, bent, ridge=_DIFFERENCE)


def _newton_step(
    search: Search, centred: Floats, bent: Floats, ridge: float = 0.0
) -> bool:
    """Go to the minimiser of the quadratic model over the hull, or part of the way.

    ``ridge`` times the largest curvature keeps the model convex in spite of errors in
    the second derivatives, and weights near the present ones.
    """
    active = search.active
    gram = centred @ bent.T
    gram = 0.5 * (gram + gram.T)
    costs = centred @ search.gradient
    weights = active.weights.copy()
    if ridge:
        added = ridge * max(0.0, float(gram.diagonal().max()))
        gram[np.diag_indices_from(gram)] += added
        costs -= added * weights
    found = minimize_over_simplex(gram, costs, weights)
    direction = found @ centred
    line = search.line(direction, float(search.gradient @ direction))
    if not line.slope < 0.0:
        return False
    step = _BACKTRACKING.choose(line, line.largest_inside(1.0))
    if step < _SHORTEST:
        return False
    search.arrive(line, step, active.set_weights(weights + step * (found - weights)))
    return True


def _forget_idle(search: Search, vertex: Floats | None) -> None:
    """Take a vertex that joined in vain out again."""
    if vertex is None:
        return
    row = search.active.find(vertex)
    if search.active.weights[row] <= WEIGHT_TOL:
        search.active.drop_idle()
