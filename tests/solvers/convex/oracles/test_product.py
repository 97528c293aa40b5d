import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.heuristics.frank_wolfe.protocols import InFaceSet
from boundwise.solvers.convex.oracles.box import Cube
from boundwise.solvers.convex.oracles.cardinality import Cardinality
from boundwise.solvers.convex.oracles.product import FacedProduct, Product
from boundwise.solvers.convex.oracles.simplex import Hypersimplex, UnitSimplex


def test_blocks_are_minimised_on_their_own():
    both = Product([UnitSimplex(2), Cardinality([-1], [1], 1), Cube(1)])
    assert both.integers.tolist() == [3, 4]
    vertex = both.extreme_point(
        np.array([1.0, -2.0, 3.0, 1.0, -1.0]), both.lower, both.upper
    )
    assert vertex.tolist() == [0.0, 1.0, -1.0, 1.0, 1.0]


def test_one_empty_block_makes_the_product_empty():
    both = Product([Cube(1), Hypersimplex(2, 1)])
    lower = np.array([0.0, 1.0, 1.0])
    assert both.extreme_point(np.zeros(3), lower, both.upper) is None


def test_a_product_knows_faces_only_if_all_its_parts_do():
    with pytest.raises(InputError, match="in_face_extreme_point"):
        FacedProduct([Cube(1), Cardinality([-1], [1], 1)])
    both = FacedProduct([Cube(1), Hypersimplex(3, 1)])
    assert isinstance(both, InFaceSet)
    x = np.array([0.5, 0.5, 0.5, 0.0])
    worst = both.in_face_extreme_point(
        np.array([1.0, 1.0, 2.0, -9.0]), x, both.lower, both.upper
    )
    assert worst.tolist() == [0.0, 1.0, 0.0, 0.0]
    assert both.max_step(x, worst - x, both.lower, both.upper) == pytest.approx(1.0)


@pytest.mark.parametrize("parts", [[], [3]])
def test_bad_parts_are_named(parts):
    with pytest.raises(InputError, match="parts must"):
        Product(parts)
