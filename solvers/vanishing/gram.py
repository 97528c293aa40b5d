"""What a fit asks of the data: Gram blocks of monomials, wherever the data lie.

A `Plan` says which monomials to evaluate and which inner products to add up; a
`GramSource` carries it out over rows in memory, in files, on a cluster, or from moments
accumulated before. Gram blocks add up over chunks, workers, classes and folds.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from boundwise.core.errors import InputError
from boundwise.solvers.vanishing.scaling import Scaling
from boundwise.solvers.vanishing.sweep import gram_of_rows
from boundwise.solvers.vanishing.terms import Ints

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Layer:
    """Hold the monomials of one degree, in term order.

    Parameters
    ----------
    words
        One word a row (see `boundwise.solvers.vanishing.terms`).
    parents
        Index, in the plan's term list, of the monomial each is a multiple of.
    variables
        The variable that multiplies the parent.
    """

    words: Ints
    parents: Ints
    variables: Ints

    def __len__(self) -> int:
        return len(self.words)

    def take(self, rows: Ints) -> "Layer":
        """Keep some of the monomials."""
        return Layer(self.words[rows], self.parents[rows], self.variables[rows])


@dataclass(frozen=True, slots=True)
class Plan:
    """Say which monomials to evaluate and which products to add up.

    The terms are those of O, layer by layer, and then the border. The left-hand
    terms of the products are ``rows``, the right-hand ones the whole border.

    Parameters
    ----------
    layers
        The layers of O, degree 1 first (the constant is implied), the border last.
    rows
        Indices of the left-hand terms among all terms, ascending.
    squares
        Whether to add up the squares of the border as well.
    symmetric
        Whether ``rows`` ends with the whole border.
    block
        Indices of border terms whose products with each other are added up as well.
    """

    layers: tuple[Layer, ...]
    rows: Ints
    squares: bool = False
    symmetric: bool = False
    block: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @property
    def first(self) -> int:
        """Index of the first term of the border."""
        return 1 + sum(len(layer) for layer in self.layers[:-1])

    def recipe(self) -> tuple[Ints, Ints]:
        """Return the parent and the variable of every term, the constant first."""
        zero = np.zeros(1, dtype=np.int64)
        parents = np.concatenate([zero, *(layer.parents for layer in self.layers)])
        variables = np.concatenate([zero, *(layer.variables for layer in self.layers)])
        return parents, variables

    def run(self, X: Floats, scaling: Scaling, chunk_size: int | None) -> "Gram":
        """Add up the products over the rows of one block."""
        parents, variables = self.recipe()
        products, squares, block = gram_of_rows(
            X,
            scaling.arrays(),
            parents,
            variables,
            self.first,
            self.rows,
            self.block,
            symmetric=self.symmetric,
            squares=self.squares,
            chunk_size=chunk_size,
        )
        return Gram(products, squares, len(X), block)


@dataclass(frozen=True, slots=True)
class Gram:
    """Hold the inner products that a plan asked for.

    Parameters
    ----------
    products
        Left-hand by right-hand terms.
    squares
        Sums of squares of the right-hand terms (zeros if not asked for).
    n_rows
        Number of data rows that went in.
    block
        Products of the plan's block.
    """

    products: Floats
    squares: Floats
    n_rows: int
    block: Floats = field(default_factory=lambda: np.zeros((0, 0)))

    @staticmethod
    def total(parts: Iterable["Gram"]) -> "Gram":
        """Add up the Gram blocks of disjoint sets of rows."""
        total: Gram | None = None
        owned = False
        for part in parts:
            if total is None:
                total = part
                continue
            if not owned:
                total = Gram(
                    total.products.copy(),
                    total.squares.copy(),
                    total.n_rows,
                    total.block.copy(),
                )
                owned = True
            total.products.__iadd__(part.products)
            total.squares.__iadd__(part.squares)
            total.block.__iadd__(part.block)
            total = replace(total, n_rows=total.n_rows + part.n_rows)
        if total is None:
            raise InputError("there are no rows to sum over.")
        if not np.isfinite(total.products).all():
            raise InputError(
                "sums of products of X exceed double precision; scale the data."
            )
        return total


class Sweep(Protocol):
    """Say what to add up over the rows."""

    def run(self, X: Floats, scaling: Scaling, chunk_size: int | None) -> Gram:
        """Add it up over the rows of one block, C-contiguous float64."""
        ...


class GramSource(Protocol):
    """Answer plans over some set of rows of already scaled data."""

    @property
    def n_variables(self) -> int:
        """Number of variables of the monomials."""
        ...

    def gram(self, plan: Sweep) -> Gram:
        """Add up what a plan asks for over all rows."""
        ...
