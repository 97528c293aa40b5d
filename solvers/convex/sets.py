"""Take a feasible set in any of the forms that users have."""

import os
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from scipy.optimize import Bounds, LinearConstraint
from scipy.sparse import csr_array, issparse, vstack

from boundwise.core.errors import InputError
from boundwise.core.tolerances import FEAS_TOL, INT_TOL
from boundwise.heuristics.frank_wolfe.protocols import (
    Bools,
    FeasibleSet,
    Floats,
    Indices,
    InexactSet,
)
from boundwise.heuristics.frank_wolfe.restricted import Restricted
from boundwise.instances.checker import check
from boundwise.instances.instance import Instance
from boundwise.solvers.convex.native.rows import instance_of
from boundwise.solvers.convex.objectives.switches import (
    NO_SWITCHES,
    Switches,
    find_switches,
)
from boundwise.solvers.convex.oracles.box import Box
from boundwise.solvers.convex.oracles.lp import LinearRelaxation
from boundwise.solvers.convex.oracles.mip import MixedIntegerSet
from boundwise.solvers.convex.recognise import recognise

#: Columns for each row from which on a linear relaxation counts as simple.
_COLUMNS_A_ROW = 8


@dataclass(frozen=True, slots=True)
class ReadSet:
    """Hold a feasible set as the solver uses it.

    Parameters
    ----------
    points
        Oracle of the integer points.
    integers
        Indices of the integer variables.
    instance
        The rows that describe it, None if it has no such form.
    relaxation
        The linear relaxation of a mixed-integer program, if rows and bounds describe
        all of it; None for others, and for sets that know their vertices.
    source
        What SCIP can read: the program as it was given, its rows, or None.
    """

    points: FeasibleSet | InexactSet
    integers: Indices
    instance: Instance | None = None
    relaxation: LinearRelaxation | None = None
    source: Any = None

    @property
    def has_few_rows(self) -> bool:
        """Whether the linear relaxation is simple: at most one row in eight columns.

        Its vertices then have few fractional entries, and little is to be gained from
        the integer hull.
        """
        if self.relaxation is None:
            return False
        data = self.relaxation.instance
        return _COLUMNS_A_ROW * data.n_rows <= data.n_variables

    def accepts(self, x: Floats) -> bool:
        """Tell whether a point passes the exact check against the rows, if any.

        A point well within the tolerances passes without exact arithmetic.
        """
        if self.instance is None:
            return True
        return _is_clearly_feasible(self.instance, x) or check(self.instance, x).strict

    def switches(self) -> Switches:
        """Return which binaries switch variables off, as far as the set tells."""
        if self.instance is None:
            return NO_SWITCHES
        data = self.instance
        return find_switches(
            data.matrix,
            data.row_lower,
            data.row_upper,
            data.lower,
            data.upper,
            data.is_integer,
        )


def read_set(feasible_set: Any, integers: Any = None) -> ReadSet:
    """Return a feasible set in the form that the solver uses.

    Parameters
    ----------
    feasible_set
        An oracle with ``extreme_point`` or ``minimize_between``; an `Instance`; a
        ``pyscipopt.Model``; a path or the name of a MIPLIB instance;
        ``scipy.optimize.Bounds``; or a pair (constraints, bounds) as
        `scipy.optimize.milp` takes them, constraints being one or more
        ``LinearConstraint``.
    integers
        Indices of integer variables, or a mask; needed for the scipy forms, must be
        None or agree for the others.

    Raises
    ------
    InputError
        If it is none of these, or ``integers`` does not fit.
    """
    if isinstance(feasible_set, Bounds):
        feasible_set = ([], feasible_set)
    if isinstance(feasible_set, tuple):
        feasible_set = _from_scipy(feasible_set, integers)
        integers = None
    if isinstance(feasible_set, FeasibleSet | InexactSet):
        known = _own_integers(feasible_set)
        points = feasible_set
        instance = instance_of(points)
        if isinstance(feasible_set, LinearRelaxation):
            raise InputError(
                "feasible_set must hold integer points, got a LinearRelaxation: give "
                "its instance, with no integers if it is all that is meant."
            )
    else:
        if not _is_program(feasible_set):
            raise InputError(
                "feasible_set must be an oracle, an Instance, a pyscipopt.Model, a "
                "path, Bounds or (constraints, bounds), got "
                f"{type(feasible_set).__name__}."
            )
        points, instance = _program(feasible_set)
        known = points.integers
    given = _as_indices(integers, len(points.lower))
    if given is not None and not np.array_equal(given, np.unique(known)):
        raise InputError(
            f"integers must be those of the feasible set ({len(known)} of them), or "
            f"None, got {integers!r}."
        )
    relaxation = None
    if isinstance(points, MixedIntegerSet) and _is_linear(points.instance):
        relaxation = LinearRelaxation(points.instance)
    source = feasible_set if _is_program(feasible_set) else instance
    return ReadSet(points, known, instance, relaxation, source)


def _program(problem: Any) -> tuple[FeasibleSet | InexactSet, Instance]:
    """Return the oracle of a program: a closed form if its rows have one, else SCIP."""
    program = MixedIntegerSet(problem)
    closed_form = recognise(program.instance)
    if closed_form is None:
        return program, program.instance
    program.free()
    return closed_form, program.instance


