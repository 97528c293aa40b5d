"""Where rows come from: arrays, files and callables, read block by block, repeatedly.

OAVI passes over the data once or twice per degree and never holds more than a block of
it. Whatever yields the same rows again at each pass will do: an array, a memory map, a
``.npy`` file, a Parquet file, or a function that returns an iterator of arrays.
"""

import mmap
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from boundwise.core.errors import InputError
from boundwise.core.optional import require

Floats = npt.NDArray[np.float64]

#: Bytes of one block read from a file or converted from another type.
BLOCK_BYTES = 4 << 20


class RowSource(Protocol):
    """Yield the rows of a data matrix, block by block, as often as asked."""

    @property
    def n_features(self) -> int:
        """Number of columns."""
        ...

    def blocks(self) -> Iterator[Floats]:
        """Start one pass: blocks are C-contiguous float64, of any height."""
        ...


class ArrayRows:
    """Take rows from an array in memory or a memory map, without copying it whole.

    Parameters
    ----------
    X
        Two-dimensional numeric array.
    pieces
        Number of blocks that a C-contiguous float64 array in memory is cut into.
    """

    def __init__(self, X: npt.NDArray[Any], pieces: int = 1) -> None:
        self._X = X
        self._pieces = pieces
        self._map = _memory_map_of(X)

    @property
    def n_features(self) -> int:
        """Number of columns."""
        return int(self._X.shape[1])

    def blocks(self) -> Iterator[Floats]:
        """Start one pass."""
        X = self._X
        in_place = X.dtype == np.float64 and X.flags.c_contiguous
        if in_place and self._map is None:
            height = -(-len(X) // self._pieces)
        else:
            height = _block_height(X.shape[1])
        for start in range(0, len(X), max(1, height)):
            yield np.ascontiguousarray(X[start : start + height], dtype=np.float64)
            if self._map is not None:
                # The pages are in the page cache; they need not count as ours too.
                self._map.madvise(mmap.MADV_DONTNEED)


class MaskedRows:
    """Keep some rows of another source.

    Parameters
    ----------
    source
        The rows.
    keep
        One boolean for each of them.
    """

    def __init__(self, source: RowSource, keep: npt.NDArray[np.bool_]) -> None:
        self._source = source
        self._keep = keep

    @property
    def n_features(self) -> int:
        """Number of columns."""
        return self._source.n_features

    def blocks(self) -> Iterator[Floats]:
        """Start one pass."""
        start = 0
        for block in self._source.blocks():
            yield block[self._keep[start : start + len(block)]]
            start += len(block)


class NpyRows:
    """Read rows from a ``.npy`` file.

    Parameters
    ----------
    path
        File that holds a two-dimensional numeric array in C order.

    Raises
    ------
    InputError
        If the file is missing, truncated, of another shape, type or order.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        try:
            with self._path.open("rb") as stream:
                version = np.lib.format.read_magic(stream)
                read = (
                    np.lib.format.read_array_header_1_0
                    if version == (1, 0)
                    else np.lib.format.read_array_header_2_0
                )
                shape, by_column, self._dtype = read(stream)
                self._offset = stream.tell()
                size = self._path.stat().st_size
        except (OSError, ValueError) as error:
            raise InputError(f"cannot read {str(path)!r}: {error}.") from error
        if len(shape) != 2 or by_column:
            raise InputError(
                f"{str(path)!r} must hold a 2-D array in C order, got shape {shape}"
                f"{' in Fortran order' if by_column else ''}."
            )
        if self._dtype.kind not in "fiub":
            raise InputError(f"{str(path)!r} must hold numbers, got {self._dtype}.")
        self.shape = (int(shape[0]), int(shape[1]))
        expected = self._offset + shape[0] * shape[1] * self._dtype.itemsize
        if size < expected:
            raise InputError(
                f"{str(path)!r} is truncated: {size} bytes instead of {expected}."
            )

    @property
    def n_features(self) -> int:
        """Number of columns."""
        return self.shape[1]

    def blocks(self) -> Iterator[Floats]:
        """Start one pass."""
        height = _block_height(self.shape[1])
        with self._path.open("rb", buffering=0) as stream:
            stream.seek(self._offset)
            for start in range(0, self.shape[0], height):
                rows = min(height, self.shape[0] - start)
                block = np.empty((rows, self.shape[1]), dtype=self._dtype)
                view = block.data.cast("B")
                while len(view):
                    count = stream.readinto(view)
                    if not count:
                        raise InputError(
                            f"{str(self._path)!r} ended while it was read."
                        )
                    view = view[count:]
                yield np.ascontiguousarray(block, dtype=np.float64)


class ParquetRows:
    """Read rows from a Parquet file with numeric columns (extra ``report``).

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    InputError
        If the file cannot be read or holds columns that are not numbers.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._parquet = require("pyarrow.parquet", extra="report")
        self._path = os.fspath(path)
        try:
            schema = self._parquet.read_schema(self._path)
        except (OSError, ValueError) as error:
            raise InputError(f"cannot read {self._path!r}: {error}.") from error
        types = require("pyarrow.types", extra="report")
        for field in schema:
            if not (types.is_floating(field.type) or types.is_integer(field.type)):
                raise InputError(
                    f"column {field.name!r} of {self._path!r} must hold numbers, "
                    f"got {field.type}."
                )
        self.names: list[str] = list(schema.names)

    @property
    def n_features(self) -> int:
        """Number of columns."""
        return len(self.names)

    def blocks(self) -> Iterator[Floats]:
        """Start one pass; missing values become NaN."""
        height = _block_height(self.n_features)
        with self._parquet.ParquetFile(self._path, memory_map=True) as file:
            for batch in file.iter_batches(batch_size=height):
                columns = [
                    np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)
                    for column in batch.columns
                ]
                yield np.ascontiguousarray(np.column_stack(columns))


