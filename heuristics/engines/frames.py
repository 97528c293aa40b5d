"""Messages between a run and its engines: a JSON header and arrays as raw bytes.

One frame is ``magic, length of header, length of arrays, header, arrays``. Nothing is
pickled: whatever arrives is numbers and strings, and a frame that does not follow the
format is refused.
"""

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from boundwise.core.errors import InputError

Array = NDArray[Any]

_MAGIC: Final = b"BWF1"
_PREFIX: Final = struct.Struct("<4sIQ")
_LONGEST_HEADER: Final = 2**20
_LONGEST_ARRAYS: Final = 2**36
_DTYPES: Final = frozenset({"<f8", "<i4", "<i8", "|b1", "|u1"})


@dataclass(frozen=True, slots=True)
class Frame:
    """One message.

    Parameters
    ----------
    kind
        What it says.
    fields
        Numbers and strings.
    arrays
        One-dimensional arrays by name.
    """

    kind: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, Array] = field(default_factory=dict)


def encode(frame: Frame) -> bytes:
    """Return the bytes of a frame.

    Raises
    ------
    InputError
        If an array has a type or a shape that frames do not carry.

    Examples
    --------
    >>> [frame] = Decoder().feed(encode(Frame("bound", {"value": 2.5})))
    >>> frame.kind, frame.fields["value"]
    ('bound', 2.5)
    """
    described, pieces = [], []
    for name, array in frame.arrays.items():
        code = array.dtype.newbyteorder("<").str
        if code not in _DTYPES or array.ndim != 1:
            raise InputError(
                f"array {name!r} must be a vector of numbers, got "
                f"{array.dtype} of shape {array.shape}."
            )
        described.append([name, code, len(array)])
        pieces.append(np.ascontiguousarray(array, dtype=code).tobytes())
    header = json.dumps(
        {"kind": frame.kind, "fields": dict(frame.fields), "arrays": described}
    ).encode()
    body = b"".join(pieces)
    return _PREFIX.pack(_MAGIC, len(header), len(body)) + header + body


class Decoder:
    """Cut a stream of bytes into frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Take the next bytes and yield the frames that are complete.

        Raises
        ------
        InputError
            If the bytes are no frames.
        """
        self._buffer += data
        while (frame := self._next()) is not None:
            yield frame

    def _next(self) -> Frame | None:
        buffer = self._buffer
        if len(buffer) < _PREFIX.size:
            return None
        magic, header_size, body_size = _PREFIX.unpack_from(buffer)
        if (
            magic != _MAGIC
            or header_size > _LONGEST_HEADER
            or body_size > _LONGEST_ARRAYS
        ):
            raise InputError("a message of an engine does not begin like one.")
        start = _PREFIX.size + header_size
        end = start + body_size
        if len(buffer) < end:
            return None
        frame = _parse(bytes(buffer[_PREFIX.size : start]), bytes(buffer[start:end]))
        del buffer[:end]
        return frame


def _parse(header: bytes, body: bytes) -> Frame:
    try:
        document = json.loads(header)
        arrays, offset = {}, 0
        for name, code, length in document["arrays"]:
            if code not in _DTYPES or not isinstance(length, int) or length < 0:
                raise ValueError(f"array {name!r} of type {code!r}")
            arrays[str(name)] = np.frombuffer(body, code, length, offset)
            offset += arrays[str(name)].nbytes
        if offset != len(body):
            raise ValueError("arrays of another length")
        return Frame(str(document["kind"]), dict(document["fields"]), arrays)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise InputError(f"a message of an engine is damaged: {error}.") from error
