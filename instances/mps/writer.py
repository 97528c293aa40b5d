"""Write a problem as free MPS that reads back equal, number by number."""

import os
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

import numpy as np

from boundwise.core.errors import InputError
from boundwise.instances.instance import ExactField, Instance
from boundwise.instances.mps.order import BINARY, CONTINUOUS, INTEGER, scip_types
from boundwise.instances.solutions import write_text

_OBJECTIVE = "OBJ"
_VECTORS = ("RHS", "RNG", "BND")


def write_mps(instance: Instance, path: str | os.PathLike[str]) -> None:
    """Write free MPS; see `Instance.write_mps`."""
    if instance.unchecked:
        raise InputError(
            f"{instance.name!r} cannot be written: {instance.unchecked[0]} is not kept."
        )
    write_text(path, "\n".join(_lines(instance)) + "\n")


def _lines(instance: Instance) -> Iterator[str]:
    objective = _free_name(_OBJECTIVE, instance.row_names)
    _check_names(instance.names, "variable")
    _check_names(instance.row_names, "row")
    yield f"NAME {'_'.join(instance.name.split()) or 'unnamed'}"
    yield "OBJSENSE"
    yield "    MAX" if instance.sense == "maximize" else "    MIN"
    yield "ROWS"
    yield f" N {objective}"
    kinds = _row_kinds(instance)
    for name, kind in zip(instance.row_names, kinds, strict=True):
        yield f" {kind} {name}"
    for s in instance.indicators:
        yield f" {_kind(s.lower, s.upper)} {s.name}"
    yield "COLUMNS"
    columns, bounds = _file_orders(instance)
    yield from _columns(instance, objective, columns)
    yield "RHS"
    yield from _sides(instance, kinds, objective)
    yield "BOUNDS"
    yield from _bounds(instance, bounds)
    yield from _special(instance)
    yield "ENDATA"


def _check_names(names: Sequence[str], what: str) -> None:
    if len(set(names)) < len(names):
        raise InputError(f"MPS needs different names, got one {what} name twice.")
    for name in names:
        if not name or name != name.strip() or len(name.split()) != 1 or name[0] == "$":
            raise InputError(f"MPS cannot hold the {what} name {name!r}.")


def _free_name(name: str, taken: Iterable[str]) -> str:
    names = set(taken)
    while name in names:
        name += "_"
    return name


def _number(instance: Instance, part: ExactField, position: int, value: float) -> str:
    """Return a text whose exact value is that of the entry."""
    exact = instance.exact.get((part, position))
    return repr(value) if exact is None else _decimal_text(exact)


def _decimal_text(value: Fraction) -> str:
    """Write a fraction whose denominator is 2^a 5^b as a decimal."""
    digits = 0
    scaled = value
    while scaled.denominator != 1:
        scaled *= 10
        digits += 1
        if digits > 1200:
            raise InputError(f"{value} has no finite decimal.")
    if not digits:
        return str(scaled.numerator)
    text = f"{abs(scaled.numerator):0{digits + 1}d}"
    sign = "-" if value < 0 else ""
    return f"{sign}{text[:-digits]}.{text[-digits:]}"


def _kind(lower: float, upper: float) -> str:
    if lower == upper:
        return "E"
    return "G" if np.isfinite(lower) else "L"


def _row_kinds(instance: Instance) -> list[str]:
    return [
        _kind(low, up)
        for low, up in zip(
            instance.row_lower.tolist(), instance.row_upper.tolist(), strict=True
        )
    ]


def _file_orders(instance: Instance) -> tuple[list[int], list[int]]:
    """Return the orders of columns and bounds that read back as this order.

    A bound on a binary column makes it trade places with the last one of its group
    (see `VariableOrder`), so columns with bounds begin one bounded place further on,
    and the last column gets a bound without effect. General integers begin among the
    binaries; each that leaves goes behind the last and moves that one to the front.
    """
    types = scip_types(instance.is_integer, instance.is_binary)
    binary, integer, rest = (
        np.flatnonzero(types == t).tolist() for t in (BINARY, INTEGER, CONTINUOUS)
    )
    fixed = [j for j in binary if instance.lower[j] != 0 or instance.upper[j] != 1]
    start = dict(zip(binary, binary, strict=True))
    touched: list[int] = []
    if fixed:
        last = binary[-1]
        inner = [j for j in fixed if j != last]
        touched = [*inner, last]
        # Before its bound, the next bounded column stands where this one ends.
        start |= dict(zip(touched, [*touched[1:], touched[0]], strict=True))
    columns = [start[j] for j in binary] + integer + rest
    moved = [*reversed(integer[:-1]), *integer[-1:]]
    return columns, moved + touched + rest


