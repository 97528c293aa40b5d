"""Pairwise steps: weight moves from the worst atom straight to a vertex.

Lacoste-Julien, Jaggi (2015), arXiv:1511.05932. Lazily, an atom that is good enough
serves as the vertex.
"""

from boundwise.heuristics.frank_wolfe.result import StepKind
from boundwise.heuristics.frank_wolfe.search import Search
from boundwise.heuristics.frank_wolfe.variants.moves import step_forward, step_pairwise


def pairwise(search: Search) -> StepKind:
    """Make one iteration."""
    giver, best, gap = search.extremes()
    if search.lazy and not search.is_blocked and gap >= search.needed:
        return step_pairwise(search, giver, best)
    vertex = search.forward_vertex()
    if vertex is None:
        return StepKind.DUAL
    if search.is_blocked:
        return step_forward(search, vertex)
    taker = search.active.add(vertex)
    if giver == taker:
        return step_forward(search, vertex)
    kind = step_pairwise(search, giver, taker)
    # A step of length zero would leave the new atom behind without weight.
    search.active.drop_idle()
    return kind