def _is_program(feasible_set: Any) -> bool:
    if isinstance(feasible_set, str | os.PathLike | Instance):
        return True
    from pyscipopt import Model

    return isinstance(feasible_set, Model)


def _is_clearly_feasible(instance: Instance, x: Floats) -> bool:
    """Tell whether rows, bounds and types hold within half the absolute tolerance."""
    if not _is_linear(instance):
        return False
    slack = 0.5 * FEAS_TOL
    activity = instance.matrix @ x
    whole = x[instance.is_integer]
    return bool(
        (activity >= instance.row_lower - slack).all()
        and (activity <= instance.row_upper + slack).all()
        and (x >= instance.lower - slack).all()
        and (x <= instance.upper + slack).all()
        and np.abs(whole - np.rint(whole)).max(initial=0.0) <= slack
    )


def _is_linear(instance: Instance) -> bool:
    return not (
        instance.sos
        or instance.indicators
        or instance.semicontinuous
        or instance.unchecked
    )


def _from_scipy(parts: tuple[Any, ...], integers: Any) -> FeasibleSet | Instance:
    if len(parts) != 2 or not isinstance(parts[1], Bounds):
        raise InputError(
            "feasible_set must be (constraints, bounds) with scipy.optimize.Bounds, "
            f"got {parts!r}."
        )
    constraints, bounds = parts
    if isinstance(constraints, LinearConstraint):
        constraints = [constraints]
    lower, upper = (
        np.atleast_1d(np.asarray(b, dtype=np.float64)) for b in (bounds.lb, bounds.ub)
    )
    for constraint in constraints:
        if not isinstance(constraint, LinearConstraint):
            raise InputError(
                f"constraints must be LinearConstraint, got {constraint!r}."
            )
    matrices = [_as_rows(constraint.A) for constraint in constraints]
    widths = [matrix.shape[1] for matrix in matrices]
    n = max([len(lower), len(upper), *widths])
    lower, upper = np.broadcast_to(lower, n).copy(), np.broadcast_to(upper, n).copy()
    places = _as_indices(integers, n)
    if places is None:
        raise InputError(
            "integers must be given for (constraints, bounds): indices or a mask, "
            "perhaps empty."
        )
    mask = np.zeros(n, dtype=bool)
    mask[places] = True
    if not len(constraints) and _has_point(lower, upper, mask):
        return Box(lower, upper, integers=places)
    lows, ups = [np.zeros(0)], [np.zeros(0)]
    matrices.append(csr_array((0, n)))
    for constraint, matrix in zip(constraints, matrices[:-1], strict=True):
        lows.append(np.broadcast_to(constraint.lb, matrix.shape[0]))
        ups.append(np.broadcast_to(constraint.ub, matrix.shape[0]))
    matrix = csr_array(vstack(matrices, format="csr"))
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    return Instance(
        name="feasible set",
        objective=np.zeros(n),
        matrix=matrix,
        row_lower=np.concatenate(lows).astype(np.float64),
        row_upper=np.concatenate(ups).astype(np.float64),
        lower=lower,
        upper=upper,
        is_integer=mask,
        names=tuple(f"x{j}" for j in range(n)),
        row_names=tuple(f"row{i}" for i in range(matrix.shape[0])),
    )


def _has_point(lower: Floats, upper: Floats, is_integer: Bools) -> bool:
    """Tell whether rounding leaves a point; crossing bounds are no matter here."""
    low = np.where(is_integer, np.ceil(lower - INT_TOL), lower)
    high = np.where(is_integer, np.floor(upper + INT_TOL), upper)
    return bool((low <= high).all() or not (lower <= upper).all())


def _own_integers(feasible_set: FeasibleSet | InexactSet) -> Indices:
    """Return the integer variables of a set, once its arrays are known to fit.

    Raises
    ------
    InputError
        If bounds or indices do not fit together.
    """
    given = np.asarray(feasible_set.integers)
    if given.size and given.dtype.kind not in "iu":
        raise InputError(
            f"integers of the set must be indices, got {feasible_set.integers!r}."
        )
    Restricted(feasible_set)
    return np.unique(given).astype(np.intp)


def _as_rows(coefficients: Any) -> csr_array:
    rows = coefficients if issparse(coefficients) else np.atleast_2d(coefficients)
    made: csr_array = csr_array(cast("Any", rows))
    return made


def _as_indices(integers: Any, n: int) -> Indices | None:
    if integers is None:
        return None
    array = np.asarray(integers)
    if array.dtype == bool and array.shape == (n,):
        return np.flatnonzero(array)
    if array.size == 0:
        return np.empty(0, dtype=np.intp)
    if array.ndim != 1 or not np.issubdtype(array.dtype, np.integer):
        raise InputError(
            f"integers must be indices or a mask of length {n}, got {integers!r}."
        )
    if array.min() < 0 or array.max() >= n:
        raise InputError(f"integers must lie in 0..{n - 1}, got {integers!r}.")
    return np.unique(array).astype(np.intp)
