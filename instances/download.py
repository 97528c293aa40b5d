"""Download MIPLIB instances: resumable, checked by checksum from the second use on."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from boundwise.core.errors import InputError, NotAvailableError
from boundwise.core.files import atomic_write

if TYPE_CHECKING:
    import requests

MIPLIB_SITE = "https://miplib.zib.de/WebData/instances"
_CHUNK = 2**16
#: Seconds to connect, and between two pieces of data.
_TIMEOUTS = (10.0, 60.0)
#: Called with the bytes done and the bytes in all (0 if not known).
Progress = Callable[[int, int], None]


def cache_folder() -> Path:
    """Return the folder of downloaded instances in the user's cache."""
    from platformdirs import user_cache_path

    return Path(user_cache_path("boundwise")) / "miplib"


def cached(name: str, folder: Path | None = None) -> Path | None:
    """Return the downloaded file of an instance after verifying it, or None.

    Parameters
    ----------
    name
        Name of the instance.
    folder
        Folder of downloads; the user's cache if None.

    Raises
    ------
    InputError
        If the file is not the one that was downloaded.
    """
    path = (folder or cache_folder()) / f"{name}.mps.gz"
    if not path.is_file():
        return None
    record = _record(path)
    if record.is_file():
        expected = record.read_text(encoding="ascii", errors="replace").strip()
        if _sha256(path) != expected:
            raise InputError(
                f"{path}: the file is not the one that was downloaded; delete it and "
                f"{record.name} to download it again."
            )
    return path


def download(
    name: str,
    folder: Path | None = None,
    *,
    site: str = MIPLIB_SITE,
    progress: Progress | None = None,
) -> Path:
    """Download an instance, going on where an earlier attempt stopped.

    Parameters
    ----------
    name
        Name of the instance.
    folder
        Where to put ``NAME.mps.gz``; the user's cache if None.
    site
        Address below which the files lie.
    progress
        Called as data arrive.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    NotAvailableError
        If the network or the instance is missing.
    InputError
        If the file cannot be written or an earlier download was changed.
    """
    folder = folder or cache_folder()
    known = cached(name, folder)
    if known is not None:
        return known
    path = folder / f"{name}.mps.gz"
    part = path.with_name(path.name + ".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _fetch(f"{site}/{path.name}", name, part, progress)
        checksum = _sha256(part)
        with atomic_write(_record(path)) as stream:
            stream.write(checksum + "\n")
        part.replace(path)
    except OSError as error:
        raise InputError(
            f"cannot write {str(path)!r}: {error.strerror or error}."
        ) from None
    return path


def _fetch(url: str, name: str, part: Path, progress: Progress | None) -> None:
    import requests

    tag_file = part.with_name(part.name + ".etag")
    done = part.stat().st_size if part.is_file() else 0
    headers = {"Accept-Encoding": "identity"}
    if done and tag_file.is_file():
        # If-Range: a file that changed meanwhile is sent from its beginning.
        headers["Range"] = f"bytes={done}-"
        headers["If-Range"] = tag_file.read_text(encoding="latin-1").strip()
    try:
        with requests.get(
            url, headers=headers, stream=True, timeout=_TIMEOUTS
        ) as response:
            if response.status_code == requests.codes.not_found:
                raise NotAvailableError(f"{name!r} is not an instance at {url}.")
            response.raise_for_status()
            _receive(response, part, tag_file, done, progress)
    except requests.RequestException as error:
        raise NotAvailableError(
            f"{name!r} is not on this machine and cannot be downloaded from {url} "
            f"({type(error).__name__}); set BOUNDWISE_MIPLIB to a folder that has it."
        ) from None
    tag_file.unlink(missing_ok=True)


def _receive(
    response: "requests.Response",
    part: Path,
    tag_file: Path,
    done: int,
    progress: Progress | None,
) -> None:
    import requests

    resumed = response.status_code == requests.codes.partial_content
    done = done if resumed else 0
    length = int(response.headers.get("Content-Length", 0))
    total = done + length if length else 0
    tag = response.headers.get("ETag", "")
    # A weak tag does not promise equal bytes, so it cannot resume.
    if tag and not tag.startswith("W/"):
        tag_file.write_text(tag, encoding="latin-1")
    else:
        tag_file.unlink(missing_ok=True)
    with part.open("ab" if resumed else "wb") as stream:
        for chunk in response.iter_content(_CHUNK):
            stream.write(chunk)
            done += len(chunk)
            if progress is not None:
                progress(done, total)
    if total and done != total:
        raise requests.ConnectionError("the connection ended early")


def _record(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def progress_bar(title: str) -> Iterator[Progress | None]:
    """Show a progress bar on standard error if that is a terminal.

    Yields
    ------
    Progress or None
        The function to call, or None without a terminal.
    """
    if not os.isatty(2):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)

        def update(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total or None)

        yield update
