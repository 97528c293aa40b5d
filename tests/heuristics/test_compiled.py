"""Compiled kernels keep the meaning of NaN and work without a cache folder."""

import math

import numba
import numpy as np

from boundwise.heuristics.compiled import compiled


@compiled(reorder_sums=True)
def _total(values):
    total = 0.0
    for value in values:
        total += value
    return total


def test_reordered_sums_are_sums_and_nan_stays_nan():
    values = np.arange(1000.0)
    assert _total(values) == 499500.0
    values[500] = math.nan
    assert math.isnan(_total(values))


def test_it_compiles_where_nothing_can_be_cached(monkeypatch):
    real = numba.njit

    def refuse(*args, **options):
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return real(*args, **options)

    monkeypatch.setattr(numba, "njit", refuse)

    @compiled()
    def double(x):
        return 2 * x

    assert double(4) == 8
