"""The SOS and INDICATORS sections of MPS."""

from boundwise.core.errors import InputError
from boundwise.core.tolerances import INFINITY
from boundwise.instances.decimals import parse_decimal
from boundwise.instances.instance import Indicator, Instance, Sos
from boundwise.instances.mps.source import MpsSource, Section


def read_sos(
    source: MpsSource, section: Section, columns: dict[str, int]
) -> tuple[Sos, ...]:
    """Read special ordered sets.

    A set begins with ``S1 name`` or ``S2 name`` (also ``S1 SOS name``); its members
    follow as ``column weight`` (also ``SOS column weight``).

    Parameters
    ----------
    source
        The file.
    section
        The section.
    columns
        Column name -> number.

    Returns
    -------
    tuple of Sos
        The sets, members by weight.
    """
    heads: list[tuple[str, int]] = []
    members: list[list[tuple[float, int]]] = []
    for line, text in enumerate(section.lines, section.first):
        fields = text.split()
        if not fields:
            continue
        if fields[0] in ("S1", "S2"):
            heads.append((_set_name(fields, len(heads)), int(fields[0][1])))
            members.append([])
            continue
        if not heads:
            raise source.error(line, "a member of a set before its S1 or S2.")
        if len(fields) not in (2, 3) or fields[-2] not in columns:
            raise source.error(line, "a member of a set must be a column and a weight.")
        members[-1].append((_weight(source, fields[-1], line), columns[fields[-2]]))
    sets = []
    for (name, kind), pairs in zip(heads, members, strict=True):
        pairs.sort()
        weights = tuple(w for w, _ in pairs)
        indices = tuple(j for _, j in pairs)
        if len(set(weights)) < len(weights) or len(set(indices)) < len(indices):
            raise InputError(
                f"{source.label}: set {name[:40]!r} has a weight or a column twice."
            )
        sets.append(Sos(name, 1 if kind == 1 else 2, indices, weights))
    return tuple(sets)


def _set_name(fields: list[str], count: int) -> str:
    if len(fields) == 1:
        return f"SOS{count + 1}"
    if len(fields) > 2:
        try:
            parse_decimal(fields[2])
        except InputError:
            return fields[2]
    return fields[1]


def _weight(source: MpsSource, text: str, line: int) -> float:
    try:
        value = float(parse_decimal(text))
    except (InputError, OverflowError):
        raise source.error(line, f"{text[:40]!r} is not a usable weight.") from None
    if abs(value) >= INFINITY:
        raise source.error(line, "a weight is infinite.")
    return value


def read_indicators(
    source: MpsSource, section: Section, instance: Instance, rows: dict[str, int]
) -> dict[int, Indicator]:
    """Read lines ``IF row binary 0|1``, which make rows conditional.

    Parameters
    ----------
    source
        The file.
    section
        The section.
    instance
        The problem with all its rows.
    rows
        Row name -> number; negative for rows that are not in the matrix.

    Returns
    -------
    dict
        Row number -> its indicator constraint.
    """
    matrix = instance.matrix
    is_binary = instance.is_binary
    columns = {name: j for j, name in enumerate(instance.names)}
    found: dict[int, Indicator] = {}
    for line, text in enumerate(section.lines, section.first):
        fields = text.split()
        if not fields:
            continue
        if len(fields) != 4 or fields[0] != "IF" or fields[3] not in ("0", "1"):
            raise source.error(line, "expected: IF row binary 0 or 1.")
        _, name, column, value = fields
        row = rows.get(name, -1)
        if row < 0:
            raise source.error(line, f"unknown row {name[:40]!r}.")
        if column not in columns or not is_binary[columns[column]]:
            raise source.error(line, f"{column[:40]!r} is not a binary column.")
        if row in found:
            raise source.error(line, f"row {name[:40]!r} has two indicators.")
        begin, end = int(matrix.indptr[row]), int(matrix.indptr[row + 1])
        found[row] = Indicator(
            name=name,
            binary=columns[column],
            value=1 if value == "1" else 0,
            indices=tuple(matrix.indices[begin:end].tolist()),
            coefficients=tuple(matrix.data[begin:end].tolist()),
            lower=float(instance.row_lower[row]),
            upper=float(instance.row_upper[row]),
        )
    return found
