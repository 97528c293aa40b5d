"""A progress bar on a terminal, nothing elsewhere."""

import sys
from typing import Any


def progress_bar(
    total: int, what: str, unit: str, *, shown: bool, done: int = 0
) -> Any:
    """Return a bar with ``update()`` and ``set_postfix()``, to be used by ``with``.

    Parameters
    ----------
    total
        Number of steps.
    what, unit
        What is counted, and in what.
    shown
        Whether there is a bar at all; it is written to standard error.
    done
        Steps that were done before.
    """
    from tqdm import tqdm  # type: ignore[import-untyped]

    return tqdm(
        total=total,
        initial=done,
        desc=what,
        unit=unit,
        disable=not (shown and sys.stderr.isatty()),
    )
