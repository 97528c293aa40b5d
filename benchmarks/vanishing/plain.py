"""The yardstick: OAVI with inverse Hessian boosting, term by term, written plainly.

For each border term b: one product of columns, one matrix-vector product A'b over all
rows, the Schur complement, and either a generator or an appended inverse. Columns are
written in place and never copied. This is the published method without the overheads
of its published code; what it still pays is one pass over A per border term.

Wirth, Kera, Pokutta (2023), arXiv:2207.01236, algorithms 1 and 3.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Term = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PlainIdeal:
    """Hold O and the generators.

    Parameters
    ----------
    terms, leading
        Exponents of O and of the leading terms, in term order.
    coefficients
        One vector for each generator, over the terms before its leading term.
    losses
        Mean squared errors.
    """

    terms: list[Term]
    leading: list[Term]
    coefficients: list[Floats]
    losses: list[float]

    def values(self, X: Floats) -> Floats:
        """Evaluate the generators, one column each."""
        known = {self.terms[0]: np.ones(len(X))}
        for term in [*self.terms[1:], *self.leading]:
            variable = next(i for i, power in enumerate(term) if power)
            known[term] = known[_divided(term, variable)] * X[:, variable]
        O = np.column_stack([known[term] for term in self.terms])  # noqa: E741
        columns = [
            known[term] + O[:, : len(y)] @ y
            for term, y in zip(self.leading, self.coefficients, strict=True)
        ]
        return np.column_stack(columns) if columns else np.empty((len(X), 0))


def plain_oavi(
    X: Floats, psi: float, capacity: int, max_degree: int = 10
) -> PlainIdeal:
    """Fit, with room for ``capacity`` terms in O.

    Parameters
    ----------
    X
        Points in the unit cube.
    psi
        Largest mean squared error that vanishes.
    capacity
        Columns to set aside for O and the term at hand.
    max_degree
        Last degree to look at.
    """
    m, n = X.shape
    columns = np.asfortranarray(X)
    A = np.empty((m, capacity), order="F")
    A[:, 0] = 1.0
    inverse = np.array([[1.0 / m]])
    ideal = PlainIdeal([(0,) * n], [], [], [])
    previous = [0]
    for degree in range(1, max_degree + 1):
        joined = []
        for term, parent, variable in _border(ideal.terms, previous, n, degree):
            k = len(ideal.terms)
            b = A[:, k]
            np.multiply(A[:, parent], columns[:, variable], out=b)
            cross = A[:, :k].T @ b
            q = inverse @ cross
            sigma = b @ b - cross @ q
            if sigma <= psi * m:
                ideal.leading.append(term)
                ideal.coefficients.append(-q)
                ideal.losses.append(max(sigma, 0.0) / m)
                continue
            grown = np.empty((k + 1, k + 1))
            grown[:k, :k] = inverse + np.outer(q, q) / sigma
            grown[k, :k] = grown[:k, k] = -q / sigma
            grown[k, k] = 1.0 / sigma
            inverse = grown
            ideal.terms.append(term)
            joined.append(k)
        if not joined:
            break
        previous = joined
    return ideal


def _divided(term: Term, variable: int) -> Term:
    return (*term[:variable], term[variable] - 1, *term[variable + 1 :])


def _border(
    terms: list[Term], previous: list[int], n: int, degree: int
) -> list[tuple[Term, int, int]]:
    """List the border in term order, each term with a parent and a variable."""
    if degree == 1:
        units = [tuple(int(i == j) for i in range(n)) for j in range(n)]
        return [(unit, 0, j) for j, unit in enumerate(units)]
    place = {terms[i]: i for i in previous}
    linear = {term.index(1) for term in terms if sum(term) == 1}
    found: dict[Term, tuple[Term, int, int]] = {}
    for parent in place:
        for variable in linear:
            term = (*parent[:variable], parent[variable] + 1, *parent[variable + 1 :])
            if term not in found and all(
                _divided(term, i) in place for i in range(n) if term[i]
            ):
                found[term] = (term, place[parent], variable)
    return [found[term] for term in sorted(found, key=lambda term: term[::-1])]
