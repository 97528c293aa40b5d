"""Forward pass, gradient, folding and validation of networks."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.heuristics.networks import Layer, Mlp


def test_forward_pass_equals_a_hand_computed_value() -> None:
    network = Mlp.from_arrays(
        [[[1.0, -2.0], [0.5, 1.0]], [[2.0, -1.0]]], [[0.5, -1.0], [3.0]]
    )
    # z = (1 - 2*1 + .5, .5 + 1 - 1) = (-.5, .5); 2*0 - .5 + 3
    assert network.forward([[1.0, 1.0]]).item() == pytest.approx(2.5)


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_gradient_equals_difference_quotients(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_network(rng, (3, 6, 5, 2))
    point = rng.normal(size=(1, 3))
    step = 1e-6 * rng.normal(size=(1, 3))
    slope = network.gradient(point, output=1)
    change = network.forward(point + step)[0, 1] - network.forward(point - step)[0, 1]
    if np.array_equal(
        network.gradient(point + step, 1), network.gradient(point - step, 1)
    ):
        assert (slope * 2 * step).sum() == pytest.approx(change, rel=1e-5, abs=1e-12)


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_folding_keeps_the_function(seed: int) -> None:
    rng = np.random.default_rng(seed)
    layers = [
        Layer(rng.normal(size=(b, a)), rng.normal(size=b), relu=bool(rng.integers(2)))
        for a, b in ((3, 4), (4, 5), (5, 3), (3, 2))
    ]
    network = Mlp(tuple(layers))
    folded = network.folded()
    assert len(folded.layers) <= 1 + sum(layer.relu for layer in layers)
    points = rng.normal(size=(10, 3))
    np.testing.assert_allclose(folded.forward(points), network.forward(points))


def test_a_layer_without_bias_equals_one_with_bias_zero() -> None:
    weights = [[[1.0], [-1.0]], [[1.0, 2.0]]]
    without = Mlp.from_arrays(weights)
    zero = Mlp.from_arrays(weights, [[0.0, 0.0], None])
    points = [[-1.0], [3.0]]
    np.testing.assert_array_equal(without.forward(points), zero.forward(points))
    assert without.forward(points).ravel().tolist() == [2.0, 3.0]


@pytest.mark.parametrize(
    ("weights", "biases", "message"),
    [
        ([[[np.nan]]], None, r"weights\[0\] must be finite"),
        ([[[1.0]]], [[np.inf]], r"biases\[0\] must be finite"),
        ([[[1.0]], [[1.0, 2.0]]], None, r"layers\[1\] takes 2 inputs"),
        ([], None, "at least one layer"),
        ([[1.0]], None, "2 dimensions"),
        ([["a"]], None, "array of numbers"),
        ([[[1.0]]], [], "one entry for each"),
        ([[[1.0]]], [[1.0, 2.0]], "bias length"),
        ([np.empty((0, 3))], None, "shape"),
    ],
)
def test_arrays_that_are_no_network_are_refused(
    weights: list[object], biases: list[object] | None, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        Mlp.from_arrays(weights, biases)  # type: ignore[arg-type]


def test_points_that_do_not_fit_are_refused() -> None:
    network = Mlp.from_arrays([[[1.0, 1.0]]])
    with pytest.raises(InputError, match="2 columns"):
        network.forward([[1.0]])
    with pytest.raises(InputError, match="finite"):
        network.forward([[1.0, np.nan]])
    with pytest.raises(InputError, match="output must be below 1"):
        network.gradient([[1.0, 1.0]], output=1)


def random_network(rng: np.random.Generator, sizes: tuple[int, ...]) -> Mlp:
    """Return a random network with these layer sizes."""
    pairs = list(itertools.pairwise(sizes))
    return Mlp.from_arrays(
        [rng.normal(size=(b, a)) for a, b in pairs],
        [rng.normal(size=b) for _, b in pairs],
    )
