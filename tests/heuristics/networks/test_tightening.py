"""Bounds by linear programs are valid, and tighter than interval arithmetic."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.core.limits import Deadline
from boundwise.heuristics.networks import (
    Mlp,
    TriangleRelaxation,
    interval_bounds,
    tightened_bounds,
)
from boundwise.heuristics.networks.relaxation import InputRows


def _network(rng: np.random.Generator) -> Mlp:
    return Mlp.from_arrays(
        [rng.normal(size=(6, 4)), rng.normal(size=(5, 6)), rng.normal(size=(1, 5))],
        [rng.normal(size=6), rng.normal(size=5), None],
    )


def _points(rng: np.random.Generator, count: int) -> np.ndarray:
    """Points of the unit box with a sum of at most one."""
    points = rng.uniform(size=(count, 4))
    return points / np.maximum(1.0, points.sum(axis=1, keepdims=True))


BUDGET = InputRows(np.ones((1, 4)), np.ones(1))


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_tightened_bounds_hold_and_are_within_interval_bounds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = _network(rng)
    wide = interval_bounds(network, 0.0, 1.0)
    tight = tightened_bounds(network, 0.0, 1.0, rows=BUDGET)
    hidden = _points(rng, 300)
    for layer, old, new in zip(network.layers, wide, tight, strict=True):
        values = layer.preactivation(hidden)
        assert (values >= new.lower).all()
        assert (values <= new.upper).all()
        assert (new.lower >= old.lower - 1e-9).all()
        assert (new.upper <= old.upper + 1e-9).all()
        hidden = np.maximum(values, 0.0) if layer.relu else values


def test_tightening_gains_on_a_network_whose_units_cancel() -> None:
    # relu(x) - relu(x) is zero, but intervals see [-1, 1].
    network = Mlp.from_arrays([[[1.0], [1.0]], [[1.0, -1.0]], [[1.0]]])
    wide = interval_bounds(network, -1.0, 1.0)[1]
    tight = tightened_bounds(network, -1.0, 1.0)[1]
    assert wide.upper.item() == pytest.approx(1.0)
    assert tight.upper.item() == pytest.approx(0.5, abs=1e-4)


def test_without_time_the_interval_bounds_remain() -> None:
    network = _network(np.random.default_rng(0))
    wide = interval_bounds(network, 0.0, 1.0)
    kept = tightened_bounds(network, 0.0, 1.0, deadline=Deadline(0.0))
    for old, new in zip(wide, kept, strict=True):
        np.testing.assert_array_equal(old.lower, new.lower)


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_relaxation_is_never_below_the_network(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = _network(rng)
    relaxation = TriangleRelaxation(network, 0.0, 1.0, rows=BUDGET)
    maximum = relaxation.maximize()
    assert maximum.value >= network.forward(_points(rng, 300)).max() - 1e-7
    assert maximum.inputs.sum() <= 1.0 + 1e-7


def test_relaxation_of_a_linear_network_is_exact() -> None:
    network = Mlp.from_arrays([[[1.0, -2.0]]], [[0.5]])
    maximum = TriangleRelaxation(network, [0.0, 0.0], [2.0, 1.0]).maximize()
    assert maximum.value == pytest.approx(2.5)
    np.testing.assert_allclose(maximum.inputs, [2.0, 0.0])


def test_no_inputs_and_bad_rows_are_refused() -> None:
    network = _network(np.random.default_rng(0))
    empty = InputRows(np.ones((1, 4)), np.array([-1.0]))
    with pytest.raises(InputError, match="no inputs satisfy"):
        tightened_bounds(network, 0.0, 1.0, rows=empty)
    with pytest.raises(InputError, match=r"rows\.matrix must have shape"):
        tightened_bounds(network, 0.0, 1.0, rows=InputRows(np.ones((1, 3)), np.ones(1)))
    with pytest.raises(InputError, match="must be finite for a relaxation"):
        tightened_bounds(network, 0.0, np.inf)
    with pytest.raises(InputError, match="output must be below 1"):
        TriangleRelaxation(network, 0.0, 1.0).maximize(3)
