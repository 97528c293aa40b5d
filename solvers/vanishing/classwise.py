"""`ClasswiseOAVI`: one vanishing ideal per class, as features for a linear classifier.

Points of a class lie where its own generators are small and those of other classes are
not, so a linear classifier on |g(x)| over all classes separates what polynomials can.
"""

import warnings
from collections.abc import Iterable
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import clone
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from boundwise.core.errors import InputError
from boundwise.solvers.vanishing.base import (
    VanishingTransformer,
    checked_psis,
    original_powers,
)
from boundwise.solvers.vanishing.cluster import DaskTable, is_dask
from boundwise.solvers.vanishing.estimator import SHOWN, generator_names
from boundwise.solvers.vanishing.fitting import Task, fit_ideals
from boundwise.solvers.vanishing.gram import GramSource
from boundwise.solvers.vanishing.grow import grow_all
from boundwise.solvers.vanishing.ideal import Ideal
from boundwise.solvers.vanishing.monomials import MonomialGram, ReorderedGram
from boundwise.solvers.vanishing.notices import NoGeneratorWarning
from boundwise.solvers.vanishing.rows import MaskedRows, open_rows
from boundwise.solvers.vanishing.table import Table

Floats = npt.NDArray[np.float64]


class ClasswiseOAVI(VanishingTransformer):
    """Fit one vanishing ideal per class and join their generators' values.

    The classifier of the paper is
    ``make_pipeline(ClasswiseOAVI(psi=...), LinearSVC(penalty="l1", dual=False))``.
    Columns are scaled by the bounds of all classes together. A class on which nothing
    vanishes adds no columns.

    Parameters
    ----------
    psi, tau, max_degree, oracle, factorization
        As for `OAVI`.
    term_order, scale, clip, absolute, chunk_size, n_jobs
        As for `OAVI`; correlations are taken within each class.

    Attributes
    ----------
    classes_ : ndarray
        The classes.
    ideals_ : list of Ideal
        One for each class.
    leading_terms_ : list of ndarray
        Exponents of the leading terms, class by class.
    n_generators_ : int
        Number of generators of all classes together: columns of the output.
    degree_ : int
        Largest degree of a generator.

    References
    ----------
    Wirth, Kera, Pokutta (2023), "Approximate Vanishing Ideal Computations at Scale",
    ICLR, arXiv:2207.01236.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> ClasswiseOAVI(psi=0.01).fit(X, y).transform(X[:2]).shape
    (2, 14)
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Find the generators of each class.

        Parameters
        ----------
        X
            As for `OAVI.fit`.
        y
            Class of each row.

        Returns
        -------
        ClasswiseOAVI
            The estimator.

        Raises
        ------
        InputError
            If a parameter or the data are not usable.
        """
        settings = self._settings()
        sources = self._prepare(X, y)
        tasks = [Task(settings.psi, (part,)) for part in range(len(sources))]
        return self._accept(fit_ideals(settings, tasks, sources))

    def psi_path(self, X: Any, y: Any, psis: Iterable[float]) -> list[Self]:
        """Fit one estimator per psi, with the sweeps over the data shared.

        Parameters
        ----------
        X, y
            As for `fit`.
        psis
            The values, in any order.

        Returns
        -------
        list of ClasswiseOAVI
            Fitted estimators in the order of ``psis``; this one is left as it was.

        Raises
        ------
        InputError
            If a parameter or the data are not usable.
        """
        settings = self._settings()
        values = checked_psis(psis)
        scout, cls = clone(self), type(self)
        sources = cls._prepare(scout, X, y)
        count = len(sources)
        tasks = [Task(psi, (part,)) for psi in values for part in range(count)]
        ideals = fit_ideals(settings, tasks, sources)
        path = []
        for number, psi in enumerate(values):
            other = cls._sibling(scout, psi)
            mine = ideals[number * count : (number + 1) * count]
            path.append(cls._accept(other, mine))
        return path

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> Self:
        """Add rows to those seen so far and refit, without the earlier rows.

        Parameters
        ----------
        X
            Array or data frame.
        y
            Class of each row; new classes may appear at any time.
        classes
            Ignored; there for the sake of scikit-learn's convention.

        Returns
        -------
        ClasswiseOAVI
            The estimator.

        Raises
        ------
        InputError
            If a parameter or the data are not usable, or there are too many
            monomials.
        """
        settings = self._settings()
        sums: dict[Any, MonomialGram] = getattr(self, "_sums", {})
        X, y = validate_data(
            self, X, y, reset=not sums, dtype="numeric", ensure_all_finite=False
        )
        y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        basis = self._accumulate(X, list(sums.values()) or [None])
        self._sums = sums
        for label in np.unique(y):
            gram = sums.setdefault(label, MonomialGram(basis))
            self._add_rows(gram, X[y == label])
        self.classes_ = np.array(sorted(sums))
        grams = [sums[label] for label in self.classes_]
        self.scalings_ = [self._ordered(gram) for gram in grams]
        sources = [
            ReorderedGram(gram, scaling.columns)
            for gram, scaling in zip(grams, self.scalings_, strict=True)
        ]
        growths = [
            settings.growth(X.shape[1], parts=(part,)) for part in range(len(sums))
        ]
        return self._accept(grow_all(growths, sources))

    def _prepare(self, X: Any, y: Any) -> list[GramSource]:
        """Open the data, fit the scaling and order the variables of each class."""
        if hasattr(self, "_sums"):
            del self._sums
        whole, tables = self._by_class(X, y)
        low, high, n_rows = whole.bounds()
        if n_rows != self._n_labels:
            raise InputError(f"X has {n_rows} rows, but y has {self._n_labels}.")
        self._set_scaling(low, high)
        self.scalings_ = self._order_variables(tables)
        return [
            table.gram_source(scaling)
            for table, scaling in zip(tables, self.scalings_, strict=True)
        ]

    def _by_class(self, X: Any, y: Any) -> tuple[Table, list[Table]]:
        """Open the data as a whole and class by class; set ``classes_``."""
        if y is None:
            raise InputError(
                f"{type(self).__name__} requires y to be passed, but the target y is "
                "None."
            )
        if is_dask(X):
            whole = DaskTable.of(X, self.chunk_size)
            self._remember(whole.n_features, getattr(X, "columns", None))
            labels = self._labels(np.asarray(y))
            if len(labels) != sum(whole.heights):
                raise InputError(
                    f"X has {sum(whole.heights)} rows, but y has {len(labels)}."
                )
            return whole, [
                whole.where(labels == label) for label in range(len(self.classes_))
            ]
        rows = open_rows(X)
        if rows is not None:
            self._remember_rows(rows)
            labels = self._labels(y)
            return self._local_table(rows), [
                self._local_table(MaskedRows(rows, labels == label))
                for label in range(len(self.classes_))
            ]
        X, y = validate_data(
            self, X, y, dtype="numeric", ensure_all_finite=False, y_numeric=False
        )
        labels = self._labels(y)
        return self._local_table(self._array_rows(X)), [
            self._local_table(self._array_rows(X[labels == label]))
            for label in range(len(self.classes_))
        ]

    def _labels(self, y: Any) -> npt.NDArray[np.int64]:
        y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        self._n_labels = len(labels)
        return labels

    def _accept(self, ideals: list[Ideal]) -> Self:
        self.ideals_ = ideals
        self.leading_terms_ = [
            original_powers(ideal.leading_powers, scaling)
            for ideal, scaling in zip(ideals, self.scalings_, strict=True)
        ]
        self.n_generators_ = sum(ideal.n_generators for ideal in ideals)
        self.degree_ = max(ideal.degree for ideal in ideals)
        if not self.n_generators_:
            warnings.warn(
                f"no polynomial of degree {self.max_degree} or less vanishes within "
                f"psi={self.psi!r} on any class: the transformed data have no columns.",
                NoGeneratorWarning,
                stacklevel=3,
            )
        return self

    def transform(self, X: Any) -> Floats:
        """Evaluate the generators of all classes.

        Parameters
        ----------
        X
            Rows, in any form that ``fit`` takes except Dask arrays.

        Returns
        -------
        ndarray of shape (n_rows, n_generators)
            Their absolute values, unless ``absolute`` is false.
        """
        check_is_fitted(self)
        fitted = list(zip(self.ideals_, self.scalings_, strict=True))
        return self._transformed(X, fitted)

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[Any]:
        """Name the columns of the transformed data by class and leading term.

        Parameters
        ----------
        input_features
            Names of the columns of X; None for those seen in ``fit``.

        Returns
        -------
        ndarray of str
            Such as ``"setosa:g3[x0^2 x2]"``.
        """
        names = self._input_names(input_features)
        return np.concatenate(
            [
                generator_names(terms, names, prefix=f"{label}:")
                for label, terms in zip(self.classes_, self.leading_terms_, strict=True)
            ]
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags

    def __str__(self) -> str:
        """Write the parameters and, once fitted, the generators of each class."""
        if not hasattr(self, "ideals_"):
            return repr(self)
        names = np.array(self._input_names(), dtype=object)
        lines = [f"{self!r}: {self.n_generators_} generators, degree {self.degree_}"]
        for label, ideal, scaling in zip(
            self.classes_, self.ideals_, self.scalings_, strict=True
        ):
            lines.append(f"class {label}: {ideal.n_generators} generators")
            lines.append(ideal.to_text(list(names[scaling.columns]), SHOWN))
        return "\n".join(lines).rstrip()
