"""The moves that several variants make: towards a vertex, from atom to atom.

A variant is one function: it makes one iteration of a `Search` and says what kind of
step that was.
"""

from collections.abc import Callable

from boundwise.heuristics.frank_wolfe.protocols import Floats
from boundwise.heuristics.frank_wolfe.result import StepKind
from boundwise.heuristics.frank_wolfe.search import Search

Variant = Callable[[Search], StepKind]


def step_forward(search: Search, vertex: Floats) -> StepKind:
    """Move towards a vertex, by at most all the way."""
    direction = vertex - search.x
    line = search.line(direction, float(search.gradient @ direction))
    step = search.step_length(line, 1.0)
    dropped: list[Floats] = []
    if step > 0.0:
        dropped = search.active.step_towards(vertex, step)
    else:
        search.shadow.add(vertex)
    search.arrive(line, step, dropped)
    return StepKind.FORWARD


def step_pairwise(search: Search, giver: int, taker: int) -> StepKind:
    """Move weight from one atom to another."""
    atoms = search.active.atoms
    direction = atoms[taker] - atoms[giver]
    line = search.line(direction, float(search.gradient @ direction))
    step = search.step_length(line, float(search.active.weights[giver]))
    dropped: list[Floats] = []
    if step > 0.0:
        dropped = search.active.shift(giver, taker, step)
    search.arrive(line, step, dropped)
    return StepKind.PAIRWISE


def step_away(search: Search, row: int) -> StepKind:
    """Move away from an atom until its weight is gone at most."""
    direction = search.x - search.active.atoms[row]
    weight = float(search.active.weights[row])
    line = search.line(direction, float(search.gradient @ direction))
    largest = weight / (1.0 - weight) if weight < 1.0 else 0.0
    step = search.step_length(line, largest)
    dropped: list[Floats] = []
    if step > 0.0:
        dropped = search.active.step_away(row, step)
    search.arrive(line, step, dropped)
    return StepKind.AWAY
