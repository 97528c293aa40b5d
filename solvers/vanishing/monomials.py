"""All monomials up to a degree: their order, products, and Gram matrix as a sum.

The Gram matrix of all monomials up to degree D answers every question of a fit up to
that degree, and it adds up: over chunks (``partial_fit``), workers and folds. If the
bounds of the columns widen, it follows by a change of variables: with
x_new = a*x_old + c per column, H_new = S H_old S^T, where row t of S holds monomial t
of the new variables expanded in the old ones. All entries of S lie in [0, 1], so this
loses no accuracy.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import comb

from boundwise.core.errors import InputError
from boundwise.solvers.vanishing.gram import Gram, Layer, Plan, Sweep
from boundwise.solvers.vanishing.local import LocalGram
from boundwise.solvers.vanishing.rows import RowSource
from boundwise.solvers.vanishing.scaling import Scaling
from boundwise.solvers.vanishing.terms import Ints, all_words, n_monomials

Floats = npt.NDArray[np.float64]

#: Largest number of monomials whose Gram matrix is kept.
MOST_MONOMIALS = 3_000


class MonomialBasis:
    """Number the monomials up to a degree, in term order.

    Parameters
    ----------
    n_variables, degree
        Which monomials.
    """

    def __init__(self, n_variables: int, degree: int) -> None:
        self.n_variables = n_variables
        self.degree = degree
        self.size = n_monomials(n_variables, degree)
        #: Index of the first monomial of each degree, and the size.
        self.starts = np.array(
            [0] + [n_monomials(n_variables, d) for d in range(degree + 1)]
        )
        self.layers = tuple(
            Layer(words, parents + self.starts[d], variables)
            for d, (words, parents, variables) in enumerate(
                all_words(n_variables, degree)
            )
        )

    def index(self, words: Ints) -> Ints:
        """Return the numbers of monomials of one degree, given as words."""
        degree = words.shape[1]
        number = np.full(len(words), self.starts[degree])
        for i in range(degree):
            left = degree - i
            number += comb(words[:, i] + left - 1, left).astype(np.int64)
        return number

    def products(self, variable: int, degree: int) -> Ints:
        """Return the numbers of the variable times each monomial up to a degree."""
        numbers = [np.array([1 + variable])]
        for layer in self.layers[:degree]:
            letters = np.full((len(layer), 1), variable)
            words = np.sort(np.concatenate([layer.words, letters], axis=1))
            numbers.append(self.index(words[:, ::-1]))
        return np.concatenate(numbers)

    def substitution(self, slope: Floats, offset: Floats) -> Floats:
        """Expand monomials of ``slope * x + offset`` in monomials of x, one a row."""
        S = np.zeros((self.size, self.size))
        S[0, 0] = 1.0
        tables = [self.products(v, self.degree - 1) for v in range(self.n_variables)]
        for depth, layer in enumerate(self.layers):
            known = self.starts[depth + 1]
            rows = np.arange(known, known + len(layer))
            for variable in range(self.n_variables):
                mine = layer.variables == variable
                base = S[layer.parents[mine], :known]
                S[rows[mine], :known] = offset[variable] * base
                target = tables[variable][:known]
                S[np.ix_(rows[mine], target)] += slope[variable] * base
        return S


@dataclass(slots=True)
class MonomialGram:
    """Add up the Gram matrix of all monomials up to a degree.

    Parameters
    ----------
    basis
        The monomials.
    """

    basis: MonomialBasis
    n_rows: int = 0
    matrix: Floats = field(init=False)

    def __post_init__(self) -> None:
        """Start from no rows."""
        self.matrix = np.zeros((self.basis.size, self.basis.size))

    @staticmethod
    def check_size(n_variables: int, degree: int) -> None:
        """Raise InputError if there are too many monomials."""
        count = n_monomials(n_variables, degree)
        if count > MOST_MONOMIALS:
            raise InputError(
                f"max_degree={degree} gives {count} monomials of {n_variables} "
                f"features; partial_fit keeps at most {MOST_MONOMIALS}: set a smaller "
                "max_degree."
            )

    @property
    def n_variables(self) -> int:
        """Number of variables."""
        return self.basis.n_variables

    def add(
        self,
        rows: RowSource,
        scaling: Scaling,
        *,
        n_threads: int,
        chunk_size: int | None,
    ) -> None:
        """Add rows."""
        layers = self.basis.layers
        nothing = np.zeros((0, 0), dtype=np.int64)
        everything = Layer(
            nothing,
            np.concatenate([layer.parents for layer in layers]),
            np.concatenate([layer.variables for layer in layers]),
        )
        # One layer of mixed degree: only the recipe matters here.
        plan = Plan((everything,), np.arange(self.basis.size), symmetric=True)
        source = LocalGram(rows, scaling, n_threads=n_threads, chunk_size=chunk_size)
        gram = source.gram(plan)
        self.n_rows += gram.n_rows
        self.matrix[:, 1:] += gram.products
        self.matrix[1:, 0] = self.matrix[0, 1:]
        self.matrix[0, 0] = self.n_rows

    def substitute(self, slope: Floats, offset: Floats) -> None:
        """Replace every variable x by ``slope * x + offset``."""
        S = self.basis.substitution(slope, offset)
        self.matrix = S @ self.matrix @ S.T

    def gram(self, plan: Sweep) -> Gram:
        """Answer a plan from the sums."""
        return ReorderedGram(self, np.arange(self.n_variables)).gram(plan)


@dataclass(frozen=True, slots=True)
class ReorderedGram:
    """Answer plans from sums whose variables are in another order.

    Parameters
    ----------
    sums
        The sums.
    columns
        Variable of the sums that each variable of a plan stands for.
    """

    sums: MonomialGram
    columns: Ints

    @property
    def n_variables(self) -> int:
        """Number of variables."""
        return len(self.columns)

    def gram(self, plan: Sweep) -> Gram:
        """Answer a plan from the sums."""
        assert isinstance(plan, Plan)
        places = [np.zeros(1, dtype=np.int64)]
        for layer in plan.layers:
            words = np.sort(self.columns[layer.words], axis=1)[:, ::-1]
            places.append(self.sums.basis.index(words))
        at = np.concatenate(places)
        right = at[plan.first :]
        matrix = self.sums.matrix
        products = np.asfortranarray(matrix[np.ix_(at[plan.rows], right)])
        return Gram(products, matrix[right, right], self.sums.n_rows)
