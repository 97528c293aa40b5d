"""Words, borders and names of monomials."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundwise.solvers.vanishing.monomials import MonomialBasis
from boundwise.solvers.vanishing.packed import all_keys, packed_border, unpack
from boundwise.solvers.vanishing.terms import (
    all_words,
    border,
    degree_bound,
    exponents,
    n_monomials,
    term_name,
)


def test_the_term_order_is_deglex_with_the_last_variable_first():
    words, _, _ = all_words(3, 2)[1]
    names = [term_name(p, ["x1", "x2", "x3"]) for p in exponents(words, 3)]
    assert names == ["x1^2", "x1 x2", "x2^2", "x1 x3", "x2 x3", "x3^2"]


@given(st.integers(1, 5), st.integers(1, 5))
def test_full_borders_list_every_monomial_once(n, degree):
    layers = all_words(n, degree)
    assert 1 + sum(len(words) for words, _, _ in layers) == n_monomials(n, degree)
    for words, _, _ in layers:
        assert len(np.unique(words, axis=0)) == len(words)


@given(st.data())
def test_the_border_is_what_all_divisors_allow_in_order_and_without_duplicates(data):
    n = data.draw(st.integers(1, 4))
    kept = [()]
    layer = [(i,) for i in range(n) if data.draw(st.booleans())]
    variables = np.array([w[0] for w in layer], dtype=np.int64)
    for degree in range(2, 5):
        if not layer:
            break
        words = np.array(sorted(layer), dtype=np.int64)
        got, parents, by = border(words, variables)
        inside = set(map(tuple, words.tolist()))
        want = [
            word
            for word in sorted(
                tuple(sorted(letters, reverse=True))
                for letters in itertools.combinations_with_replacement(range(n), degree)
            )
            if all(word[:i] + word[i + 1 :] in inside for i in range(degree))
        ]
        assert list(map(tuple, got.tolist())) == want
        for word, parent, variable in zip(got, parents, by, strict=True):
            assert word.tolist() == [variable, *words[parent]]
        kept += layer
        layer = [word for word in want if data.draw(st.booleans())]


@given(st.data())
def test_packed_borders_equal_borders_of_words(data):
    n = data.draw(st.integers(1, 5))
    chosen = [i for i in range(n) if data.draw(st.booleans())] or [0]
    variables = np.array(chosen, dtype=np.int64)
    words, keys = variables[:, None], 1 << (8 * variables)
    for _ in range(3):
        words, up, by = border(words, variables)
        keys, packed_up, packed_by = packed_border(keys, variables, 5)
        np.testing.assert_array_equal(unpack(keys, n), exponents(words, n))
        np.testing.assert_array_equal(packed_up, up + 5)
        np.testing.assert_array_equal(packed_by, by)
        keep = np.array([data.draw(st.booleans()) for _ in keys], dtype=bool)
        words, keys = words[keep], keys[keep]
        if not len(keys):
            break


@given(st.integers(1, 5), st.integers(1, 4))
def test_keys_are_in_term_order_and_their_recipe_makes_them(n, degree):
    keys, parents, variables = all_keys(n, degree)
    powers = unpack(keys, n)
    assert len(keys) == n_monomials(n, degree)
    rank = [(sum(p), *p[::-1]) for p in powers.tolist()]
    assert rank == sorted(rank)
    made = powers[parents].copy()
    made[np.arange(len(keys)), variables] += 1
    np.testing.assert_array_equal(made[1:], powers[1:])


@given(st.integers(1, 4), st.integers(1, 4))
def test_a_basis_numbers_and_multiplies_its_monomials(n, degree):
    basis = MonomialBasis(n, degree)
    powers = np.concatenate(
        [np.zeros((1, n), int)] + [exponents(layer.words, n) for layer in basis.layers]
    )
    for d, layer in enumerate(basis.layers, start=1):
        start = basis.starts[d]
        np.testing.assert_array_equal(
            basis.index(layer.words), np.arange(start, start + len(layer))
        )
    for variable in range(n):
        times = basis.products(variable, degree - 1)
        want = powers[: len(times)].copy()
        want[:, variable] += 1
        np.testing.assert_array_equal(powers[times], want)


def test_substitution_expands_monomials():
    basis = MonomialBasis(3, 3)
    powers = np.concatenate(
        [np.zeros((1, 3), int)] + [exponents(layer.words, 3) for layer in basis.layers]
    )
    rng = np.random.default_rng(0)
    slope, offset = rng.uniform(size=3), rng.uniform(size=3)
    x = rng.uniform(size=(20, 3))
    old = np.prod(x[:, None] ** powers[None], axis=2)
    new = np.prod((slope * x + offset)[:, None] ** powers[None], axis=2)
    np.testing.assert_allclose(old @ basis.substitution(slope, offset).T, new)


def test_the_degree_bound_holds_for_the_polynomial_that_proves_it():
    for psi in (0.5, 0.1, 0.005, 1e-4, 1e-8):
        degree = degree_bound(psi)
        assert 4.0**-degree <= psi
        assert degree == 1 or 4.0 ** -(degree - 1) > psi


@pytest.mark.parametrize(
    ("powers", "name"), [((0, 0), "1"), ((1, 0), "a"), ((2, 3), "a^2 b^3")]
)
def test_names_of_terms(powers, name):
    assert term_name(np.array(powers), ["a", "b"]) == name
