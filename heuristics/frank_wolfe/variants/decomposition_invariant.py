"""Decomposition-invariant steps: leave the worst vertex of the face of x, no atoms.

The away vertex is found within the smallest face that holds the iterate, so that no
active set is stored; a lazy step also takes its forward vertex from there.

Garber, Meshi (2016), NeurIPS, arXiv:1605.06492.
"""

from boundwise.heuristics.frank_wolfe.protocols import Floats, InFaceSet
from boundwise.heuristics.frank_wolfe.result import StepKind
from boundwise.heuristics.frank_wolfe.search import Search
from boundwise.heuristics.frank_wolfe.variants.moves import Variant


def decomposition_invariant(
    feasible_set: InFaceSet, lower: Floats, upper: Floats
) -> Variant:
    """Return the variant for one set, cut with a box."""

    def advance(search: Search) -> StepKind:
        x, gradient = search.x, search.gradient
        worst = feasible_set.in_face_extreme_point(-gradient, x, lower, upper)
        vertex: Floats | None = None
        kind = StepKind.FORWARD if search.is_blocked else StepKind.PAIRWISE
        if search.lazy and not search.is_blocked:
            best = feasible_set.in_face_extreme_point(gradient, x, lower, upper)
            if float(gradient @ (worst - best)) >= search.needed:
                vertex = best
        if vertex is None:
            vertex = search.forward_vertex()
        if vertex is None:
            return StepKind.DUAL
        direction = vertex - (x if search.is_blocked else worst)
        largest = feasible_set.max_step(x, direction, lower, upper)
        line = search.line(direction, float(gradient @ direction))
        step = search.step_length(line, largest)
        if step > 0.0:
            search.active.replace(line.point(step))
        search.arrive(line, step, [])
        return kind

    return advance
