"""The processes below a process, what they use: read from ``/proc``.

Standard library only: the supervisor of a benchmark run loads this file by its path,
without the package, so that it starts in milliseconds. Where there is no ``/proc``,
nothing is found and nothing is counted.
"""

# ruff: noqa: PTH123, PTH208

import contextlib
import os
import resource
from collections.abc import Iterable

_PAGE_KIB = resource.getpagesize() // 1024
_TICKS = os.sysconf("SC_CLK_TCK")
#: Place of utime, stime, cutime and cstime behind the program's name, proc(5).
_CPU_FIELDS = slice(11, 15)


def children(pid: int) -> list[int]:
    """Return the live children of a process, of all its threads.

    Parameters
    ----------
    pid
        The process.
    """
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with (
                contextlib.suppress(OSError),
                open(f"/proc/{pid}/task/{task}/children") as stream,
            ):
                found.extend(int(word) for word in stream.read().split())
    return found


def descendants(pid: int) -> list[int]:
    """Return the children of a process, theirs, and so on.

    Parameters
    ----------
    pid
        The process.
    """
    found: list[int] = []
    waiting = [pid]
    while waiting:
        below = children(waiting.pop())
        found.extend(below)
        waiting.extend(below)
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the CPU seconds of processes, and of those that they have waited for.

    Parameters
    ----------
    pids
        The processes; one that is gone counts nothing.
    """
    ticks = 0
    for pid in pids:
        with (
            contextlib.suppress(OSError, ValueError),
            open(f"/proc/{pid}/stat", errors="replace") as stream,
        ):
            # The program's name is in brackets and may have any characters in it.
            fields = stream.read().rpartition(")")[2].split()
            ticks += sum(int(word) for word in fields[_CPU_FIELDS])
    return ticks / _TICKS


def resident_kib(pids: Iterable[int]) -> int:
    """Return the resident memory of processes in KiB.

    Parameters
    ----------
    pids
        The processes; one that is gone counts nothing.
    """
    total = 0
    for pid in pids:
        with (
            contextlib.suppress(OSError, IndexError, ValueError),
            open(f"/proc/{pid}/statm") as stream,
        ):
            total += int(stream.read().split()[1]) * _PAGE_KIB
    return total
