"""Vanishing component analysis, as a comparison: polynomials by projection, no terms.

    F_0 = {1/sqrt(m)};  candidates of degree d: products of F_1 and F_{d-1}, minus their
    projection on F; eigenvectors of the candidates' Gram matrix with a mean squared
    error of at most psi vanish, the others are scaled to norm one and join F.

Polynomials are kept as coefficients of monomials, so this, too, sees the data through
Gram matrices only. The members of F have norm one *over all rows*, so products shrink
like 1/m and much of degree two vanishes for that reason alone: numbers of generators do
not compare with those of OAVI at the same psi.

Livni, Lehavi, Schein, Nachlieli, Shalev-Shwartz, Globerson (2013), "Vanishing Component
Analysis", ICML.
"""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigh

from boundwise.core.errors import InputError
from boundwise.solvers.vanishing.gram import Gram, Plan
from boundwise.solvers.vanishing.ideal import Ideal
from boundwise.solvers.vanishing.monomials import MOST_MONOMIALS, MonomialBasis
from boundwise.solvers.vanishing.terms import exponents, n_monomials

Floats = npt.NDArray[np.float64]

#: A coefficient below this share of the largest does not lead a polynomial.
_LEADING_TOL = 1e-10
#: A polynomial with coefficients below this share of the candidates' is zero.
_ZERO_TOL = 1e-12


@dataclass(frozen=True, slots=True)
class ComponentGrowth:
    """Grow vanishing components.

    Parameters
    ----------
    psi
        Largest mean squared error that vanishes.
    n_variables
        Number of variables.
    max_degree
        Last degree to look at.
    parts
        Indices of the Gram sources whose rows this is fitted to.
    """

    psi: float
    n_variables: int
    max_degree: int
    parts: tuple[int, ...] = (0,)

    def run(self) -> Generator[Plan, Gram, Ideal]:
        """Talk to the data until nothing joins F; return the vanishing components."""
        n = self.n_variables
        H = np.zeros((1, 1))
        vanishing: list[Floats] = []
        losses: list[Floats] = []
        F = linear = last = np.zeros((1, 0))
        for degree in range(1, self.max_degree + 1):
            self._guard(degree)
            basis = MonomialBasis(n, degree)
            size = len(H)
            gram = yield Plan(basis.layers, np.arange(basis.size), symmetric=True)
            grown = np.zeros((basis.size, basis.size))
            grown[:size, :size] = H
            grown[:, size:] = gram.products
            grown[size:, :size] = gram.products[:size].T
            H = grown
            if degree == 1:
                H[0, 0] = gram.n_rows
                F = np.zeros((basis.size, 1))
                F[0, 0] = 1.0 / np.sqrt(gram.n_rows)
                candidates = np.eye(basis.size)[:, 1:]
            else:
                F = _padded(F, basis.size)
                candidates = _products(basis, linear, last)
            # Twice, for orthogonality to working precision.
            for _ in range(2):
                candidates = candidates - F @ (F.T @ (H @ candidates))
            values, vectors = eigh(candidates.T @ H @ candidates)
            polynomials = candidates @ vectors
            errors = np.maximum(values, 0.0) / gram.n_rows
            small = errors <= self.psi
            # Products that depend on each other leave the zero polynomial.
            size_of = np.abs(polynomials).max(axis=0, initial=0.0)
            kept = small & (size_of > _ZERO_TOL * np.abs(candidates).max(initial=0.0))
            vanishing.append(polynomials[:, kept])
            losses.append(errors[kept])
            last = polynomials[:, ~small] / np.sqrt(values[~small])
            F = np.concatenate([F, last], axis=1)
            if degree == 1:
                linear = last
            if not last.shape[1]:
                break
        coefficients = [_padded(block, basis.size) for block in vanishing]
        return _as_ideal(
            basis, np.concatenate(coefficients, axis=1), np.concatenate(losses)
        )

    def _guard(self, degree: int) -> None:
        count = n_monomials(self.n_variables, degree)
        if count > MOST_MONOMIALS:
            raise InputError(
                f"oracle 'vca' needs all {count} monomials of degree {degree} in "
                f"{self.n_variables} features, more than {MOST_MONOMIALS}; set "
                f"max_degree={degree - 1} or raise psi."
            )


def _padded(block: Floats, size: int) -> Floats:
    return np.pad(block, ((0, size - len(block)), (0, 0)))


def _products(basis: MonomialBasis, linear: Floats, last: Floats) -> Floats:
    """Multiply each linear polynomial with each of the last degree."""
    out = np.zeros((basis.size, linear.shape[1], last.shape[1]))
    low = len(last)
    out[:low] += linear[0][None, :, None] * last[:, None, :]
    for variable in range(basis.n_variables):
        target = basis.products(variable, basis.degree - 1)
        out[target] += linear[1 + variable][None, :, None] * last[:, None, :]
    return out.reshape(basis.size, -1)


def _as_ideal(basis: MonomialBasis, polynomials: Floats, losses: Floats) -> Ideal:
    """Split off the leading coefficients, made positive."""
    powers = np.concatenate(
        [np.zeros((1, basis.n_variables), dtype=np.int64)]
        + [exponents(layer.words, basis.n_variables) for layer in basis.layers]
    )
    zero = np.zeros(1, dtype=np.int64)
    parents = np.concatenate([zero, *(layer.parents for layer in basis.layers)])
    variables = np.concatenate([zero, *(layer.variables for layer in basis.layers)])
    size = np.abs(polynomials)
    big = size > _LEADING_TOL * size.max(axis=0, initial=0.0)
    leading = basis.size - 1 - np.argmax(big[::-1], axis=0)
    columns = np.arange(polynomials.shape[1])
    polynomials = polynomials * np.sign(polynomials[leading, columns])
    heads = polynomials[leading, columns]
    polynomials[leading, columns] = 0.0
    return Ideal(
        powers=powers,
        leading_powers=powers[leading],
        coefficients=np.ascontiguousarray(polynomials),
        leading_coefficients=heads,
        losses=losses,
        parents=np.concatenate([parents, parents[leading]]),
        variables=np.concatenate([variables, variables[leading]]),
    )
