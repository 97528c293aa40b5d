"""Interval bounds contain every value of the units."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.heuristics.networks import Bounds, Mlp, interval_bounds


@given(st.integers(0, 10_000))
@settings(max_examples=50, deadline=None)
def test_every_preactivation_lies_within_its_bounds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = Mlp.from_arrays(
        [rng.normal(size=(5, 3)), rng.normal(size=(4, 5)), rng.normal(size=(1, 4))],
        [rng.normal(size=5), None, rng.normal(size=1)],
    )
    lower = rng.normal(size=3)
    upper = lower + rng.exponential(size=3)
    bounds = interval_bounds(network, lower, upper)
    hidden = rng.uniform(lower, upper, size=(200, 3))
    for layer, (low, high) in zip(network.layers, bounds, strict=True):
        values = layer.preactivation(hidden)
        assert (values >= low).all()
        assert (values <= high).all()
        hidden = np.maximum(values, 0.0) if layer.relu else values


def test_bounds_of_one_layer_are_attained() -> None:
    network = Mlp.from_arrays([[[2.0, -3.0]]], [[1.0]])
    ((low, high),) = interval_bounds(network, [0.0, 1.0], [1.0, 2.0])
    assert low.item() == pytest.approx(-5.0)
    assert high.item() == pytest.approx(0.0, abs=1e-8)


def test_an_infinite_input_with_weight_zero_does_not_matter() -> None:
    network = Mlp.from_arrays([[[0.0, 1.0], [1.0, 0.0]]])
    ((low, high),) = interval_bounds(network, [-np.inf, 0.0], [np.inf, 1.0])
    assert high[0] == pytest.approx(1.0)
    assert np.isinf([low[1], high[1]]).all()


def test_known_bounds_tighten_what_follows() -> None:
    network = Mlp.from_arrays([[[1.0]], [[1.0]]])
    known = (Bounds(np.array([-1.0]), np.array([0.5])),)
    bounds = interval_bounds(network, -1.0, 2.0, known)
    assert bounds[1].upper.item() == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("lower", "upper", "message"),
    [
        (1.0, 0.0, "must not exceed"),
        (np.nan, 0.0, "nan"),
        ([0.0, 0.0], 1.0, "1 entries"),
        ("a", 1.0, "must be numbers"),
    ],
)
def test_boxes_that_are_none_are_refused(
    lower: object, upper: object, message: str
) -> None:
    network = Mlp.from_arrays([[[1.0]]])
    with pytest.raises(InputError, match=message):
        interval_bounds(network, lower, upper)  # type: ignore[arg-type]
