import numpy as np
import pytest
from scipy.stats import wilcoxon

from boundwise.benchmarks.metrics.significance import (
    bootstrap_interval,
    bootstrap_mean_interval,
    compare,
    wilcoxon_p,
    win_loss,
)
from boundwise.core.errors import InputError


def test_nine_differences_are_too_few_and_ten_are_enough():
    a = [float(10 + i) for i in range(10)]
    b = [2.0 * x for x in a]
    assert wilcoxon_p(a[:9], b[:9], 1.0) is None
    assert wilcoxon_p(a, b, 1.0) is not None


def test_differences_within_one_percent_are_dropped():
    a = [100.0] * 30
    b = [100.5] * 30
    assert wilcoxon_p(a, b, 0.0) is None


def test_the_p_value_is_that_of_the_shifted_log_ratios():
    rng = np.random.default_rng(1)
    a = rng.uniform(1, 100, 25).tolist()
    b = (np.array(a) * rng.uniform(0.5, 1.5, 25)).tolist()
    logs = np.log2((np.array(a) + 1) / (np.array(b) + 1))
    kept = logs[np.abs(logs) >= np.log2(1.01)]
    assert wilcoxon_p(a, b, 1.0) == pytest.approx(wilcoxon(kept).pvalue)


def test_a_clear_difference_is_significant_and_noise_is_not():
    rng = np.random.default_rng(3)
    b = rng.uniform(5, 500, 40)
    slower = compare((2 * b).tolist(), b.tolist(), 1.0)
    assert slower.significant
    assert slower.ratio > 1.5
    assert slower.losses == 40
    noise = b * np.exp(rng.normal(0, 0.3, 40))
    assert not compare(noise.tolist(), b.tolist(), 1.0).significant


def test_the_interval_holds_the_ratio_and_is_reproducible():
    rng = np.random.default_rng(5)
    a, b = rng.uniform(1, 50, 30).tolist(), rng.uniform(1, 50, 30).tolist()
    found = compare(a, b, 10.0)
    assert found.interval[0] <= found.ratio <= found.interval[1]
    assert bootstrap_interval(a, b, 10.0) == found.interval


def test_equal_values_have_an_interval_of_one_point():
    assert bootstrap_interval([3.0] * 5, [3.0] * 5, 1.0) == (1.0, 1.0)
    assert bootstrap_mean_interval([2.0, 2.0]) == (2.0, 2.0)


def test_wins_need_a_factor_of_ten_percent():
    assert win_loss([1.0, 1.0, 1.0], [1.09, 1.11, 0.5]) == (1, 1)
    assert win_loss([100, 100], [400, 600], factor=5.0) == (1, 0)


def test_unpaired_values_are_refused():
    with pytest.raises(InputError, match="paired"):
        compare([1.0], [1.0, 2.0], 1.0)
    with pytest.raises(InputError, match="paired"):
        compare([], [], 1.0)
