"""Answer plans by sweeping over rows on this machine."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from boundwise.core.errors import InputError
from boundwise.heuristics.compiled import compiled
from boundwise.solvers.vanishing.gram import Gram, Sweep
from boundwise.solvers.vanishing.rows import RowSource
from boundwise.solvers.vanishing.scaling import Scaling

Floats = npt.NDArray[np.float64]


class LocalGram:
    """Sweep over a row source, one block per thread at a time.

    The sum runs over the blocks in order, so the result depends on how the rows are
    cut into blocks but not on which thread was faster.

    Parameters
    ----------
    source
        The rows.
    scaling
        How columns become variables.
    n_threads
        Number of blocks evaluated side by side.
    chunk_size
        Rows evaluated at a time within a block; None lets the cache decide.
    """

    def __init__(
        self,
        source: RowSource,
        scaling: Scaling,
        *,
        n_threads: int = 1,
        chunk_size: int | None = None,
    ) -> None:
        self._source = source
        self._scaling = scaling
        self._n_threads = n_threads
        self._chunk_size = chunk_size

    @property
    def n_variables(self) -> int:
        """Number of variables."""
        return len(self._scaling.columns)

    def gram(self, plan: Sweep) -> Gram:
        """Add up what a plan asks for over all rows."""

        def of_block(block: Floats) -> Gram:
            return plan.run(block, self._scaling, self._chunk_size)

        blocks = self._source.blocks()
        if self._n_threads == 1:
            return Gram.total(map(of_block, blocks))
        return Gram.total(ordered_map(of_block, blocks, self._n_threads))


def ordered_map(function: Any, items: Iterator[Any], n_threads: int) -> Iterator[Any]:
    """Apply a function in threads, with few items in flight, in the items' order.

    BLAS is held to one thread meanwhile: the threads are used here.
    """
    from threadpoolctl import threadpool_limits

    with (
        threadpool_limits(1, user_api="blas"),
        ThreadPoolExecutor(n_threads) as pool,
    ):
        waiting: deque[Future[Any]] = deque()
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > n_threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@compiled(reorder_sums=True)
def _widen(X: Floats, low: Floats, high: Floats) -> bool:
    """Widen low and high to the columns of X; tell whether every entry is finite."""
    check = 0.0
    width = 256
    for start in range(0, X.shape[0], width):
        stop = min(start + width, X.shape[0])
        for j in range(X.shape[1]):
            a, b = low[j], high[j]
            for r in range(start, stop):
                value = X[r, j]
                check += value * 0.0
                a = value if value < a else a
                b = value if value > b else b
            low[j], high[j] = a, b
    return check == 0.0


def column_bounds(source: RowSource) -> tuple[Floats, Floats, int]:
    """Find the smallest and largest entry of each column in one pass.

    Parameters
    ----------
    source
        The rows.

    Returns
    -------
    tuple
        Lower and upper bounds and the number of rows.

    Raises
    ------
    InputError
        If an entry is NaN or infinite, or there are no rows.
    """
    low = np.full(source.n_features, np.inf)
    high = np.full(source.n_features, -np.inf)
    n_rows = 0
    for block in source.blocks():
        n_rows += len(block)
        if not _widen(block, low, high):
            raise InputError("Input X contains NaN or infinity.")
    if n_rows == 0:
        raise InputError(
            "Found array with 0 sample(s) while a minimum of 1 is required."
        )
    return low, high, n_rows
