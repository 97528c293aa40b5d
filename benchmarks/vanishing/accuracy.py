"""Test errors: the published classifier, and what a user would pick instead."""

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Points beyond this number are left out of fits and tests of classifiers.
MOST_ROWS = 20_000


def oavi_classifier(psi: float, **parameters: Any) -> Any:
    """Return `ClasswiseOAVI` before an l1 linear support vector machine."""
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    from boundwise.solvers.vanishing import ClasswiseOAVI

    return make_pipeline(
        ClasswiseOAVI(psi, **parameters),
        LinearSVC(penalty="l1", dual=False, C=10.0, max_iter=10_000),
    )


def polynomial_classifier(degree: int = 2) -> Any:
    """Return polynomial features before a linear support vector machine."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, PolynomialFeatures
    from sklearn.svm import LinearSVC

    return make_pipeline(
        MinMaxScaler(),
        PolynomialFeatures(degree, include_bias=False),
        LinearSVC(dual=False, C=10.0, max_iter=10_000),
    )


def kernel_classifier(degree: int = 3) -> Any:
    """Return a support vector machine with a polynomial kernel."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler
    from sklearn.svm import SVC

    return make_pipeline(
        MinMaxScaler(), SVC(kernel="poly", degree=degree, coef0=1.0, C=10.0)
    )


def held_out_error(classifier: Any, X: Floats, y: Ints, seed: int = 0) -> float:
    """Return the percentage misclassified of a held-out 40 %."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.model_selection import train_test_split

    keep = np.random.default_rng(seed).permutation(len(X))[:MOST_ROWS]
    parts = train_test_split(
        X[keep], y[keep], test_size=0.4, random_state=seed, stratify=y[keep]
    )
    train, test, y_train, y_test = parts
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        classifier.fit(train, y_train)
    return 100.0 * float(np.mean(classifier.predict(test) != y_test))
