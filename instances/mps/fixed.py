"""Fixed MPS: names may contain blanks, because fields stand in fixed columns.

Fields begin at columns 2, 5, 15, 25, 40 and 50. Blanks inside names become
underscores, as in SCIP, so that the free-format reader can go on.
"""

_NAME_FIELDS = ((4, 12), (14, 22), (39, 47))
_GAPS = (12, 13, 22, 23, 36, 37, 38, 47, 48, 61, 62, 63)


def patch_fixed(text: str) -> str | None:
    """Return fixed MPS with the blanks inside names replaced by underscores.

    Returns
    -------
    str or None
        The patched text, or None if the lines are not in fixed columns or no name
        contains a blank.
    """
    lines = text.split("\n")
    changed = False
    for number, line in enumerate(lines):
        if not line or line[0] not in " \t":
            continue
        padded = line.expandtabs(1).ljust(64)
        if any(padded[gap] != " " for gap in _GAPS):
            return None
        for begin, end in _NAME_FIELDS:
            name = padded[begin:end].strip()
            if " " in name:
                start = padded.index(name, begin)
                padded = (
                    padded[:start]
                    + name.replace(" ", "_")
                    + padded[start + len(name) :]
                )
                lines[number] = padded.rstrip()
                changed = True
    return "\n".join(lines) if changed else None
