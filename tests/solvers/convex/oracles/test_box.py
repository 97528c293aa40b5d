import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.heuristics.frank_wolfe.protocols import FeasibleSet, InFaceSet
from boundwise.solvers.convex.oracles.box import Box, Cube

SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS)
@settings(max_examples=30, deadline=None)
def test_a_box_agrees_with_a_solver(agrees, seed):
    rng = np.random.default_rng(seed)
    lower = rng.integers(-3, 1, 5).astype(float)
    box = Box(lower, lower + rng.integers(0, 4, 5), integers=[0, 3])
    agrees(box, np.zeros((1, 5)), [0.0], [0.0], rng)


def test_an_empty_box_has_no_vertex():
    box = Box([0.0], [1.0])
    assert box.extreme_point(np.ones(1), np.ones(1), np.zeros(1)) is None


def test_the_cube_is_integral_and_knows_its_faces():
    cube = Cube(3)
    assert cube.integers.tolist() == [0, 1, 2]
    assert isinstance(cube, InFaceSet)
    assert isinstance(cube, FeasibleSet)
    x = np.array([0.0, 0.5, 1.0])
    corner = cube.in_face_extreme_point(-np.ones(3), x, cube.lower, cube.upper)
    assert corner.tolist() == [0.0, 1.0, 1.0]
    step = cube.max_step(x, np.array([0.0, 0.25, -0.25]), cube.lower, cube.upper)
    assert step == pytest.approx(2.0)


def test_integer_bounds_are_rounded_inwards():
    box = Box([-0.5, -0.5], [1.5, 1.5], integers=[1])
    assert box.lower.tolist() == [-0.5, 0.0]
    assert box.upper.tolist() == [1.5, 1.0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0.0], [np.inf]), "upper must be finite"),
        (([0.0, 0.0], [1.0]), "upper must have 2 entries"),
        (([1.0], [0.0]), "lower must not exceed upper"),
        (([0.2], [0.8], [0]), "lower must not exceed upper"),
        (([0.0], [1.0], [1]), "integers must lie in 0..0"),
        (([0.0, 0.0], [1.0, 1.0], [0, 0]), "integers must be distinct"),
        (([0.0], [1.0], [0.5]), "integers must be indices"),
        (("ab", [1.0]), "lower must be a vector"),
        (([[0.0]], [1.0]), "lower must be a vector"),
    ],
)
def test_a_bad_argument_is_named(arguments, message):
    with pytest.raises(InputError, match=message):
        Box(*arguments)
