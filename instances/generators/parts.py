"""What the generators share: the assembly of an instance from rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array, csr_array

from boundwise.core.result import Sense
from boundwise.instances.instance import Instance


@dataclass(slots=True)
class RowBuilder:
    """Collect rows as triplets.

    Parameters
    ----------
    n_variables
        Number of columns.
    """

    n_variables: int
    _rows: list[NDArray[np.int64]] = field(default_factory=list)
    _columns: list[NDArray[np.int64]] = field(default_factory=list)
    _values: list[NDArray[np.float64]] = field(default_factory=list)
    _lower: list[NDArray[np.float64]] = field(default_factory=list)
    _upper: list[NDArray[np.float64]] = field(default_factory=list)
    _names: list[str] = field(default_factory=list)

    def add(
        self,
        prefix: str,
        rows: ArrayLike,
        columns: ArrayLike,
        values: ArrayLike,
        lower: ArrayLike,
        upper: ArrayLike,
        count: int,
    ) -> None:
        """Add ``count`` rows ``prefix0, prefix1, ...``.

        Parameters
        ----------
        prefix
            Beginning of their names.
        rows, columns, values
            Triplets; rows count from 0 within this call; values may be one number.
        lower, upper
            Sides, one number or ``count`` of them.
        count
            Number of rows.
        """
        local = np.asarray(rows, dtype=np.int64)
        self._rows.append(local + len(self._names))
        self._columns.append(np.asarray(columns, dtype=np.int64))
        self._values.append(
            np.broadcast_to(np.asarray(values, dtype=np.float64), local.shape)
        )
        for target, side in ((self._lower, lower), (self._upper, upper)):
            target.append(np.broadcast_to(np.asarray(side, dtype=np.float64), (count,)))
        self._names.extend(f"{prefix}{i}" for i in range(count))

    def instance(
        self,
        *,
        name: str,
        sense: Sense,
        objective: ArrayLike,
        names: Sequence[str],
        is_integer: ArrayLike,
        upper: ArrayLike,
    ) -> Instance:
        """Assemble the instance; lower bounds are 0.

        Integer variables must come before continuous ones, as SCIP orders them.
        """
        n = self.n_variables
        m = len(self._names)
        matrix = csr_array(
            coo_array(
                (
                    np.concatenate(self._values),
                    (np.concatenate(self._rows), np.concatenate(self._columns)),
                ),
                shape=(m, n),
            )
        )
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        return Instance(
            name=name,
            sense=sense,
            objective=np.array(objective, dtype=np.float64),
            matrix=matrix,
            row_lower=np.concatenate(self._lower),
            row_upper=np.concatenate(self._upper),
            lower=np.zeros(n),
            upper=np.array(np.broadcast_to(upper, (n,)), dtype=np.float64),
            is_integer=np.array(np.broadcast_to(is_integer, (n,)), dtype=np.bool_),
            names=tuple(names),
            row_names=tuple(self._names),
        )
