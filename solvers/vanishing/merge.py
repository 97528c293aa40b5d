"""Merge plans of one degree into one, and cut the answer apart again."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from boundwise.solvers.vanishing.gram import Gram, Layer, Plan

if TYPE_CHECKING:
    from boundwise.solvers.vanishing.terms import Ints


class MergedPlan:
    """Ask once for what several plans of the same degree ask for.

    Parameters
    ----------
    plans
        Plans with the same number of layers.
    """

    def __init__(self, plans: Sequence[Plan]) -> None:
        self._plans = plans
        # For each plan, the merged index of each of its terms; the constant first.
        self._places: list[Ints] = [np.zeros(1, dtype=np.int64) for _ in plans]
        layers: list[Layer] = []
        offset = 1
        for depth in range(len(plans[0].layers)):
            layer = self._merge_layer(depth, offset)
            layers.append(layer)
            offset += len(layer)
        first = offset - len(layers[-1])
        # Beside plans that leave out the products within the border, those of a
        # symmetric plan, whose border may be far smaller, are added up apart.
        symmetric = all(plan.symmetric for plan in plans)
        self._apart = [plan.symmetric and not symmetric for plan in plans]
        rows, block = [], [np.zeros(0, dtype=np.int64)]
        for plan, places, apart in zip(plans, self._places, self._apart, strict=True):
            rows.append(places[_left(plan) if apart else plan.rows])
            if apart:
                block.append(places[plan.first :])
        self.plan = Plan(
            tuple(layers),
            np.unique(np.concatenate(rows)),
            squares=any(plan.squares for plan in plans),
            symmetric=symmetric,
            block=np.unique(np.concatenate(block)),
        )
        self._first = first

    def _merge_layer(self, depth: int, offset: int) -> Layer:
        parts = [plan.layers[depth] for plan in self._plans]
        # Sorting words is sorting by term order.
        words, places = np.unique(
            np.concatenate([part.words for part in parts]), axis=0, return_inverse=True
        )
        places = places.ravel()
        parents = np.empty(len(words), dtype=np.int64)
        variables = np.empty(len(words), dtype=np.int64)
        start = 0
        for number, part in enumerate(parts):
            at = places[start : start + len(part)]
            start += len(part)
            parents[at] = self._places[number][part.parents]
            variables[at] = part.variables
            self._places[number] = np.concatenate([self._places[number], at + offset])
        return Layer(words, parents, variables)

    def share(self, gram: Gram, number: int) -> Gram:
        """Cut out what one of the plans asked for.

        Parameters
        ----------
        gram
            Answer to the merged plan.
        number
            Position of the plan.
        """
        plan, places = self._plans[number], self._places[number]
        border = places[plan.first :]
        columns = border - self._first
        apart = self._apart[number]
        left = places[_left(plan) if apart else plan.rows]
        rows = np.searchsorted(self.plan.rows, left)
        products = gram.products[np.ix_(rows, columns)]
        if apart:
            at = np.searchsorted(self.plan.block, border)
            products = np.concatenate([products, gram.block[np.ix_(at, at)]])
        return Gram(np.asfortranarray(products), gram.squares[columns], gram.n_rows)


def _left(plan: Plan) -> "Ints":
    """Return the left-hand terms that are not of the border."""
    return plan.rows[plan.rows < plan.first]
