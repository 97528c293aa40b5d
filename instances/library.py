"""Find MIPLIB instances by name: named folders, the user's cache, the MIPLIB site."""

import os
import re
from pathlib import Path

from boundwise.core.errors import NotAvailableError

ENVIRONMENT = "BOUNDWISE_MIPLIB"
_NAME = re.compile(r"[A-Za-z0-9][\w.+-]*", re.ASCII)


def is_name(text: str) -> bool:
    """Tell whether ``text`` can be the bare name of an instance."""
    return _NAME.fullmatch(text) is not None and len(text) <= 200


def folders() -> list[Path]:
    """Return the folders of ``BOUNDWISE_MIPLIB``, separated as in ``PATH``."""
    value = os.environ.get(ENVIRONMENT, "")
    return [Path(part).expanduser() for part in value.split(os.pathsep) if part]


def find_local(name: str) -> Path | None:
    """Return the file of an instance that is on this machine, or None.

    Parameters
    ----------
    name
        Bare name, such as ``50v-10``.
    """
    for folder in folders():
        for inner in (folder, folder / "instances"):
            for suffix in (".mps.gz", ".mps"):
                path = inner / f"{name}{suffix}"
                if path.is_file():
                    return path
    return None


def find(name: str) -> Path:
    """Return the file of an instance, downloading it if it is not on this machine.

    Raises
    ------
    NotAvailableError
        If it is nowhere.
    """
    path = find_local(name)
    if path is None:
        raise NotAvailableError(f"{name!r} is neither a file nor a known instance.")
    return path
