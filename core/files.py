"""Atomic file output: a reader sees the old file or the whole new one."""

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from boundwise.core.errors import InputError


@contextlib.contextmanager
def atomic_write(path: str | os.PathLike[str], mode: str = "w") -> Iterator[IO[Any]]:
    """Open a temporary file that replaces ``path`` when the block ends well.

    The file is flushed to disk before it takes its name. If the block raises, the
    temporary file is removed and ``path`` stays as it was.

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
    target = Path(path)
    if target.is_dir():
        raise InputError(f"path must name a file, got the folder {str(target)!r}.")
    temporary: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(
            dir=target.parent, prefix=f".{target.name}.", suffix=".part"
        )
        temporary = Path(name)
        encoding = None if "b" in mode else "utf-8"
        with os.fdopen(descriptor, mode, encoding=encoding) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        # mkstemp makes files private; give the result the usual permissions.
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        temporary.replace(target)
        temporary = None
    except OSError as error:
        raise InputError(
            f"cannot write {str(target)!r}: {error.strerror or error}."
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


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
        If the file cannot be written.
    """
    text = json.dumps(document, indent=1, allow_nan=False)
    with atomic_write(path) as stream:
        stream.write(text + "\n")
