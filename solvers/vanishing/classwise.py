"""`ClasswiseOAVI`: one vanishing ideal per class, as features for a linear classifier.

Points of a class lie where its own generators are small and those of other classes are
not, so a linear classifier on |g(x)| over all classes separates what polynomials can.
"""

import warnings
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from boundwise.core.errors import InputError
from boundwise.solvers.vanishing.base import VanishingTransformer, original_powers
from boundwise.solvers.vanishing.estimator import SHOWN, generator_names
from boundwise.solvers.vanishing.grow import grow_all
from boundwise.solvers.vanishing.ideal import Ideal
from boundwise.solvers.vanishing.notices import NoGeneratorWarning
from boundwise.solvers.vanishing.rows import MaskedRows, open_rows
from boundwise.solvers.vanishing.scaling import Scaling
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
    (2, 34)
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
        whole, tables = self._by_class(X, y)
        low, high, _ = whole.bounds()
        self._set_scaling(low, high)
        scalings = self._order_variables(tables)
        sources = [
            table.gram_source(scaling)
            for table, scaling in zip(tables, scalings, strict=True)
        ]
        growths = [
            settings.growth(whole.n_features, parts=(part,))
            for part in range(len(tables))
        ]
        return self._accept(grow_all(growths, sources), scalings)

    def _by_class(self, X: Any, y: Any) -> tuple[Table, list[Table]]:
        """Open the data as a whole and class by class; set ``classes_``."""
        if y is None:
            raise InputError(
                f"{type(self).__name__} requires y to be passed, but the target y is "
                "None."
            )
        rows = open_rows(X)
        if rows is not None:
            self._remember_source(rows)
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
        return labels

    def _accept(self, ideals: list[Ideal], scalings: list[Scaling]) -> Self:
        self.ideals_ = ideals
        self._scalings = scalings
        self.leading_terms_ = [
            original_powers(ideal.leading_powers, scaling)
            for ideal, scaling in zip(ideals, scalings, strict=True)
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
        fitted = list(zip(self.ideals_, self._scalings, strict=True))
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
            self.classes_, self.ideals_, self._scalings, strict=True
        ):
            lines.append(f"class {label}: {ideal.n_generators} generators")
            lines.append(ideal.to_text(list(names[scaling.columns]), SHOWN))
        return "\n".join(lines).rstrip()
