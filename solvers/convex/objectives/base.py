"""What the solver may know of an objective beyond values and gradients.

Every objective here is convex, with a Hessian H(x) that is at least some diagonal
matrix everywhere. That diagonal is what a reformulation may take out and put back in a
tighter form (see `boundwise.solvers.convex.objectives.perspective`).
"""

from typing import Protocol, runtime_checkable

from boundwise.heuristics.frank_wolfe.protocols import Floats, Objective


@runtime_checkable
class StructuredObjective(Objective, Protocol):
    """A convex function with known size, domain and constants."""

    @property
    def n_variables(self) -> int:
        """Number of variables."""
        ...

    @property
    def strong_convexity(self) -> float:
        """A mu with f - mu/2 ||x||^2 convex; 0 if none is known."""
        ...

    @property
    def lipschitz(self) -> float:
        """A Lipschitz constant of the gradient; ``inf`` if none is known."""
        ...

    def in_domain(self, x: Floats) -> bool:
        """Tell whether f is finite at x."""
        ...

    def curvature_floor(self) -> Floats:
        """Return h >= 0 with f - 1/2 sum_j h_j x_j^2 convex, shape (n,)."""
        ...
