"""Atomic file output: a reader sees the old file or the whole new one."""

import contextlib
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from boundwise.core.errors import InputError


@contextlib.contextmanager
def atomic_write(path: str | os.PathLike[str], mode: str = "w") -> Iterator[IO[Any]]:
    """Open a temporary file that replaces ``path`` when the block ends well.

    The file is flushed to disk before it takes its name. If the block raises, the
    temporary file is removed and ``path`` stays as it was. An existing file keeps its
    permissions, and a symbolic link stays one. A device or a pipe, such as
    ``/dev/stdout``, cannot be replaced and is written to directly.

    Parameters
    ----------
    path
        File to write; its folder must exist.
    mode
        ``"w"`` for text (UTF-8) or ``"wb"`` for bytes.

    Raises
    ------
    InputError
        If the folder is missing or cannot be written, or the disk is full.
    """
    if mode not in ("w", "wb"):
        raise InputError(f"mode must be 'w' or 'wb', got {mode!r}.")
    target = _target_of(path)
    encoding = None if "b" in mode else "utf-8"
    temporary: Path | None = None
    try:
        if target.exists() and not target.is_file():
            with target.open(mode, encoding=encoding) as stream:
                yield stream
            return
        # A name of its own, short enough for any file system, with the permissions
        # that the umask gives.
        name = f".{target.stem[:20]}.{secrets.token_hex(8)}.part"
        with target.with_name(name).open(f"x{mode[1:]}", encoding=encoding) as stream:
            temporary = target.with_name(name)
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if target.exists():
            temporary.chmod(target.stat().st_mode & 0o777)
        temporary.replace(target)
        temporary = None
    except OSError as error:
        raise InputError(
            f"cannot write {str(target)!r}: {error.strerror or error}."
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _target_of(path: str | os.PathLike[str]) -> Path:
    """Return the file that a path leads to, through symbolic links."""
    try:
        target = Path(path)
        if "\0" in str(target):
            raise ValueError("embedded null character")
        if target.is_symlink():
            target = target.resolve()
        is_folder = target.is_dir()
    except (TypeError, ValueError, OSError, RuntimeError) as error:
        raise InputError(f"path must name a file, got {path!r}: {error}.") from error
    if is_folder:
        raise InputError(f"path must name a file, got the folder {str(target)!r}.")
    return target


def write_json(path: str | os.PathLike[str], document: object) -> None:
    """Write a document as strict JSON, atomically.

    Parameters
    ----------
    path
        File to write.
    document
        Anything JSON can hold; numbers must be finite (use None for a missing one).

    Raises
    ------
    InputError
        If the document does not fit JSON or the file cannot be written.
    """
    try:
        text = json.dumps(document, indent=1, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"document must be strict JSON: {error}.") from error
    with atomic_write(path) as stream:
        stream.write(text + "\n")
