"""Find MIPLIB instances by name: named folders, the user's cache, the MIPLIB site."""

import os
import re
from pathlib import Path

from boundwise.instances.download import cached, download, progress_bar

#: Environment variable that names folders with instances, separated as in ``PATH``.
ENVIRONMENT = "BOUNDWISE_MIPLIB"
_NAME = re.compile(r"[A-Za-z0-9][\w.+-]*", re.ASCII)
_MAX_NAME = 200


def is_name(text: str) -> bool:
    """Tell whether ``text`` can be the bare name of an instance.

    Examples
    --------
    >>> is_name("50v-10"), is_name("../50v-10")
    (True, False)
    """
    return len(text) <= _MAX_NAME and _NAME.fullmatch(text) is not None


def folders() -> list[Path]:
    """Return the folders that ``BOUNDWISE_MIPLIB`` names."""
    value = os.environ.get(ENVIRONMENT, "")
    return [Path(part).expanduser() for part in value.split(os.pathsep) if part]


def find_local(name: str) -> Path | None:
    """Return the file of an instance that is on this machine, or None.

    Parameters
    ----------
    name
        Bare name, such as ``50v-10``.

    Raises
    ------
    InputError
        If a downloaded file was changed since.
    """
    for folder in folders():
        for inner in (folder, folder / "instances"):
            for suffix in (".mps.gz", ".mps"):
                path = inner / f"{name}{suffix}"
                if path.is_file():
                    return path
    return cached(name)


def find(name: str) -> Path:
    """Return the file of an instance, downloading it if it is not on this machine.

    Parameters
    ----------
    name
        Bare name, such as ``50v-10``.

    Raises
    ------
    NotAvailableError
        If it is nowhere, or the network is needed and not there.
    InputError
        If a downloaded file was changed since.
    """
    path = find_local(name)
    if path is not None:
        return path
    with progress_bar(name) as progress:
        return download(name, progress=progress)
