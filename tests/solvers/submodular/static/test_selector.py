"""The selector of rows keeps scikit-learn's manners."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from boundwise.core.errors import InputError
from boundwise.solvers.submodular.static import SubsetSelector

#: transform returns rows that were chosen in fit, not a map of any rows.
_ROWS = "transform selects rows of the data that was fitted"
EXPECTED = dict.fromkeys(
    (
        "check_fit_idempotent",
        "check_methods_sample_order_invariance",
        "check_methods_subset_invariance",
        "check_transformer_data_not_an_array",
        "check_transformer_general",
    ),
    _ROWS,
)


@parametrize_with_checks(
    [SubsetSelector(3)], expected_failed_checks=lambda estimator: EXPECTED
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_scikit_learn_accepts_the_estimator(estimator, check):
    check(estimator)


@pytest.mark.parametrize("objective", ["facility_location", "log_det"])
@pytest.mark.parametrize(
    "metric", ["rbf", "cosine", "euclidean", "manhattan", "precomputed"]
)
def test_chosen_rows_represent_separate_clusters(objective, metric):
    if objective == "log_det" and metric in ("euclidean", "manhattan"):
        pytest.skip("a largest distance minus distances need not be a kernel")
    rng = np.random.default_rng(0)
    centres = 4.0 * np.eye(3)
    X = np.repeat(centres, 10, axis=0) + rng.normal(0, 0.05, (30, 3))
    data = X
    if metric == "precomputed":
        data = np.exp(-((X[:, None] - X) ** 2).sum(axis=2))
    selector = SubsetSelector(3, objective=objective, metric=metric).fit(data)
    assert sorted(selector.support_ // 10) == [0, 1, 2]
    np.testing.assert_array_equal(selector.transform(data), data[selector.support_])
    assert selector.get_support().sum() == 3
    assert selector.get_support(indices=True).tolist() == sorted(selector.support_)
    assert selector.value_ == pytest.approx(selector.gains_.sum())
    assert selector.value_ <= selector.upper_bound_


def test_the_value_is_the_sum_of_the_best_similarities():
    X = np.array([[0.0], [1.0], [4.0]])
    selector = SubsetSelector(1, metric="euclidean").fit(X)
    # 4 - distance: rows 0, 1, 2 are worth 4+3+0, 3+4+1, 0+1+4.
    assert selector.support_.tolist() == [1]
    assert selector.value_ == pytest.approx(8.0)
    assert selector.get_feature_names_out().tolist() == ["x0"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 0}, "k must be"),
        ({"objective": "magic"}, "objective must be"),
        ({"metric": "no-such"}, "metric must be known"),
        ({"metric": "precomputed"}, "square"),
        ({"method": "magic"}, "method must be"),
    ],
)
def test_parameters_are_checked_in_fit(options, message):
    with pytest.raises(InputError, match=message):
        SubsetSelector(**options).fit(np.ones((4, 2)))


def test_other_data_are_not_transformed():
    selector = SubsetSelector(2)
    with pytest.raises(NotFittedError):
        selector.transform(np.ones((4, 2)))
    selector.fit(np.random.default_rng(0).random((6, 2)))
    with pytest.raises(InputError, match="6 rows, got 5"):
        selector.transform(np.ones((5, 2)))
