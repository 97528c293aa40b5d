"""Bring an iterate into the domain of an objective that is not defined everywhere.

After a branch-and-bound split, what is left of an iterate may lie outside: for a
log-determinant, too few atoms give a singular matrix. Three attempts, the cheapest
first: the atoms in the domain alone; all atoms in equal shares; and Frank-Wolfe steps
on 1/2 ||x - p||^2 towards a point p of the domain, which approach the point of the set
nearest to p and collect its vertices on the way.

Hendrych, Troppens, Besançon, Pokutta (2022), arXiv:2208.11010.
"""

from collections.abc import Callable

import numpy as np

from boundwise.heuristics.frank_wolfe.active_set import ActiveSet
from boundwise.heuristics.frank_wolfe.frank_wolfe import frank_wolfe
from boundwise.heuristics.frank_wolfe.protocols import Floats, Oracle
from boundwise.heuristics.frank_wolfe.result import FrankWolfeState


class SquaredDistance:
    """Half the squared distance to a point, as a quadratic objective."""

    def __init__(self, point: Floats) -> None:
        self._point = point

    def value(self, x: Floats) -> float:
        """Return 1/2 ||x - p||^2."""
        return float(0.5 * np.sum((x - self._point) ** 2))

    def gradient(self, x: Floats) -> Floats:
        """Return x - p."""
        return x - self._point

    def product(self, x: Floats) -> Floats:
        """Return x."""
        return x.copy()

    def curvature(self, direction: Floats) -> float:
        """Return ||d||^2."""
        return float(direction @ direction)


def enter_domain(
    active: ActiveSet,
    in_domain: Callable[[Floats], bool],
    oracle: Oracle,
    domain_point: Floats | None = None,
    *,
    further: int = 5,
    max_iterations: int = 200,
) -> ActiveSet | None:
    """Return an active set whose point is in the domain, None if none was found.

    Parameters
    ----------
    active
        Atoms to start from; left as they are.
    in_domain
        Tells where the objective is defined.
    oracle
        Oracle of the set.
    domain_point
        Any point where the objective is defined, inside the set or not; without one
        only the atoms are tried.
    further
        Iterations made after the domain was entered: the border is a bad start.
    max_iterations
        Largest number of iterations.

    Notes
    -----
    None is no proof that the objective is defined nowhere on the set.
    """
    if in_domain(active.x):
        return active
    inside = [bool(in_domain(atom)) for atom in active.atoms]
    if any(inside):
        return ActiveSet(active.atoms[inside], active.weights[inside])
    even = ActiveSet(active.atoms, np.ones(len(active)))
    if in_domain(even.x):
        return even
    if domain_point is None:
        return None
    remaining = further

    def stop(state: FrankWolfeState) -> bool:
        nonlocal remaining
        remaining -= bool(in_domain(state.x))
        return remaining <= 0

    point = np.asarray(domain_point, dtype=np.float64)
    result = frank_wolfe(
        SquaredDistance(point),
        None,
        oracle,
        even,
        callback=stop,
        max_iterations=max_iterations,
    )
    reached = result.active_set
    return reached if reached is not None and in_domain(reached.x) else None
