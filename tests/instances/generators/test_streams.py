"""Streams of updates: what they promise, whoever plays against them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.instances.generators.adversary import (
    Adversary,
    delete_any,
    delete_best,
)
from boundwise.instances.generators.set_systems import (
    clustered_points,
    gaussian_kernel,
    heavy_tailed_sets,
)
from boundwise.instances.generators.streams import (
    Stream,
    delete_by_key,
    growing,
    random_updates,
    sliding_window,
)


def alive_history(stream):
    """Play a stream and return the numbers of alive elements."""
    alive, counts = set(), []
    for word, element in stream:
        if word == "insert":
            assert element not in alive
            alive.add(element)
        else:
            alive.remove(element)
        counts.append(len(alive))
    return counts


@given(st.integers(1, 40), st.integers(1, 60), st.integers(0, 5))
def test_a_window_never_holds_more_and_ends_empty(n, window, seed):
    stream = sliding_window(n, window, seed=seed)
    counts = alive_history(stream)
    assert len(counts) == 2 * n
    assert max(counts) == min(n, window)
    assert counts[-1] == 0
    # First in, first out.
    inserted = stream.elements[stream.is_insertion]
    np.testing.assert_array_equal(inserted, stream.elements[~stream.is_insertion])


@given(st.integers(1, 30), st.integers(1, 200), st.floats(0, 1), st.integers(0, 5))
def test_random_updates_fill_up_and_then_mix(n, length, fill, seed):
    stream = random_updates(n, length, fill=fill, seed=seed)
    counts = alive_history(stream)
    first = min(length, int(fill * n))
    assert counts[:first] == list(range(1, first + 1))
    assert len(counts) == length


def test_half_of_the_mixed_updates_are_deletions_of_all_elements():
    stream = random_updates(1000, 20_000, seed=3)
    deleted = stream.elements[~stream.is_insertion]
    assert abs(len(deleted) / 19_500 - 0.5) < 0.02
    assert len(np.unique(deleted)) > 990


def test_deletion_follows_the_keys():
    keys = np.array([3.0, 9.0, 9.0, 1.0, 5.0])
    stream = delete_by_key(keys, seed=4)
    assert alive_history(stream)[4] == 5
    order = stream.elements[5:]
    assert keys[order].tolist() == [9.0, 9.0, 5.0, 3.0, 1.0]
    firsts = {int(delete_by_key(keys, seed=s).elements[5]) for s in range(20)}
    assert firsts == {1, 2}


def test_a_growing_stream_inserts_everything():
    assert alive_history(growing(7, seed=1)) == list(range(1, 8))


@pytest.mark.parametrize("make", [sliding_window, random_updates, growing])
def test_a_seed_makes_the_stream(make):
    first, second, other = make(50, seed=1), make(50, seed=1), make(50, seed=2)
    np.testing.assert_array_equal(first.elements, second.elements)
    np.testing.assert_array_equal(first.is_insertion, second.is_insertion)
    assert (first.elements != other.elements).any()
    assert first.name == second.name != other.name
    with pytest.raises(ValueError, match="read-only"):
        first.elements[0] = 3


def test_the_alive_elements_are_known_at_any_time():
    stream = random_updates(20, 300, seed=0)
    alive = []
    for count, (word, element) in enumerate(stream, 1):
        if word == "insert":
            alive.append(element)
        else:
            alive.remove(element)
        assert stream.alive_after(count).tolist() == alive
    assert stream.alive_after(0).tolist() == []


@pytest.mark.parametrize(
    ("elements", "insertions", "message"),
    [
        ([0, 0], [True, True], "update 1: element 0 is inserted while alive"),
        ([1, 0], [True, False], "update 1: element 0 is deleted while dead"),
        ([1, 1, 1], [True, False, False], "update 2: element 1 is deleted"),
        ([5], [True], "elements must lie in 0 to 2"),
        ([0, 1], [True], "one shape"),
    ],
)
def test_impossible_updates_are_named(elements, insertions, message):
    with pytest.raises(InputError, match=message):
        Stream("s", 3, np.array(elements), np.array(insertions))


@pytest.mark.parametrize("bad", [0, -1, 2.5, True, "9"])
def test_sizes_must_be_counts(bad):
    for make in (sliding_window, random_updates, growing):
        with pytest.raises(InputError, match="n_elements"):
            make(bad)


@pytest.mark.parametrize("keys", [[], [1.0, np.nan], [[1.0]]])
def test_keys_must_be_finite_numbers(keys):
    with pytest.raises(InputError, match="keys must be finite"):
        delete_by_key(keys)


class TopTwo:
    """An algorithm that keeps the two largest alive elements."""

    def __init__(self):
        self.alive = set()

    def solution(self):
        return sorted(self.alive)[-2:]

    def apply(self, word, element):
        getattr(self.alive, "add" if word == "insert" else "remove")(element)


@pytest.mark.parametrize("rest", [True, False])
def test_the_adversary_deletes_what_is_in_the_solution(rest):
    player = TopTwo()
    hits = 0
    for word, element in Adversary(12, 200, seed=3, rest=rest).play(player.solution):
        if word == "delete":
            assert element in player.solution()
            hits += 1
        player.apply(word, element)
    assert hits == (200 - 6) // 2


def test_a_policy_may_take_the_best_element():
    player = TopTwo()
    keys = -np.arange(12.0)
    for word, element in Adversary(12, 60, delete_best(keys)).play(player.solution):
        if word == "delete":
            assert element == min(player.solution())
        player.apply(word, element)


def test_a_policy_that_cheats_is_told():
    game = Adversary(6, 20, lambda solution, rng: 77)
    player = TopTwo()

    def play():
        for word, element in game.play(player.solution):
            player.apply(word, element)

    with pytest.raises(InputError, match="policy chose 77"):
        play()
    assert delete_any([4], np.random.default_rng(0)) == 4


def test_an_algorithm_without_a_solution_meets_insertions_only():
    words = [word for word, _ in Adversary(5, 40).play(lambda: [])]
    assert words == ["insert"] * 5


def test_set_systems_have_a_heavy_tail_and_popular_items():
    A = heavy_tailed_sets(4000, 3000, seed=2)
    sizes = np.diff(A.indptr)
    assert A.shape == (4000, 3000)
    assert sizes.min() >= 1
    assert set(A.data) == {1.0}
    # P(size > 30) = 0.1^1.5 = 0.032, a little less after merging.
    assert 0.02 < (sizes > 30).mean() < 0.035
    popularity = np.bincount(A.indices, minlength=3000)
    assert popularity[:30].sum() > 5 * popularity[-30:].sum()
    again = heavy_tailed_sets(4000, 3000, seed=2)
    np.testing.assert_array_equal(A.indices, again.indices)


def test_kernels_are_symmetric_and_positive_definite():
    points = clustered_points(60, 4, 5, seed=1)
    K = gaussian_kernel(points)
    np.testing.assert_array_equal(K, K.T)
    assert np.diag(K).tolist() == [1.0] * 60
    assert K.min() > 0
    assert K.max() <= 1.0
    assert np.linalg.eigvalsh(K).min() > -1e-9
    wanted = np.exp(-((points[3] - points[7]) ** 2).sum() / 0.5)
    assert K[3, 7] == pytest.approx(wanted, rel=1e-9)
