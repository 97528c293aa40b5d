"""Keep compiled code of one file from outliving a change in another.

numba caches a kernel beside its file and looks at that file alone to tell whether the
copy is fresh. A kernel that was compiled with another file's constants, layouts or
functions in it would be reused after that file has changed, and might read memory of
the old layout. So the mark of freshness is made of all files of the room that a kernel
lives in, and of those that every room builds on.
"""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

#: Parts of a module's name that make a room: ``boundwise.solvers.dag``.
_ROOM_PARTS = {"solvers": 3}
#: Kernels of this room are called from the others.
_SHARED = Path(__file__).parent

Stamp = tuple[int, int, int]


def mark_fresh_by_room(dispatcher: Any, function: Any) -> None:
    """Let a cached dispatcher forget its cache when any file of its room changes.

    Where numba's cache is built otherwise than expected, the dispatcher is left as it
    is, with numba's own mark.
    """
    try:
        # numba has no public way to say what a cache depends on.
        file = dispatcher._cache._cache_file  # noqa: SLF001
        own = file._source_stamp  # noqa: SLF001
    except AttributeError:
        return
    room = _room_of(function.__module__, Path(function.__code__.co_filename))
    stamp = (own, stamp_of(room), stamp_of(_SHARED))
    file._source_stamp = stamp  # noqa: SLF001


@cache
def stamp_of(folder: Path) -> Stamp:
    """Return number, total size and latest change (ns) of the sources in a folder."""
    count, size, latest = 0, 0, 0
    for entry in _sources(folder):
        facts = entry.stat()
        count += 1
        size += facts.st_size
        latest = max(latest, facts.st_mtime_ns)
    return count, size, latest


def _room_of(module: str, path: Path) -> Path:
    """Return the folder of a module's room, of the file itself outside boundwise."""
    parts = module.split(".")
    if parts[0] != "boundwise" or len(parts) < 3:
        return path.parent
    depth = len(parts) - _ROOM_PARTS.get(parts[1], 2)
    return path.parents[max(0, depth - 1)]


def _sources(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _sources(Path(entry.path))
            elif entry.name.endswith(".py"):
                yield entry
