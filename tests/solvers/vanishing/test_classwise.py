"""`ClasswiseOAVI`: scikit-learn's conventions, classes, pipelines, and accuracy."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris, load_wine, make_circles
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from boundwise.solvers.vanishing import OAVI, ClasswiseOAVI
from boundwise.solvers.vanishing.notices import NoGeneratorWarning


@pytest.mark.filterwarnings(
    "ignore::boundwise.solvers.vanishing.notices.NoGeneratorWarning"
)
@parametrize_with_checks(
    [ClasswiseOAVI(), ClasswiseOAVI(oracle="wihb", term_order="pearson", n_jobs=2)]
)
def test_scikit_learn_accepts_the_estimator(estimator, check):
    check(estimator)


def classifier(**parameters):
    return make_pipeline(
        ClasswiseOAVI(**parameters),
        LinearSVC(penalty="l1", dual=False, max_iter=20_000, tol=1e-3),
    )


def test_each_class_has_the_ideal_of_its_own_rows():
    X, y = load_wine(return_X_y=True)
    scaled = (X - X.min(axis=0)) / np.ptp(X, axis=0)
    model = ClasswiseOAVI(0.005).fit(X, y)
    start = 0
    for label in model.classes_:
        own = OAVI(0.005, scale=False).fit(scaled[y == label])
        stop = start + own.n_generators_
        values = model.transform(X)[:, start:stop]
        np.testing.assert_allclose(values, own.transform(scaled), atol=1e-9)
        start = stop
    assert start == model.n_generators_ == model.transform(X).shape[1]


def test_the_pipeline_separates_circles_that_no_line_separates():
    X, y = make_circles(600, noise=0.03, factor=0.7, random_state=0)
    scores = cross_val_score(classifier(psi=0.005), X, y, cv=3)
    assert scores.mean() > 0.98
    assert cross_val_score(LinearSVC(), X, y, cv=3).mean() < 0.7


def test_the_pipeline_classifies_iris_and_wine():
    for load in (load_iris, load_wine):
        X, y = load(return_X_y=True)
        order = np.random.default_rng(0).permutation(len(y))
        scores = cross_val_score(classifier(psi=0.01), X[order], y[order], cv=3)
        assert scores.mean() > 0.92


def test_a_grid_search_over_psi_runs():
    X, y = load_iris(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    search = GridSearchCV(
        classifier(),
        {"classwiseoavi__psi": [0.1, 0.01], "linearsvc__C": [0.1, 10]},
        cv=3,
    ).fit(X[order], y[order])
    assert search.best_score_ > 0.92


def test_labels_of_any_kind_name_the_columns():
    frame, y = load_iris(return_X_y=True, as_frame=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    model = ClasswiseOAVI(0.01).set_output(transform="pandas").fit(frame, names)
    out = model.transform(frame)
    assert isinstance(out, pd.DataFrame)
    assert out.columns[0].startswith("setosa:g0[")
    assert out.columns[-1].startswith("virginica:g")
    assert len(set(out.columns)) == out.shape[1] == model.n_generators_
    assert "class setosa:" in str(model)
    assert str(ClasswiseOAVI()) == repr(ClasswiseOAVI())


def test_one_class_without_generators_does_not_spoil_the_others():
    rng = np.random.default_rng(0)
    line = np.column_stack([np.linspace(0, 1, 50), np.linspace(0, 1, 50)])
    X = np.concatenate([line, rng.uniform(size=(400, 2))])
    y = np.repeat([0, 1], [50, 400])
    model = ClasswiseOAVI(1e-5, max_degree=2).fit(X, y)
    assert model.ideals_[0].n_generators > 0
    assert model.ideals_[1].n_generators == 0
    assert model.transform(X).shape == (450, model.n_generators_)
    with pytest.warns(NoGeneratorWarning, match="on any class"):
        ClasswiseOAVI(1e-12, max_degree=1).fit(rng.uniform(size=(50, 2)), y[30:80])


def test_a_class_of_one_row_and_a_single_class_are_fitted():
    X = np.random.default_rng(1).uniform(size=(30, 3))
    y = np.zeros(30, dtype=int)
    assert ClasswiseOAVI(0.01).fit(X, y).n_generators_ == (
        OAVI(0.01).fit(X).n_generators_
    )
    y[4] = 1
    model = ClasswiseOAVI(0.01).fit(X, y)
    np.testing.assert_allclose(model.transform(X[4:5])[0, -3:], 0, atol=1e-12)


def test_classes_are_required_and_must_be_classes():
    X = np.random.default_rng(2).uniform(size=(30, 3))
    with pytest.raises(ValueError, match="requires y"):
        ClasswiseOAVI().fit(X, None)
    with pytest.raises(ValueError, match=r"[Uu]nknown label type"):
        ClasswiseOAVI().fit(X, X[:, 0])
    with pytest.raises(ValueError, match="inconsistent"):
        ClasswiseOAVI().fit(X, np.zeros(29, dtype=int))