class CallableRows:
    """Take rows from a function that returns a fresh iterator of arrays per call.

    Parameters
    ----------
    function
        Called without arguments at the start of each pass.

    Raises
    ------
    InputError
        If a pass yields nothing, or blocks that are not 2-D numeric arrays of one
        width.
    """

    def __init__(self, function: Callable[[], Iterable[Any]]) -> None:
        self._function = function
        self._n_features = int(next(self._checked(None)).shape[1])

    @property
    def n_features(self) -> int:
        """Number of columns."""
        return self._n_features

    def blocks(self) -> Iterator[Floats]:
        """Start one pass."""
        return self._checked(self._n_features)

    def _checked(self, width: int | None) -> Iterator[Floats]:
        empty = True
        for block in self._function():
            rows = _as_rows(block)
            if width is not None and rows.shape[1] != width:
                raise InputError(
                    f"every block must have {width} columns, got {rows.shape[1]}."
                )
            empty = False
            yield rows
        if empty:
            raise InputError("the source of rows yielded nothing.")


def open_rows(source: Any) -> RowSource | None:
    """Return the row source behind a path or a callable, or None for anything else.

    Parameters
    ----------
    source
        Path of a ``.npy`` or ``.parquet`` file, or a callable.

    Raises
    ------
    InputError
        If a path has another suffix or cannot be read.
    """
    if isinstance(source, str | os.PathLike):
        suffix = Path(source).suffix.lower()
        if suffix == ".npy":
            return NpyRows(source)
        if suffix in {".parquet", ".pq"}:
            return ParquetRows(source)
        raise InputError(
            f"a file of rows must end in .npy or .parquet, got {os.fspath(source)!r}."
        )
    if callable(source):
        return CallableRows(source)
    return None


def _as_rows(block: Any) -> Floats:
    try:
        rows = np.ascontiguousarray(block, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"a block of rows must hold numbers: {error}.") from error
    if rows.ndim != 2 or rows.shape[1] == 0:
        raise InputError(f"a block of rows must be 2-D with columns, got {rows.shape}.")
    return rows


def _block_height(n_features: int) -> int:
    return max(1024, BLOCK_BYTES // (8 * n_features))


def _memory_map_of(X: npt.NDArray[Any]) -> mmap.mmap | None:
    """Find the map under an array whose pages may be dropped without loss."""
    base: Any = X
    while isinstance(base, np.ndarray):
        if isinstance(base, np.memmap) and base.mode == "c":
            return None
        base = base.base
    if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        return base
    return None
