"""How much memory this process holds."""

import resource
import sys
from pathlib import Path

_PAGE = resource.getpagesize()
_STATM = Path("/proc/self/statm")


def resident_mebibytes() -> float:
    """Return the resident memory of this process in MiB.

    Where the system does not tell the present size, the largest so far is returned.
    """
    try:
        return int(_STATM.read_text().split()[1]) * _PAGE / 2**20
    except (OSError, IndexError, ValueError):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (2**20 if sys.platform == "darwin" else 2**10)
