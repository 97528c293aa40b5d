"""Read text files that may be gzipped, truncated, binary or in a wrong encoding."""

import gzip
import os
import re
import zlib
from pathlib import Path

from boundwise.core.errors import InputError, NotAvailableError

#: Larger files (after decompression) are refused: gzip can blow up a thousandfold.
MAX_BYTES = 4 * 2**30
_CHUNK = 2**24
#: Bytes that a text may contain: printable ASCII, tab, line ends, and UTF-8.
_TEXT_BYTES = bytes([9, 10, 13, *range(32, 127), *range(128, 256)])
_ODD_SPACE = re.compile(r"[^\S \t\n]")


def read_text(path: str | os.PathLike[str]) -> str:
    """Return the text of a file with plain line ends; gunzip it if named ``.gz``.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    str
        Its text.

    Raises
    ------
    NotAvailableError
        If there is no such file.
    InputError
        If it is empty, truncated, binary, not UTF-8 or too large; file and line are
        named where known.
    """
    path = Path(path)
    data = _read_bytes(path)
    if not data.strip():
        raise InputError(f"{path}: the file is empty.")
    binary = data.translate(None, _TEXT_BYTES)
    if binary:
        line = 1 + data.count(b"\n", 0, data.index(binary[:1]))
        raise InputError(f"{path}:{line}: binary data (byte 0x{binary[0]:02x}).")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = 1 + data.count(b"\n", 0, error.start)
        raise InputError(
            f"{path}:{line}: not UTF-8 (byte 0x{data[error.start]:02x})."
        ) from None
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", " ")
    if not text.isascii() and (odd := _ODD_SPACE.search(text)):
        line = 1 + text.count("\n", 0, odd.start())
        raise InputError(f"{path}:{line}: unusual white space {odd[0]!r}.")
    return text


def _read_bytes(path: Path) -> bytes:
    if path.exists() and not path.is_file():
        # A pipe or a device would block or never end.
        raise InputError(f"{path}: is not a regular file.")
    try:
        if path.name.endswith(".gz"):
            with gzip.open(path, "rb") as stream:
                chunks = []
                size = 0
                while chunk := stream.read(_CHUNK):
                    chunks.append(chunk)
                    size += len(chunk)
                    if size > MAX_BYTES:
                        raise InputError(f"{path}: larger than {MAX_BYTES} bytes.")
                return b"".join(chunks)
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path}: larger than {MAX_BYTES} bytes.")
        return path.read_bytes()
    except FileNotFoundError:
        raise NotAvailableError(f"there is no file {str(path)!r}.") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path}: truncated or damaged gzip file ({error}).") from None
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror or error})."
        ) from None
