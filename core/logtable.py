"""The live log: a fixed-width table through `logging`, one letter for each event.

No ANSI codes are written: the table reads the same on a terminal, in a file and in
a cluster's log.
"""

import contextlib
import logging
import math
import numbers
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

logger = logging.getLogger("boundwise")


@dataclass(frozen=True, slots=True)
class Column:
    """Describe one column.

    Parameters
    ----------
    title
        Heading.
    width
        Characters; longer texts are cut, numbers that do not fit are starred.
    """

    title: str
    width: int


class LogTable:
    """Write rows of a table to the log, with the heading again now and then.

    Parameters
    ----------
    columns
        The columns, left to right.
    log
        Logger to write to; rows have level INFO.
    repeat
        Rows between two headings.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        log: logging.Logger = logger,
        repeat: int = 20,
    ) -> None:
        self._columns = tuple(columns)
        self._log = log
        self._repeat = repeat
        self._rows = 0

    def row(self, *entries: object) -> None:
        """Write one row; numbers are formatted to the width of their column."""
        if not self._log.isEnabledFor(logging.INFO):
            return
        if self._rows % self._repeat == 0:
            titles = (f"{column.title:>{column.width}}" for column in self._columns)
            self._log.info("%s", "  ".join(titles))
        self._rows += 1
        cells = (
            _fit(entry, column.width)
            for entry, column in zip(entries, self._columns, strict=True)
        )
        self._log.info("%s", "  ".join(cells).rstrip())


@contextlib.contextmanager
def verbose_logging(verbose: bool) -> Iterator[None]:
    """Send the log of boundwise to standard output while the block runs.

    Parameters
    ----------
    verbose
        If false, nothing changes: the log goes wherever the application sends it.
    """
    if not verbose:
        yield
        return
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(message)s"))
    level = logger.level
    logger.addHandler(handler)
    if not logger.isEnabledFor(logging.INFO):
        logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def format_number(value: float, width: int) -> str:
    """Write a number in at most ``width`` characters.

    Parameters
    ----------
    value
        The number.
    width
        Characters.

    Returns
    -------
    str
        ``-`` if the number is infinite or nan; stars if it does not fit, because a
        cut number would be a wrong one.

    Examples
    --------
    >>> format_number(1234567.0, 7), format_number(-1e100, 5)
    ('1234567', '*****')
    """
    if math.isnan(value) or math.isinf(value):
        return "-"
    for digits in range(12, 0, -1):
        text = f"{value:.{digits}g}"
        if len(text) <= width:
            return text
    return "*" * width


def _fit(entry: object, width: int) -> str:
    text = str(entry)
    if isinstance(entry, float) or (
        isinstance(entry, numbers.Real) and len(text) > width
    ):
        text = format_number(float(entry), width)
    return f"{text[:width]:>{width}}"
