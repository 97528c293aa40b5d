"""Choose k representative rows of a data set, as a scikit-learn estimator."""

from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.metrics import pairwise_distances
from sklearn.metrics.pairwise import pairwise_kernels
from sklearn.utils.validation import check_is_fitted, validate_data

from boundwise.core.errors import InputError
from boundwise.solvers.submodular.objectives import (
    FacilityLocation,
    LogDeterminant,
    Objective,
)
from boundwise.solvers.submodular.static.maximize import maximize

#: Metrics that are similarities themselves; all others are distances.
_KERNELS = ("cosine", "linear", "poly", "polynomial", "rbf", "laplacian", "sigmoid")


class SubsetSelector(  # type: ignore[call-arg]
    OneToOneFeatureMixin,  # type: ignore[misc]
    TransformerMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
    auto_wrap_output_keys=None,
):
    """Choose rows that represent all rows (facility location) or differ (log-det).

    Parameters
    ----------
    k
        Number of rows to choose; fewer if fewer add anything.
    objective
        ``"facility_location"``: sum over all rows of the similarity to the nearest
        chosen one. ``"log_det"``: log det(I + K) of the chosen rows.
    metric
        ``"rbf"``, ``"cosine"``, ``"linear"``, ``"poly"``, ``"laplacian"``,
        ``"sigmoid"`` (similarities), any distance that scikit-learn knows, which is
        subtracted from the largest one, or ``"precomputed"`` similarities.
    method
        See `maximize`.
    random_state
        Seed of stochastic greedy.

    Attributes
    ----------
    support_
        Indices of the chosen rows in the order of choice.
    gains_
        What each added.
    value_, upper_bound_
        Value of the chosen rows, and a bound on the best k rows.
    n_features_in_
        Number of columns.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[0.0], [0.1], [5.0], [5.1], [5.2]])
    >>> SubsetSelector(2, metric="euclidean").fit(X).support_.tolist()
    [2, 0]
    """

    def __init__(
        self,
        k: int = 10,
        *,
        objective: str = "facility_location",
        metric: str = "rbf",
        method: str = "lazy",
        random_state: int | None = 0,
    ) -> None:
        self.k = k
        self.objective = objective
        self.metric = metric
        self.method = method
        self.random_state = random_state

    def fit(self, X: npt.ArrayLike, y: Any = None) -> Self:
        """Choose rows of X.

        Parameters
        ----------
        X
            Shape (m, d), or (m, m) similarities if ``metric`` is ``"precomputed"``.
        y
            Ignored.

        Raises
        ------
        InputError
            If a parameter is out of range or the similarities do not fit.
        """
        rows = validate_data(self, X, dtype=np.float64, ensure_min_samples=1)
        found = maximize(
            self._function(rows),
            self.k,
            method=self.method,  # type: ignore[arg-type]
            seed=self.random_state,
        )
        self.support_ = found.solution.copy()
        self.gains_ = found.gains.copy()
        self.value_ = found.value
        self.upper_bound_ = found.upper_bound
        self._n_rows = len(rows)
        return self

    def transform(self, X: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return the chosen rows of the X that was fitted, in the order of choice.

        Raises
        ------
        InputError
            If X has another number of rows.
        """
        check_is_fitted(self, "support_")
        rows = validate_data(self, X, reset=False, dtype=np.float64)
        if len(rows) != self._n_rows:
            raise InputError(
                f"X must be the data that was fitted, {self._n_rows} rows, got "
                f"{len(rows)}."
            )
        chosen: npt.NDArray[np.float64] = rows[self.support_]
        return chosen

    def fit_transform(self, X: npt.ArrayLike, y: Any = None) -> npt.NDArray[np.float64]:
        """Choose rows of X and return them."""
        return self.fit(X, y).transform(X)

    def get_support(self, indices: bool = False) -> npt.NDArray[Any]:
        """Return a mask of the chosen rows, or their ascending indices."""
        check_is_fitted(self, "support_")
        mask = np.zeros(self._n_rows, dtype=np.bool_)
        mask[self.support_] = True
        return np.flatnonzero(mask) if indices else mask

    def _function(self, rows: npt.NDArray[np.float64]) -> Objective:
        if self.objective not in ("facility_location", "log_det"):
            raise InputError(
                "objective must be 'facility_location' or 'log_det', got "
                f"{self.objective!r}."
            )
        similarity = self._similarity(rows)
        if self.objective == "log_det":
            return LogDeterminant(similarity)
        # Similarities below zero serve nobody better than no chosen row does.
        return FacilityLocation(np.maximum(similarity, 0.0))

    def _similarity(self, rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        if self.metric == "precomputed":
            if rows.shape[0] != rows.shape[1]:
                raise InputError(
                    f"precomputed similarities must be square, got {rows.shape}."
                )
            return rows
        similarity: npt.NDArray[np.float64]
        try:
            if self.metric in _KERNELS:
                similarity = pairwise_kernels(rows, metric=self.metric)
            else:
                distances = pairwise_distances(rows, metric=self.metric)
                similarity = distances.max() - distances
        except ValueError as error:
            raise InputError(f"metric must be known: {error}.") from error
        return similarity
