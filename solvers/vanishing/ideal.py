"""The fitted object: non-leading terms, generators, and their evaluation on points.

Generator j is  g_j = l_j t_j + sum_i C[i, j] o_i  with the leading term t_j a multiple
of some o_i by one variable, so all values follow from one product per term.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from boundwise.core.optional import require
from boundwise.heuristics.compiled import compiled
from boundwise.solvers.vanishing.scaling import Scaling
from boundwise.solvers.vanishing.sweep import BLAS_BYTES, fill_terms
from boundwise.solvers.vanishing.terms import Ints, term_name

Floats = npt.NDArray[np.float64]

#: Coefficients below this are left out when a polynomial is printed.
_PRINT_TOL = 5e-7


@compiled()
def _finish(
    values: Floats, T: Floats, first: int, leading: Floats, absolute: bool, out: Floats
) -> None:
    """Add the leading terms to the values of the rest, and take absolute values."""
    for r in range(values.shape[0]):
        for j in range(leading.shape[0]):
            value = values[r, j] + leading[j] * T[first + j, r]
            out[r, j] = abs(value) if absolute else value


@dataclass(frozen=True, slots=True)
class Ideal:
    """Hold the generators found for one set of points.

    Parameters
    ----------
    powers
        Exponents of the terms O over the variables, in term order.
    leading_powers
        Exponents of the leading terms.
    coefficients
        One column for each generator, over O.
    leading_coefficients
        Coefficient of each leading term (one, except for ABM and VCA).
    losses
        Mean squared error of each generator on the points of the fit.
    parents, variables
        Recipe of the terms and then the leading terms: each is the term
        ``parents[i]`` times a variable; entry 0 is the constant.
    """

    powers: Ints
    leading_powers: Ints
    coefficients: Floats
    leading_coefficients: Floats
    losses: Floats
    parents: Ints
    variables: Ints

    @property
    def n_generators(self) -> int:
        """Number of generators."""
        return len(self.losses)

    @property
    def degree(self) -> int:
        """Largest degree of a generator, 0 if there is none."""
        if not len(self.leading_powers):
            return 0
        return int(self.leading_powers.sum(axis=1).max())

    def values(
        self,
        X: Floats,
        scaling: Scaling,
        out: Floats,
        *,
        absolute: bool,
        chunk_size: int | None = None,
    ) -> None:
        """Evaluate the generators on rows.

        Parameters
        ----------
        X
            Rows, C-contiguous float64.
        scaling
            How columns become variables.
        out
            Receives one row of values for each row of ``X``.
        absolute
            Write absolute values.
        chunk_size
            Rows evaluated at a time; None lets the cache decide.
        """
        count, size = len(self.parents), len(self.powers)
        width = count + len(scaling.columns) + self.n_generators
        chunk = chunk_size or max(64, BLAS_BYTES // (8 * width))
        chunk = max(1, min(chunk, len(X)))
        T = np.empty((count, chunk))
        V = np.empty((len(scaling.columns), chunk))
        values = np.empty((chunk, self.n_generators))
        T[0] = 1.0
        arrays = scaling.arrays()
        for start in range(0, len(X), chunk):
            rows = min(chunk, len(X) - start)
            fill_terms(X, start, rows, *arrays, self.parents, self.variables, V, T)
            np.matmul(T[:size, :rows].T, self.coefficients, out=values[:rows])
            _finish(
                values[:rows],
                T,
                size,
                self.leading_coefficients,
                absolute,
                out[start : start + rows],
            )

    def to_text(self, names: list[str], limit: int | None = None) -> str:
        """Write the generators as polynomials, one a line."""
        lines = []
        shown = self.n_generators if limit is None else min(limit, self.n_generators)
        for j in range(shown):
            text = _signed(
                self.leading_coefficients[j], term_name(self.leading_powers[j], names)
            )
            for i in reversed(
                np.flatnonzero(abs(self.coefficients[:, j]) > _PRINT_TOL)
            ):
                text += _signed(
                    self.coefficients[i, j], term_name(self.powers[i], names)
                )
            text = text.removeprefix(" + ")
            lines.append(f"g{j} = {text}   (mse {self.losses[j]:.3g})")
        if shown < self.n_generators:
            lines.append(f"... and {self.n_generators - shown} more")
        return "\n".join(lines)

    def to_sympy(self, variables: list[Any]) -> list[Any]:
        """Return the generators as sympy expressions in the given variables."""
        sympy = require("sympy", extra="symbolic")

        def monomial(powers: Ints) -> Any:
            return sympy.Mul(
                *(x ** int(p) for x, p in zip(variables, powers, strict=True) if p)
            )

        terms = [monomial(powers) for powers in self.powers]
        expressions = []
        for j in range(self.n_generators):
            parts = [
                sympy.Float(self.coefficients[i, j]) * terms[i]
                for i in np.flatnonzero(self.coefficients[:, j])
            ]
            leading = monomial(self.leading_powers[j])
            if self.leading_coefficients[j] != 1.0:
                leading = sympy.Float(self.leading_coefficients[j]) * leading
            expressions.append(sympy.Add(leading, *parts))
        return expressions


def _signed(coefficient: float, term: str) -> str:
    sign = " - " if coefficient < 0 else " + "
    size = f"{abs(coefficient):.6g}"
    if term == "1":
        return sign + size
    return sign + (term if size == "1" else f"{size} {term}")
