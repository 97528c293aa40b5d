"""A solution as exact numbers in the order of an instance's variables."""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from boundwise.core.errors import InputError
from boundwise.core.result import Result
from boundwise.core.tolerances import INFINITY
from boundwise.instances.decimals import decimal_of, parse_decimal, parse_many
from boundwise.instances.exactrows import WHOLE_LIMIT, decimal_digits
from boundwise.instances.instance import Instance
from boundwise.instances.solutions import read_solution

Number = str | Decimal | Fraction | float | int
Claim = Number | None
#: What `boundwise.check` accepts as a solution.
AnySolution = (
    Mapping[str, Number]
    | NDArray[np.float64]
    | Sequence[float]
    | Result
    | str
    | os.PathLike[str]
)


@dataclass(frozen=True, slots=True)
class Point:
    """Hold exact values of all variables.

    Parameters
    ----------
    values
        The values rounded to doubles; 0 where a value is not finite.
    exact
        Exact values where the double does not tell them.
    decimal
        Whether the other doubles stand for their shortest decimals (values from
        texts), else for themselves.
    bad
        Variables whose value is nan or infinite (at least 1e20, as in SCIP).
    missing
        Number of variables that the solution does not name; they are 0.
    unknown
        Names that are no variables; they are ignored.
    """

    values: NDArray[np.float64]
    decimal: bool
    exact: Mapping[int, Fraction] = field(default_factory=dict)
    bad: tuple[int, ...] = ()
    missing: int = 0
    unknown: tuple[str, ...] = ()

    def value(self, j: int) -> Fraction:
        """Return the exact value of variable ``j``."""
        kept = self.exact.get(j)
        if kept is not None:
            return kept
        double = float(self.values[j])
        return decimal_of(double) if self.decimal else Fraction(double)

    def tail(self, j: int) -> float:
        """Return the exact value minus the double, rounded."""
        if not self.decimal and j not in self.exact:
            return 0.0
        return float(self.value(j) - Fraction(float(self.values[j])))

    def digits(self) -> NDArray[np.int64]:
        """Return how many decimals each exact value has, -1 for more than nine."""
        if self.decimal:
            digits = decimal_digits(self.values)
        else:
            whole = self.values == np.rint(self.values)
            digits = np.where(whole & (np.abs(self.values) < WHOLE_LIMIT), 0, -1)
        if self.exact:
            digits[list(self.exact)] = -1
        return digits


def make_point(
    instance: Instance,
    solution: "AnySolution",
) -> tuple[Point, Claim, bool]:
    """Bring a solution of any accepted kind into the order of the instance.

    Parameters
    ----------
    instance
        The problem.
    solution
        Mapping name -> number, array in the order of the instance, `Result`, or path
        of a solution file.

    Returns
    -------
    tuple
        The point, the objective that the solution claims (or None), and whether a
        solution of this kind has to claim one.

    Raises
    ------
    InputError
        If it is no solution of this instance.
    """
    if isinstance(solution, str | os.PathLike):
        content = read_solution(Path(solution))
        if content.infeasible:
            raise InputError(
                f"{os.fspath(solution)}: the file claims that there is no solution."
            )
        return _from_mapping(instance, content.values), content.objective, True
    if isinstance(solution, Result):
        if solution.x is None:
            raise InputError(f"the result holds no solution ({solution.status}).")
        names = tuple(solution.names)
        if names and names != instance.names:
            pairs = dict(zip(names, solution.x.tolist(), strict=True))
            return _from_mapping(instance, pairs), solution.objective, True
        return _from_array(instance, solution.x), solution.objective, True
    if isinstance(solution, Mapping):
        return _from_mapping(instance, solution), None, False
    return _from_array(instance, solution), None, False


def exact_number(value: object, name: str) -> Fraction | None:
    """Return the exact value of a number of any kind, None if it is not finite.

    Raises
    ------
    InputError
        If it is not a number.
    """
    if isinstance(value, str):
        if value.strip().lower().lstrip("+-") in ("inf", "infinity", "nan", "unknown"):
            return None
        try:
            return parse_decimal(value.strip())
        except InputError as error:
            raise InputError(f"{name}: {error}") from None
    if isinstance(value, Decimal):
        return parse_decimal(str(value)) if value.is_finite() else None
    if isinstance(value, Fraction | int | np.integer) and not isinstance(value, bool):
        return Fraction(int(value)) if not isinstance(value, Fraction) else value
    if isinstance(value, bool | np.bool_):
        return Fraction(int(value))
    if isinstance(value, float | np.floating):
        return Fraction(float(value)) if math.isfinite(value) else None
    raise InputError(f"{name} must be a number, got {value!r}.")


def _from_array(instance: Instance, solution: object) -> Point:
    try:
        values = np.array(solution, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"solution must be numeric, got {error}.") from None
    if values.shape != (instance.n_variables,):
        raise InputError(
            f"solution must have shape ({instance.n_variables},), got {values.shape}."
        )
    bad = np.flatnonzero(~(np.abs(values) < INFINITY))
    values[bad] = 0.0
    return Point(values, decimal=False, bad=tuple(bad.tolist()))


def _from_mapping(instance: Instance, solution: Mapping[str, Number]) -> Point:
    index = {name: j for j, name in enumerate(instance.names)}
    if len(index) < instance.n_variables:
        raise InputError(
            "the instance has two variables of one name; give the solution as an array."
        )
    places = [index.get(name, -1) for name in solution]
    unknown = tuple(str(n) for n, j in zip(solution, places, strict=True) if j < 0)
    texts = list(solution.values())
    if all(type(t) is str for t in texts):
        point = _from_texts(instance, places, texts)  # type: ignore[arg-type]
        if point is not None:
            return _with_counts(point, instance, places, unknown)
    values = np.zeros(instance.n_variables)
    exact: dict[int, Fraction] = {}
    bad = []
    for (name, given), j in zip(solution.items(), places, strict=True):
        if j < 0:
            continue
        number = exact_number(given, str(name))
        if number is None or abs(number) >= INFINITY:
            bad.append(j)
            continue
        values[j] = float(number)
        if Fraction(float(values[j])) != number:
            exact[j] = number
    point = Point(values, decimal=False, exact=exact, bad=tuple(bad))
    return _with_counts(point, instance, places, unknown)


def _from_texts(
    instance: Instance, places: list[int], texts: list[str]
) -> Point | None:
    """Convert many decimal texts at once; None if one is not a plain decimal."""
    known = [k for k, j in enumerate(places) if j >= 0]
    try:
        numbers, lost = parse_many([texts[k] for k in known])
    except InputError:
        return None
    target = np.array([places[k] for k in known], dtype=np.int64)
    values = np.zeros(instance.n_variables)
    if (np.abs(numbers) >= INFINITY).any():
        return None
    values[target] = numbers
    exact = {int(target[k]): number for k, number in lost.items()}
    return Point(values, decimal=True, exact=exact)


def _with_counts(
    point: Point, instance: Instance, places: list[int], unknown: tuple[str, ...]
) -> Point:
    found = len(places) - len(unknown)
    return Point(
        point.values,
        point.decimal,
        point.exact,
        point.bad,
        instance.n_variables - found,
        unknown,
    )
