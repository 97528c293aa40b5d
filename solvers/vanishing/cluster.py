"""Fit Dask arrays where they lie (extra ``cluster``).

Each block adds up its own Gram blocks on the worker that holds it; only these travel.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from boundwise.core.errors import InputError
from boundwise.core.optional import require
from boundwise.solvers.vanishing.gram import Gram, GramSource, Sweep
from boundwise.solvers.vanishing.local import column_bounds
from boundwise.solvers.vanishing.rows import ArrayRows
from boundwise.solvers.vanishing.scaling import Scaling

Floats = npt.NDArray[np.float64]
Keep = npt.NDArray[np.bool_]

#: Gram blocks added up by one task.
_FAN_IN = 8


def is_dask(data: Any) -> bool:
    """Tell whether data are a Dask array or data frame, without importing Dask."""
    return type(data).__module__.split(".")[0].startswith("dask")


@dataclass(frozen=True, slots=True)
class DaskTable:
    """Sum over the rows of a Dask array, or over some of them.

    Parameters
    ----------
    blocks
        Delayed blocks of rows.
    n_features
        Number of columns.
    heights
        Number of rows of each block.
    chunk_size
        Rows evaluated at a time; None lets the cache decide.
    keep
        One boolean for each row, or None to take all.
    """

    blocks: tuple[Any, ...]
    n_features: int
    heights: tuple[int, ...]
    chunk_size: int | None = None
    keep: Keep | None = None

    @classmethod
    def of(cls, data: Any, chunk_size: int | None) -> "DaskTable":
        """Open a Dask array or data frame."""
        require("dask.array", extra="cluster")
        array = data.to_dask_array(lengths=True) if hasattr(data, "columns") else data
        if array.ndim != 2 or array.shape[1] == 0:
            raise InputError(f"X must be 2-D with columns, got shape {array.shape}.")
        if any(np.isnan(height) for height in array.chunks[0]):
            array.compute_chunk_sizes()
        array = array.rechunk({1: -1})
        blocks = tuple(array.to_delayed().ravel())
        return cls(blocks, int(array.shape[1]), tuple(array.chunks[0]), chunk_size)

    def where(self, keep: Keep) -> "DaskTable":
        """Keep some of the rows."""
        return DaskTable(
            self.blocks, self.n_features, self.heights, self.chunk_size, keep
        )

    def bounds(self) -> tuple[Floats, Floats, int]:
        """Return smallest and largest entry of each column, and the number of rows."""
        lows, highs, counts = zip(*self._map(_bounds), strict=True)
        if sum(counts) == 0:
            raise InputError("Found array with 0 sample(s) (shape (0, ...)).")
        return np.min(lows, axis=0), np.max(highs, axis=0), sum(counts)

    def gram_source(self, scaling: Scaling) -> GramSource:
        """Return what answers plans over the scaled rows."""
        return DaskGram(self, scaling)

    def total(self, plan: Sweep, scaling: Scaling) -> Gram:
        """Add up what a plan asks for, block by block, then in a tree."""
        dask = require("dask", extra="cluster")
        run = dask.delayed(_gram, pure=False)
        parts = [
            run(block, keep, plan, scaling, self.chunk_size)
            for block, keep in self._pieces()
        ]
        add = dask.delayed(_total, pure=False)
        while len(parts) > 1:
            parts = [add(parts[i : i + _FAN_IN]) for i in range(0, len(parts), _FAN_IN)]
        result: Gram = parts[0].compute()
        return result

    def _pieces(self) -> list[tuple[Any, Keep | None]]:
        if self.keep is None:
            return [(block, None) for block in self.blocks]
        ends = np.cumsum(self.heights)[:-1]
        return list(zip(self.blocks, np.split(self.keep, ends), strict=True))

    def _map(self, function: Any) -> tuple[Any, ...]:
        dask = require("dask", extra="cluster")
        run = dask.delayed(function, pure=False)
        result: tuple[Any, ...] = dask.compute(
            *(run(block, keep) for block, keep in self._pieces())
        )
        return result


@dataclass(frozen=True, slots=True)
class DaskGram:
    """Answer plans on the workers that hold the blocks.

    Parameters
    ----------
    table
        The rows.
    scaling
        How columns become variables.
    """

    table: DaskTable
    scaling: Scaling

    @property
    def n_variables(self) -> int:
        """Number of variables."""
        return len(self.scaling.columns)

    def gram(self, plan: Sweep) -> Gram:
        """Add up what a plan asks for over all rows."""
        return self.table.total(plan, self.scaling)


def _rows(block: Any, keep: Keep | None) -> Floats:
    rows = np.ascontiguousarray(block, dtype=np.float64)
    return rows if keep is None else rows[keep]


def _bounds(block: Any, keep: Keep | None) -> tuple[Floats, Floats, int]:
    rows = _rows(block, keep)
    if not len(rows):
        width = rows.shape[1]
        return np.full(width, np.inf), np.full(width, -np.inf), 0
    return column_bounds(ArrayRows(rows))


def _gram(
    block: Any,
    keep: Keep | None,
    plan: Sweep,
    scaling: Scaling,
    chunk_size: int | None,
) -> Gram:
    return plan.run(_rows(block, keep), scaling, chunk_size)


def _total(parts: list[Gram]) -> Gram:
    return Gram.total(parts)