def _columns(instance: Instance, objective: str, order: list[int]) -> Iterator[str]:
    rows = _rows_with_indicators(instance)
    inside = False
    for j in order:
        name = instance.names[j]
        if bool(instance.is_integer[j]) != inside:
            inside = not inside
            word = "INTORG" if inside else "INTEND"
            yield f" MARKER 'MARKER' '{word}'"
        cost = float(instance.objective[j])
        if cost or not rows[j]:
            yield f" {name} {objective} {_number(instance, 'objective', j, cost)}"
        for row, text in rows[j]:
            yield f" {name} {row} {text}"
    if inside:
        yield " MARKER 'MARKER' 'INTEND'"


def _rows_with_indicators(instance: Instance) -> list[list[tuple[str, str]]]:
    """Return the (row, number) pairs of each column."""
    pairs: list[list[tuple[str, str]]] = [[] for _ in instance.names]
    matrix = instance.matrix
    starts = matrix.indptr.tolist()
    columns = matrix.indices.tolist()
    values = matrix.data.tolist()
    for i, name in enumerate(instance.row_names):
        for position in range(starts[i], starts[i + 1]):
            text = _number(instance, "matrix", position, values[position])
            pairs[columns[position]].append((name, text))
    for s in instance.indicators:
        for j, value in zip(s.indices, s.coefficients, strict=True):
            pairs[j].append((s.name, repr(value)))
    return pairs


def _sides(instance: Instance, kinds: list[str], objective: str) -> Iterator[str]:
    if instance.offset:
        exact = -instance.exact_value("offset")
        yield f" {_VECTORS[0]} {objective} {_decimal_text(exact)}"
    ranges = []
    for i, (name, kind) in enumerate(zip(instance.row_names, kinds, strict=True)):
        part: ExactField = "row_upper" if kind == "L" else "row_lower"
        side = float(getattr(instance, part)[i])
        if np.isinf(side):
            yield f" {_VECTORS[0]} {name} 1e30"
        elif side:
            yield f" {_VECTORS[0]} {name} {_number(instance, part, i, side)}"
        if kind == "G" and np.isfinite(instance.row_upper[i]):
            width = instance.exact_value("row_upper", i) - instance.exact_value(
                "row_lower", i
            )
            if width < 0:
                raise InputError(f"MPS cannot hold the contradictory row {name!r}.")
            ranges.append(f" {_VECTORS[1]} {name} {_decimal_text(width)}")
    for s in instance.indicators:
        if np.isfinite(s.lower) and np.isfinite(s.upper) and s.lower != s.upper:
            raise InputError(f"MPS cannot hold the two-sided indicator {s.name!r}.")
        side = s.lower if np.isfinite(s.lower) else s.upper
        if side:
            yield f" {_VECTORS[0]} {s.name} {side!r}"
    if ranges:
        yield "RANGES"
        yield from ranges


def _bounds(instance: Instance, order: list[int]) -> Iterator[str]:
    types = scip_types(instance.is_integer, instance.is_binary).tolist()
    semi = {s.index: s.lower for s in instance.semicontinuous}
    for j in order:
        low, up = float(instance.lower[j]), float(instance.upper[j])
        place = f"{_VECTORS[2]} {instance.names[j]}"
        low_text = _number(instance, "lower", j, low)
        up_text = _number(instance, "upper", j, up)
        if j in semi:
            yield f" LO {place} {semi[j]!r}"
            kind = "SI" if instance.is_integer[j] else "SC"
            yield f" {kind} {place} {up_text if np.isfinite(up) else '1e30'}"
        elif low_text == up_text and types[j] != INTEGER:
            yield f" FX {place} {low_text}"
        else:
            yield from _interval(types[j], place, low_text, up_text)


def _interval(type_: int, place: str, low: str, up: str) -> Iterator[str]:
    """Write the bounds of a variable, so that its type stays as it is."""
    if type_ == CONTINUOUS and low == "-inf" and up == "inf":
        yield f" FR {place}"
        return
    # An integer variable needs a line to tell that it is not binary.
    if type_ == INTEGER or low != "0.0":
        yield f" MI {place}" if low == "-inf" else f" LO {place} {low}"
    if up != ("1.0" if type_ == BINARY and low == "0.0" else "inf"):
        yield f" UP {place} {up}"
    if type_ == BINARY and (low != "0.0" or up == "1.0"):
        yield f" BV {place}"


def _special(instance: Instance) -> Iterator[str]:
    if instance.sos:
        yield "SOS"
        for s in instance.sos:
            yield f" S{s.kind} {s.name}"
            for j, weight in zip(s.indices, s.weights, strict=True):
                yield f"    {instance.names[j]} {weight!r}"
    if instance.indicators:
        yield "INDICATORS"
        for row in instance.indicators:
            yield f" IF {row.name} {instance.names[row.binary]} {row.value}"
