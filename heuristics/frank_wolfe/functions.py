"""Objectives made of two callables, and what an objective is worth checking for."""

import math
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from boundwise.core.errors import InputError
from boundwise.heuristics.frank_wolfe.protocols import (
    Floats,
    Objective,
    QuadraticObjective,
    TwiceDifferentiable,
)


class Functions:
    """Make an objective of a function and its gradient.

    Parameters
    ----------
    f
        Maps a vector to a number.
    grad
        Maps a vector to the gradient; the result is copied, so a buffer may be reused.

    Raises
    ------
    InputError
        If one of them cannot be called.
    """

    def __init__(
        self, f: Callable[[Floats], float], grad: Callable[[Floats], Any]
    ) -> None:
        for name, function in (("f", f), ("grad", grad)):
            if not callable(function):
                raise InputError(f"{name} must be callable, got {function!r}.")
        self._f = f
        self._grad = grad

    def value(self, x: Floats) -> float:
        """Return f(x)."""
        # A copy: what f does to its argument must not reach the iterate.
        return as_number("f", self._f(x.copy()))

    def gradient(self, x: Floats) -> Floats:
        """Return the gradient at x."""
        answer = as_real("grad", self._grad(x.copy()))
        return np.array(answer, dtype=np.float64)


def as_number(name: str, answer: object) -> float:
    """Return what a function returned as a float; arrays of one number will do.

    Raises
    ------
    InputError
        If it is not one real number.
    """
    if isinstance(answer, float):
        return float(answer)
    number = as_real(name, answer)
    if number.size != 1:
        raise InputError(f"{name} must return one number, got shape {number.shape}.")
    return float(number.item())


def as_real(name: str, answer: object) -> npt.NDArray[Any]:
    """Return what a function returned as an array of real numbers.

    Raises
    ------
    InputError
        If it holds anything else, such as complex numbers.
    """
    try:
        array = np.asarray(answer)
    except ValueError:
        raise InputError(f"{name} must return numbers, got {answer!r}.") from None
    if array.dtype.kind not in "biuf":
        raise InputError(f"{name} must return real numbers, got {answer!r}.")
    return array


def as_quadratic(objective: object) -> QuadraticObjective | None:
    """Return the objective if it is a `QuadraticObjective`, else None.

    Asked at every node of a tree: checks against protocols cost ten times as much.
    """
    if hasattr(objective, "product") and hasattr(objective, "curvature"):
        return cast("QuadraticObjective", objective)
    return None


def as_twice_differentiable(objective: object) -> TwiceDifferentiable | None:
    """Return the objective if it is `TwiceDifferentiable`, else None."""
    if hasattr(objective, "hessian_product"):
        return cast("TwiceDifferentiable", objective)
    return None


def as_objective(
    f: Objective | Callable[[Floats], float], grad: Callable[[Floats], Any] | None
) -> Objective:
    """Return an objective: the one given, or one made of two callables.

    Raises
    ------
    InputError
        If ``grad`` is missing for a function, or given for an objective.
    """
    if hasattr(f, "value") and hasattr(f, "gradient"):
        if grad is not None:
            raise InputError("grad must be None: f has a gradient of its own.")
        return cast("Objective", f)
    if grad is None:
        raise InputError(f"grad must be given unless f has one, got f={f!r}.")
    return Functions(f, grad)


def checked_value(objective: Objective, x: Floats) -> float:
    """Return f(x).

    Raises
    ------
    InputError
        If it is not finite: the point is outside the domain, or f is broken.
    """
    value = float(objective.value(x))
    if not math.isfinite(value):
        raise InputError(
            f"f must be finite, got {value!r} at a feasible point; if f is not defined "
            f"everywhere, give a domain_oracle and a start inside the domain."
        )
    return value


def checked_gradient(gradient: object, x: Floats) -> tuple[Floats, float]:
    """Return a gradient as a finite vector, and its product with x.

    Raises
    ------
    InputError
        If its shape is wrong or an entry is not finite.
    """
    vector = np.asarray(gradient, dtype=np.float64)
    if vector.shape != x.shape:
        raise InputError(f"grad must return shape {x.shape}, got shape {vector.shape}.")
    with np.errstate(invalid="ignore", over="ignore"):
        level = float(vector @ x)
    # An entry that is not finite makes the product so too, even where x is zero.
    if not math.isfinite(level):
        entry = int(np.argmin(np.isfinite(vector)))
        raise InputError(f"grad must be finite, got {vector[entry]!r} at {entry}.")
    return vector, level
