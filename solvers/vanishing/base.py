"""What the two estimators share: parameters, opening data, scaling, names."""

from collections.abc import Sequence
from copy import copy
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from joblib import effective_n_jobs
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from boundwise.core.errors import InputError
from boundwise.solvers.vanishing.cluster import DaskTable, is_dask
from boundwise.solvers.vanishing.gram import GramSource
from boundwise.solvers.vanishing.ideal import Ideal
from boundwise.solvers.vanishing.local import column_bounds, ordered_map
from boundwise.solvers.vanishing.monomials import MonomialBasis, MonomialGram
from boundwise.solvers.vanishing.rows import (
    ArrayRows,
    ParquetRows,
    RowSource,
    open_rows,
)
from boundwise.solvers.vanishing.scaling import Scaling, variable_order
from boundwise.solvers.vanishing.settings import Settings, check_psi
from boundwise.solvers.vanishing.table import LocalTable, Table, correlation

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Rows that one thread evaluates at a time in ``transform``.
_TRANSFORM_ROWS = 1 << 16


class VanishingTransformer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turn rows into values of polynomials that vanish on the training points."""

    def __init__(
        self,
        psi: float = 0.005,
        *,
        tau: float | None = None,
        max_degree: int = 10,
        oracle: str = "ihb",
        factorization: str = "cholesky",
        term_order: str = "deglex",
        scale: bool = True,
        clip: bool = False,
        absolute: bool = True,
        chunk_size: int | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.psi = psi
        self.tau = tau
        self.max_degree = max_degree
        self.oracle = oracle
        self.factorization = factorization
        self.term_order = term_order
        self.scale = scale
        self.clip = clip
        self.absolute = absolute
        self.chunk_size = chunk_size
        self.n_jobs = n_jobs

    def _settings(self) -> Settings:
        return Settings(
            psi=self.psi,
            tau=self.tau,
            max_degree=self.max_degree,
            oracle=self.oracle,
            factorization=self.factorization,
            term_order=self.term_order,
            chunk_size=self.chunk_size,
        )

    def _local_table(self, rows: RowSource) -> LocalTable:
        return LocalTable(rows, effective_n_jobs(self.n_jobs), self.chunk_size)

    def _array_rows(self, X: npt.NDArray[Any]) -> ArrayRows:
        return ArrayRows(X, pieces=effective_n_jobs(self.n_jobs))

    def _remember_rows(self, rows: RowSource) -> None:
        names = rows.names if isinstance(rows, ParquetRows) else None
        self._remember(rows.n_features, names)

    def _remember(self, n_features: int, names: Any) -> None:
        """Set what scikit-learn's validation sets, for data it cannot see."""
        self.n_features_in_ = n_features
        if names is not None:
            self.feature_names_in_ = np.array(list(names), dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def _set_scaling(self, low: Floats, high: Floats) -> None:
        self.data_min_, self.data_max_ = low, high
        if self.scale:
            with np.errstate(over="ignore"):
                wide = ~np.isfinite(high - low)
            if wide.any():
                raise InputError(
                    f"column {int(np.flatnonzero(wide)[0])} of X spans more than "
                    "double precision holds."
                )
            self.scaling_ = Scaling.min_max(low, high)
        else:
            self.scaling_ = Scaling.identity(len(low))

    def _ordered(self, source: GramSource) -> Scaling:
        """Return the scaling with the variables ordered by a source's rows."""
        if self.term_order == "deglex":
            return self.scaling_
        order = variable_order(self.term_order, correlation(source))
        return self.scaling_.reordered(order)

    def _order_variables(self, tables: Sequence[Table]) -> list[Scaling]:
        """Return the scaling of each table, its variables ordered by its own rows."""
        return [self._ordered(table.gram_source(self.scaling_)) for table in tables]

    def _transformed(self, X: Any, fitted: Sequence[tuple[Ideal, Scaling]]) -> Floats:
        """Evaluate the generators of several ideals side by side."""
        check_is_fitted(self)
        rows = open_rows(X)
        if rows is None:
            X = validate_data(self, X, reset=False, dtype="numeric")
            return self._values(X, fitted)
        if rows.n_features != self.n_features_in_:
            raise InputError(
                f"X has {rows.n_features} features, but {type(self).__name__} is "
                f"expecting {self.n_features_in_} features as input."
            )
        return np.concatenate([self._values(b, fitted) for b in rows.blocks()])

    def _values(
        self, X: npt.NDArray[Any], fitted: Sequence[tuple[Ideal, Scaling]]
    ) -> Floats:
        offsets = np.cumsum([0] + [ideal.n_generators for ideal, _ in fitted])
        out = np.empty((len(X), offsets[-1]))

        def fill(start: int) -> None:
            stop = start + _TRANSFORM_ROWS
            block = np.ascontiguousarray(X[start:stop], dtype=np.float64)
            if self.clip:
                block = np.clip(block, self.data_min_, self.data_max_)
            for (ideal, scaling), left, right in zip(
                fitted, offsets, offsets[1:], strict=False
            ):
                ideal.values(
                    block,
                    scaling,
                    out[start:stop, left:right],
                    absolute=self.absolute,
                    chunk_size=self.chunk_size,
                )

        starts = iter(range(0, len(X), _TRANSFORM_ROWS))
        n_threads = effective_n_jobs(self.n_jobs)
        if n_threads == 1:
            for start in starts:
                fill(start)
        else:
            for _ in ordered_map(fill, starts, n_threads):
                pass
        return out

    def _accumulate(
        self, X: npt.NDArray[Any], sums: Sequence[MonomialGram | None]
    ) -> MonomialBasis:
        """Widen the bounds by the rows and rescale the sums so far to them."""
        first = next((gram for gram in sums if gram is not None), None)
        n_features = X.shape[1]
        if first is None:
            MonomialGram.check_size(n_features, self.max_degree)
            basis = MonomialBasis(n_features, self.max_degree)
        else:
            basis = first.basis
            if basis.degree != self.max_degree:
                raise InputError(
                    f"max_degree must stay {basis.degree} between calls of "
                    f"partial_fit, got {self.max_degree!r}."
                )
        low, high, _ = column_bounds(self._array_rows(X))
        if first is None:
            self._set_scaling(low, high)
            return basis
        old_low, old_high = self.data_min_, self.data_max_
        self._set_scaling(np.minimum(low, old_low), np.maximum(high, old_high))
        widened = (self.data_min_ < old_low) | (self.data_max_ > old_high)
        if self.scale and widened.any():
            factor = self.scaling_.factor
            slope = (old_high - old_low) * factor
            slope[~widened] = 1.0
            for gram in sums:
                if gram is not None:
                    gram.substitute(slope, (old_low - self.data_min_) * factor)
        return basis

    def _add_rows(self, gram: MonomialGram, X: npt.NDArray[Any]) -> None:
        gram.add(
            self._array_rows(X),
            self.scaling_,
            n_threads=effective_n_jobs(self.n_jobs),
            chunk_size=self.chunk_size,
        )

    def _sibling(self, psi: float) -> Self:
        """Return an estimator for another psi on the same data, still without ideal."""
        # Not a clone: it would check the signature again for every value of a path.
        other = copy(self)
        other.psi = psi
        return other

    def _input_names(self, input_features: Any = None) -> list[str]:
        check_is_fitted(self)
        known = getattr(self, "feature_names_in_", None)
        if input_features is None:
            if known is not None:
                return [str(name) for name in known]
            return [f"x{i}" for i in range(self.n_features_in_)]
        names = [str(name) for name in input_features]
        if len(names) != self.n_features_in_:
            raise InputError(
                "input_features should have length equal to number of features "
                f"({self.n_features_in_}), got {len(names)}."
            )
        if known is not None and names != [str(name) for name in known]:
            raise InputError("input_features is not equal to feature_names_in_.")
        return names

    def _opened(self, X: Any) -> Table:
        """Check one data set and return it as something to sum over."""
        if is_dask(X):
            table = DaskTable.of(X, self.chunk_size)
            self._remember(table.n_features, getattr(X, "columns", None))
            return table
        rows = open_rows(X)
        if rows is not None:
            self._remember_rows(rows)
            return self._local_table(rows)
        # Non-finite entries are found in the pass that finds the bounds.
        X = validate_data(self, X, dtype="numeric", ensure_all_finite=False)
        return self._local_table(self._array_rows(X))

    def fit_transform(self, X: Any, y: Any = None) -> Any:
        """Fit to the rows and evaluate the generators on them.

        Parameters
        ----------
        X, y
            As for `fit`.

        Returns
        -------
        ndarray or DataFrame
            One column for each generator.
        """
        fitted: Self = self.fit(X, y)
        return fitted.transform(X)


def checked_psis(psis: Any) -> list[float]:
    """Return the values of a path; raise InputError if one is not usable."""
    values = list(psis)
    if not values:
        raise InputError("psis must hold at least one value.")
    for psi in values:
        check_psi(psi)
    return [float(psi) for psi in values]


def original_powers(powers: Ints, scaling: Scaling) -> Ints:
    """Rewrite exponents over variables as exponents over columns."""
    columns = np.empty_like(powers)
    columns[:, scaling.columns] = powers
    return columns
