"""The Frank-Wolfe method: always towards a vertex.

Frank, Wolfe (1956), doi:10.1002/nav.3800030109. Lazily, an atom that is good enough
serves as the vertex.
"""

from boundwise.heuristics.frank_wolfe.result import StepKind
from boundwise.heuristics.frank_wolfe.search import Search
from boundwise.heuristics.frank_wolfe.variants.moves import step_forward


def standard(search: Search) -> StepKind:
    """Make one iteration."""
    if search.lazy and not search.is_blocked:
        _, best, _, score = search.active.extremes(search.gradient)
        if search.level - score >= search.needed:
            return step_forward(search, search.active.atoms[best].copy())
    vertex = search.forward_vertex()
    return StepKind.DUAL if vertex is None else step_forward(search, vertex)
