"""Away steps: leave the worst atom where that gains more than going to a vertex.

Guélat, Marcotte (1986), doi:10.1007/BF01589445; Lacoste-Julien, Jaggi (2015),
arXiv:1511.05932 (linear convergence on polytopes).
"""

from boundwise.heuristics.frank_wolfe.result import StepKind
from boundwise.heuristics.frank_wolfe.search import Search
from boundwise.heuristics.frank_wolfe.variants.moves import step_away, step_forward


def away(search: Search) -> StepKind:
    """Make one iteration."""
    worst, best, highest, lowest = search.active.extremes(search.gradient)
    leaving = highest - search.level
    if search.lazy and not search.is_blocked:
        going = search.level - lowest
        if max(leaving, going) >= search.needed:
            if leaving > going:
                return step_away(search, worst)
            return step_forward(search, search.active.atoms[best].copy())
    vertex = search.forward_vertex()
    if vertex is None:
        return StepKind.DUAL
    gain = search.level - float(search.gradient @ vertex)
    if not search.lazy and leaving > gain and not search.is_blocked:
        search.shadow.add(vertex)
        return step_away(search, worst)
    return step_forward(search, vertex)
