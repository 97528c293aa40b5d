import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.heuristics.frank_wolfe.active_set import ActiveSet

SEEDS = st.integers(0, 2**32 - 1)


def assert_consistent(active):
    assert active.weights.min() >= 0.0
    assert active.weights.sum() == pytest.approx(1.0, abs=1e-10)
    assert active.x == pytest.approx(active.weights @ active.atoms, abs=1e-9)
    assert len(np.unique(active.atoms, axis=0)) == len(active)
    assert len(set(active.keys.tolist())) == len(active)


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_any_sequence_of_steps_keeps_a_convex_combination(seed):
    """Atoms are drawn from few points, so that equal ones must be merged."""
    rng = np.random.default_rng(seed)
    points = rng.integers(0, 2, (12, 4)).astype(float)
    active = ActiveSet.from_vertex(points[0])
    for _ in range(40):
        kind = rng.integers(4)
        count = len(active)
        if kind == 0:
            active.step_towards(points[rng.integers(12)], rng.choice([0.1, 0.5, 1.0]))
        elif kind == 1 and count > 1:
            row = int(rng.integers(count))
            most = active.weights[row] / (1.0 - active.weights[row])
            active.step_away(row, most * rng.choice([0.3, 1.0]))
        elif kind == 2 and count > 1:
            giver, taker = rng.choice(count, 2, replace=False)
            share = float(active.weights[giver]) * rng.choice([0.3, 1.0])
            active.shift(int(giver), int(taker), share)
        elif kind == 3:
            active.renormalise()
        assert_consistent(active)


def test_equal_atoms_become_one():
    active = ActiveSet([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]], [1.0, 2.0, 1.0])
    assert len(active) == 2
    assert sorted(active.weights) == [0.5, 0.5]


def test_a_full_step_leaves_one_atom_and_returns_the_others():
    active = ActiveSet(np.eye(3), np.ones(3))
    dropped = active.step_towards(np.array([1.0, 1.0, 1.0]), 1.0)
    assert len(active) == 1
    assert sorted(atom.tolist() for atom in dropped) == np.eye(3)[::-1].tolist()


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_a_split_of_integral_atoms_leaves_both_sides_something(seed):
    rng = np.random.default_rng(seed)
    atoms = rng.integers(0, 4, (6, 3)).astype(float)
    active = ActiveSet(atoms, rng.random(6) + 0.1)
    value = float(active.x[1])
    if value == round(value):
        return
    left, right = active.split(1, value)
    assert left is not None
    assert right is not None
    assert len(left) + len(right) == len(active)
    assert left.atoms[:, 1].max() <= np.floor(value)
    assert right.atoms[:, 1].min() >= np.ceil(value)
    assert_consistent(left)
    assert_consistent(right)
    share = active.weights[active.atoms[:, 1] <= np.floor(value)].sum()
    assert share * left.x + (1 - share) * right.x == pytest.approx(active.x)


def test_atoms_strictly_between_are_on_neither_side():
    """Vertices of a linear relaxation may be fractional, and a side empty."""
    active = ActiveSet([[0.0, 0.5], [0.5, 0.0]], [0.5, 0.5])
    left, right = active.split(0, 0.25)
    assert left is not None
    assert left.atoms.tolist() == [[0.0, 0.5]]
    assert right is None


def test_only_atoms_within_a_box_are_kept():
    active = ActiveSet(np.eye(3), [1.0, 2.0, 1.0])
    kept = active.within(np.zeros(3), np.array([0.0, 1.0, 1.0]))
    assert kept is not None
    assert kept.x == pytest.approx([0.0, 2 / 3, 1 / 3])
    assert active.within(np.ones(3), np.ones(3)) is None


def test_a_copy_is_independent():
    active = ActiveSet(np.eye(2), np.ones(2))
    copy = active.copy()
    copy.step_towards(np.array([1.0, 0.0]), 1.0)
    assert active.x.tolist() == [0.5, 0.5]
    assert len(active) == 2


@pytest.mark.parametrize(
    ("atoms", "weights", "message"),
    [
        (np.eye(2), [1.0], "weights must have one entry an atom"),
        (np.eye(2), [1.0, -1.0], "weights must be finite, not negative"),
        (np.eye(2), [0.0, 0.0], "weights must be finite, not negative"),
        (np.eye(2), [np.nan, 1.0], "weights must be finite"),
        ([[np.inf]], [1.0], "atoms must be finite"),
        ([1.0], [1.0], "atoms must be a matrix"),
        (np.zeros((0, 2)), [], "weights must have one entry an atom"),
    ],
)
def test_bad_atoms_and_weights_are_named(atoms, weights, message):
    with pytest.raises(InputError, match=message):
        ActiveSet(atoms, weights)


@pytest.mark.parametrize("value", [1.0, np.nan, np.inf])
def test_a_split_needs_a_fractional_value(value):
    with pytest.raises(InputError, match="value must be fractional"):
        ActiveSet(np.eye(2), np.ones(2)).split(0, value)


def test_a_split_needs_a_coordinate():
    with pytest.raises(InputError, match=r"variable must be in 0..1, got 2"):
        ActiveSet(np.eye(2), np.ones(2)).split(2, 0.5)
