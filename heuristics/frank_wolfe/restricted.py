"""A feasible set cut with a box: the oracle of one node of a tree.

The set stays one object for the whole tree; a node owns two arrays. Every answer is
checked before a method sees it, because a vertex outside the box or with a fractional
integer entry would turn into a wrong incumbent or a wrong bound later, far from its
cause.
"""

import math
from collections.abc import Callable

import numpy as np

from boundwise.core.errors import InputError, SolverError
from boundwise.core.tolerances import FEAS_TOL, INT_TOL
from boundwise.heuristics.compiled import compiled
from boundwise.heuristics.frank_wolfe.protocols import (
    Bools,
    FeasibleSet,
    Floats,
    InexactSet,
    OracleAnswer,
)

ExtremePoint = Callable[[Floats, Floats, Floats], Floats | None]
Between = Callable[..., OracleAnswer]

_EMPTY = OracleAnswer(None, math.inf)


@compiled()
def _repair(
    vertex: Floats, lower: Floats, upper: Floats, is_integer: Bools, whole: bool
) -> tuple[int, bool]:
    """Round and clip in place; return the first entry beyond repair, and the reason.

    The entry is -1 if there is none; the reason is whether it is fractional.
    """
    for i in range(vertex.shape[0]):
        value = vertex[i]
        if is_integer[i]:
            rounded = np.rint(value)
            if abs(value - rounded) <= INT_TOL:
                value = rounded
            elif whole:
                return i, True
        slack = FEAS_TOL * max(1.0, abs(value))
        if not (lower[i] - slack <= value <= upper[i] + slack):
            return i, False
        vertex[i] = min(max(value, lower[i]), upper[i])
    return -1, False


class Restricted:
    """Minimise linear functions over a feasible set cut with a box.

    Parameters
    ----------
    feasible_set
        The set.
    lower, upper
        The box; None for the global bounds. It is intersected with the global bounds,
        and rounded inwards at integer variables.

    Raises
    ------
    InputError
        If the arrays of the set or the box do not fit together.

    Notes
    -----
    Integer entries of a vertex within 1e-6 of an integer are rounded, entries that
    violate the box by less than 1e-6 are moved into it; anything worse is a
    `SolverError`, except that an `InexactSet` may be a relaxation with fractional
    vertices. The bound of an answer is left as it is.
    """

    def __init__(
        self,
        feasible_set: FeasibleSet | InexactSet,
        lower: Floats | None = None,
        upper: Floats | None = None,
    ) -> None:
        self.feasible_set = feasible_set
        self.lower = _bounds("lower", feasible_set.lower, lower, np.maximum)
        self.upper = _bounds("upper", feasible_set.upper, upper, np.minimum)
        if self.lower.shape != self.upper.shape:
            raise InputError(
                f"lower and upper must have one shape, got {self.lower.shape} and "
                f"{self.upper.shape}."
            )
        places = np.asarray(feasible_set.integers, dtype=np.intp)
        if len(places) and not 0 <= places.min() <= places.max() < len(self.lower):
            raise InputError(
                f"integers must lie in 0..{len(self.lower) - 1}, got {places!r}."
            )
        self._is_integer = np.zeros(len(self.lower), dtype=np.bool_)
        self._is_integer[places] = True
        self.lower[places] = np.ceil(self.lower[places] - INT_TOL) + 0.0
        self.upper[places] = np.floor(self.upper[places] + INT_TOL) + 0.0
        self._box_is_empty = bool((self.lower > self.upper).any())
        # Checks against protocols would cost more than a closed-form oracle.
        self._between: Between | None = getattr(feasible_set, "minimize_between", None)
        self._extreme_point: ExtremePoint | None = getattr(
            feasible_set, "extreme_point", None
        )
        if self._between is None and self._extreme_point is None:
            raise InputError(
                f"feasible_set must have extreme_point or minimize_between, got "
                f"{feasible_set!r}."
            )

    def minimize(
        self,
        direction: Floats,
        *,
        target: float = -math.inf,
        start: Floats | None = None,
    ) -> OracleAnswer:
        """Return a checked answer of the set, see `Oracle.minimize`.

        Raises
        ------
        SolverError
            If the set answers with something that is not a vertex within the box.
        """
        if self._box_is_empty:
            return _EMPTY
        if self._between is not None:
            return self._checked_answer(
                self._between(
                    direction, self.lower, self.upper, target=target, start=start
                )
            )
        assert self._extreme_point is not None
        point = self._extreme_point(direction, self.lower, self.upper)
        if point is None:
            return _EMPTY
        vertex = self.checked(point)
        # Repairing may have moved the point uphill, where nothing is proven.
        bound = min(float(direction @ point), float(direction @ vertex))
        return OracleAnswer(vertex, bound)

    def checked(self, point: Floats) -> Floats:
        """Return a vertex with integer entries rounded and bounds kept exactly.

        Raises
        ------
        SolverError
            If it has the wrong shape, is not finite, leaves the box or is fractional.
        """
        try:
            given = np.asarray(point)
        except ValueError:
            given = np.empty(0, dtype=object)
        if given.dtype.kind not in "biuf":
            raise SolverError(
                f"the oracle must return a vector of real numbers, got {point!r}."
            )
        vertex = np.array(given, dtype=np.float64)
        if vertex.shape != self.lower.shape:
            raise SolverError(
                f"the oracle must return a vertex of shape {self.lower.shape}, "
                f"got {vertex.shape}."
            )
        worst, is_fractional = _repair(
            vertex, self.lower, self.upper, self._is_integer, self._between is None
        )
        if worst < 0:
            return vertex
        if is_fractional:
            raise SolverError(
                f"the oracle must return integers at integer variables, got "
                f"{point[worst]!r} at variable {worst}."
            )
        raise SolverError(
            f"the oracle must return a vertex within the bounds, got "
            f"{point[worst]!r} at variable {worst}, whose bounds are "
            f"[{self.lower[worst]!r}, {self.upper[worst]!r}]."
        )

    def require_within_box(self, point: Floats) -> None:
        """Check a start.

        Raises
        ------
        InputError
            If it has the wrong shape or violates a bound by more than 1e-6.
        """
        if point.shape != self.lower.shape:
            raise InputError(
                f"x0 must have shape {self.lower.shape}, got {point.shape}."
            )
        slack = FEAS_TOL * np.maximum(1.0, np.abs(point))
        outside = (point < self.lower - slack) | (point > self.upper + slack)
        if outside.any():
            entry = int(outside.argmax())
            raise InputError(
                f"x0 must be within the bounds, got {point[entry]!r} at variable "
                f"{entry}, whose bounds are [{self.lower[entry]!r}, "
                f"{self.upper[entry]!r}]."
            )

    def _checked_answer(self, answer: OracleAnswer) -> OracleAnswer:
        if math.isnan(answer.bound):
            raise SolverError("the oracle must return a bound, got nan.")
        return OracleAnswer(
            None if answer.vertex is None else self.checked(answer.vertex),
            float(answer.bound),
            tuple(self.checked(other) for other in answer.others),
        )


def _bounds(
    name: str, outer: Floats, inner: Floats | None, tighter: np.ufunc
) -> Floats:
    limits = np.array(outer, dtype=np.float64)
    if limits.ndim != 1 or np.isnan(limits).any():
        raise InputError(f"{name} of the set must be a vector without nan.")
    if inner is None:
        return limits
    box = np.asarray(inner, dtype=np.float64)
    if box.shape != limits.shape or np.isnan(box).any():
        raise InputError(
            f"{name} must have shape {limits.shape} and no nan, got {box!r}."
        )
    return np.asarray(tighter(limits, box))
