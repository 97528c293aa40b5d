"""Blended steps: work on the atoms there are while that gains as much as a vertex.

While the local gap max <g, a - s> over the atoms a, s is at least what a forward step
is expected to gain, a local step; else a vertex is asked for. The local steps:

    bpcg        weight moves from the worst to the best atom;
    bcg         projected gradient descent within the simplex of the weights;
    corrective  the weights are solved for, from second derivatives.

References
----------
Braun, Pokutta, Tu, Wright (2019), ICML, arXiv:1805.07311 (blended conditional
gradients). Tsuji, Tanaka, Pokutta (2022), ICML, arXiv:2110.12650 (pairwise).
"""

from collections.abc import Callable

import numpy as np

from boundwise.heuristics.frank_wolfe.corrective import Corrective
from boundwise.heuristics.frank_wolfe.result import StepKind
from boundwise.heuristics.frank_wolfe.search import Search
from boundwise.heuristics.frank_wolfe.variants.moves import (
    Variant,
    step_forward,
    step_pairwise,
)

LocalStep = Callable[[Search, int, int], StepKind]


def blended(local_step: LocalStep, corrective: Corrective | None = None) -> Variant:
    """Return the variant made of a local step.

    Parameters
    ----------
    local_step
        Used where there is no corrective step, or that fails; it is told the worst and
        the best atom.
    corrective
        Solves for the weights, or None.
    """

    def improve(search: Search, worst: int, best: int) -> StepKind:
        if corrective is not None and corrective.improve(search):
            return StepKind.CORRECTIVE
        return local_step(search, worst, best)

    def advance(search: Search) -> StepKind:
        worst, best, gap = search.extremes()
        can_stay = not search.is_blocked
        if search.lazy and can_stay and gap >= search.needed:
            return improve(search, worst, best)
        vertex = search.forward_vertex()
        if vertex is None:
            return StepKind.DUAL
        gain = search.level - float(search.gradient @ vertex)
        if not search.lazy and can_stay and gap >= gain:
            search.shadow.add(vertex)
            return improve(search, worst, best)
        if corrective is not None and corrective.improve(search, vertex):
            return StepKind.CORRECTIVE
        return step_forward(search, vertex)

    return advance


def descend_weights(search: Search, worst: int, best: int) -> StepKind:
    """Descend along the projected gradient of the weights, to the boundary at most.

    The whole way is taken, and an atom dropped, wherever that does not ascend.
    """
    active = search.active
    costs = active.atoms @ search.gradient
    change = costs.mean() - costs
    falling = change < 0.0
    if not falling.any():
        return step_pairwise(search, worst, best)
    largest = float((active.weights[falling] / -change[falling]).min())
    # Scaled anew: where all costs are nearly equal, rounding would leave the simplex.
    end = np.maximum(active.weights + largest * change, 0.0)
    end /= end.sum()
    direction = end @ active.atoms - search.x
    line = search.line(direction, float(search.gradient @ direction))
    step = 1.0
    if not line.value(1.0) <= search.value:
        step = search.step_length(line, 1.0)
    weights = active.weights + step * (end - active.weights)
    search.arrive(line, step, active.set_weights(weights))
    return StepKind.DESCENT
