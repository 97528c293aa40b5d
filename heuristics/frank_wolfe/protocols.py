"""The plug-in points of Frank-Wolfe methods: objectives, feasible sets, oracles.

A Frank-Wolfe method sees its feasible set only through a linear minimisation oracle,

    v in argmin { <direction, v> : v in X },

and its objective only through values and gradients. A user writes a `FeasibleSet`; a
branch-and-bound tree cuts it with the box of a node (`restricted.Restricted`), which
makes it the `Oracle` that the method calls. What an oracle proves and what it finds
are two fields of its answer, so that an inexact one is never mistaken for exact: at a
point x with gradient g, every lower bound ``bound`` of <g, .> over X gives

    f(y) >= f(x) - <g, x> + bound    for all y in X, if f is convex.

References
----------
Frank, Wolfe (1956), doi:10.1002/nav.3800030109. Braun, Pokutta, Zink (2017), ICML,
arXiv:1610.05120 (weak separation). Garber, Meshi (2016), NeurIPS, arXiv:1605.06492
(steps within the face of a point).
"""

import math
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class OracleAnswer:
    """Hold what an oracle found and what it proved.

    Parameters
    ----------
    vertex
        A vertex of the set, or None if none good enough was found.
    bound
        Proven lower bound of <direction, v> over the set; ``inf`` proves the set
        empty, ``-inf`` proves nothing. An exact oracle gives <direction, vertex>.
    others
        Further feasible vertices that came along.
    """

    vertex: Floats | None
    bound: float
    others: tuple[Floats, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the answer proves the set empty."""
        return self.bound == math.inf


@runtime_checkable
class Oracle(Protocol):
    """Minimise linear functions over a set: all that a Frank-Wolfe method asks."""

    def minimize(
        self,
        direction: Floats,
        *,
        target: float = -math.inf,
        start: Floats | None = None,
    ) -> OracleAnswer:
        """Return a vertex of small <direction, v> and a bound that no vertex is below.

        Parameters
        ----------
        direction
            Linear objective, shape (n,); not to be changed or kept.
        target
            Any vertex with <direction, v> <= target is good enough; an oracle that
            is exact anyway ignores it.
        start
            A feasible vertex that may help, or None.
        """
        ...


@runtime_checkable
class FeasibleSet(Protocol):
    """A compact set whose vertices can be found exactly: what a user writes.

    The set is the convex hull of the points that satisfy the constraints and are
    integral at ``integers``. The three arrays are read once and must not change.
    """

    @property
    def lower(self) -> Floats:
        """Global lower bounds, shape (n,), finite."""
        ...

    @property
    def upper(self) -> Floats:
        """Global upper bounds, shape (n,), finite."""
        ...

    @property
    def integers(self) -> Indices:
        """Indices of the integer variables."""
        ...

    def extreme_point(
        self, direction: Floats, lower: Floats, upper: Floats
    ) -> Floats | None:
        """Return a minimiser of <direction, .> over the set cut with a box.

        Parameters
        ----------
        direction
            Linear objective, shape (n,).
        lower, upper
            The box: within the global bounds, ``lower <= upper``, integral at
            ``integers``.

        Returns
        -------
        array or None
            A new array, integral at ``integers``; None exactly if the cut set has no
            such point.
        """
        ...


@runtime_checkable
class InexactSet(Protocol):
    """A compact set over which linear functions are minimised with a proven bound.

    Such a set need not have ``extreme_point``; where it has both, this one is used.
    It may answer with vertices of a relaxation, fractional at integer variables.
    """

    @property
    def lower(self) -> Floats:
        """Global lower bounds, shape (n,), finite."""
        ...

    @property
    def upper(self) -> Floats:
        """Global upper bounds, shape (n,), finite."""
        ...

    @property
    def integers(self) -> Indices:
        """Indices of the integer variables."""
        ...

    def minimize_between(
        self,
        direction: Floats,
        lower: Floats,
        upper: Floats,
        *,
        target: float,
        start: Floats | None,
    ) -> OracleAnswer:
        """Minimise over the set cut with a box, as `Oracle.minimize` says."""
        ...


@runtime_checkable
class InFaceSet(FeasibleSet, Protocol):
    """A feasible set that also knows its faces, as decomposition-invariant steps ask.

    Its vertices within any integral box are integral, so that the set cut with the
    box is a polytope described by its bounds and a few equations.
    """

    def in_face_extreme_point(
        self, direction: Floats, x: Floats, lower: Floats, upper: Floats
    ) -> Floats:
        """Return a minimiser of <direction, .> over the smallest face that holds x.

        The face is one of the set cut with the box; ``x`` lies in that.
        """
        ...

    def max_step(
        self, x: Floats, direction: Floats, lower: Floats, upper: Floats
    ) -> float:
        """Return the largest t >= 0 with x + t * direction in the cut set."""
        ...


@runtime_checkable
class Objective(Protocol):
    """A differentiable function."""

    def value(self, x: Floats) -> float:
        """Return f(x)."""
        ...

    def gradient(self, x: Floats) -> Floats:
        """Return the gradient at x, shape (n,)."""
        ...


@runtime_checkable
class QuadraticObjective(Objective, Protocol):
    """A quadratic f(x) = 1/2 x'Qx + b'x + c: steps are exact, products are cached."""

    def product(self, x: Floats) -> Floats:
        """Return Qx."""
        ...

    def curvature(self, direction: Floats) -> float:
        """Return d'Qd of a direction d."""
        ...


@runtime_checkable
class TwiceDifferentiable(Objective, Protocol):
    """A smooth function whose second derivatives can be applied to directions."""

    def hessian_product(self, x: Floats, directions: Floats) -> Floats:
        """Return the rows H(x) d of the rows d of ``directions``, shape (k, n)."""
        ...
