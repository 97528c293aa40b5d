"""The loop of OAVI: grow O and the generators degree by degree, for many settings.

    O = {1};  for d = 1, 2, ...:  border B of degree d;  one sweep gives O'B and B'B;
    take B in term order: vanishing terms lead generators, the others join O;
    stop when a degree adds nothing to O.

An ideal that grows is a coroutine: it yields plans and receives Gram blocks. Ideals for
several psi or several folds grow side by side, and the plans of one degree are merged
into one sweep.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from boundwise.core.errors import InputError
from boundwise.solvers.vanishing.gram import Gram, GramSource, Layer, Plan
from boundwise.solvers.vanishing.ideal import Ideal
from boundwise.solvers.vanishing.merge import MergedPlan
from boundwise.solvers.vanishing.terms import border, exponents

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Largest Gram block, in bytes, that a fit may ask for.
GRAM_BYTES = 4 << 30

Conversation = Generator[Plan, Gram, "Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """Hold what one degree decided.

    Parameters
    ----------
    joined, leading
        Border terms that joined O, and those that lead a generator; ascending.
    coefficients
        One column for each generator, over O including ``joined``.
    leading_coefficients, losses
        One number for each generator.
    """

    joined: Ints
    leading: Ints
    coefficients: Floats
    leading_coefficients: Floats
    losses: Floats


class Oracle(Protocol):
    """Decide one border after the other; called with growing degree."""

    def decide(self, layers: tuple[Layer, ...]) -> Conversation:
        """Decide on the last layer, given the layers of O before it."""
        ...


class Growing(Protocol):
    """Grow one ideal in talk with the data."""

    @property
    def parts(self) -> tuple[int, ...]:
        """Indices of the Gram sources whose rows it is fitted to."""
        ...

    def run(self) -> Generator[Plan, Gram, Ideal]:
        """Yield plans, receive Gram blocks, return the ideal."""
        ...


@dataclass(slots=True)
class Growth:
    """Grow one ideal.

    Parameters
    ----------
    oracle
        Decides which border terms vanish.
    n_variables
        Number of variables.
    max_degree
        Last degree to look at.
    parts
        Indices of the Gram sources whose rows this ideal is fitted to.
    """

    oracle: Oracle
    n_variables: int
    max_degree: int
    parts: tuple[int, ...] = (0,)
    _layers: list[Layer] = field(default_factory=list)
    _leading: list[Layer] = field(default_factory=list)
    _steps: list[Step] = field(default_factory=list)

    def run(self) -> Generator[Plan, Gram, Ideal]:
        """Talk to the data until no term joins O; return the ideal."""
        for _ in range(self.max_degree):
            fringe = self._border()
            if not len(fringe):
                break
            self._guard(len(fringe))
            step = yield from self.oracle.decide((*self._layers, fringe))
            self._layers.append(fringe.take(step.joined))
            self._leading.append(fringe.take(step.leading))
            self._steps.append(step)
            if not len(step.joined):
                break
        return self._ideal()

    def _border(self) -> Layer:
        if not self._layers:
            variables = np.arange(self.n_variables)
            return Layer(variables[:, None], np.zeros_like(variables), variables)
        last = self._layers[-1]
        words, parents, variables = border(last.words, self._layers[0].variables)
        offset = 1 + sum(map(len, self._layers[:-1]))
        return Layer(words, parents + offset, variables)

    def _guard(self, width: int) -> None:
        size = 1 + sum(map(len, self._layers))
        if 8 * width * max(size, width) > GRAM_BYTES:
            raise InputError(
                f"psi is too small for {self.n_variables} features: degree "
                f"{len(self._layers) + 1} has {width} border terms over {size} terms; "
                f"raise psi or set max_degree={len(self._layers)}."
            )

    def _ideal(self) -> Ideal:
        n = self.n_variables
        size = 1 + sum(map(len, self._layers))
        columns = [
            np.pad(step.coefficients, ((0, size - len(step.coefficients)), (0, 0)))
            for step in self._steps
        ]
        zero = np.zeros(1, dtype=np.int64)
        recipe = [*self._layers, *self._leading]
        return Ideal(
            powers=np.concatenate(
                [np.zeros((1, n), np.int64)]
                + [exponents(layer.words, n) for layer in self._layers]
            ),
            leading_powers=np.concatenate(
                [exponents(layer.words, n) for layer in self._leading]
            ),
            coefficients=np.ascontiguousarray(np.concatenate(columns, axis=1)),
            leading_coefficients=np.concatenate(
                [step.leading_coefficients for step in self._steps]
            ),
            losses=np.concatenate([step.losses for step in self._steps]),
            parents=np.concatenate([zero, *(layer.parents for layer in recipe)]),
            variables=np.concatenate([zero, *(layer.variables for layer in recipe)]),
        )


def grow_all(growths: Sequence[Growing], sources: Sequence[GramSource]) -> list[Ideal]:
    """Grow several ideals side by side, with one sweep for all that can share it.

    Parameters
    ----------
    growths
        The ideals to grow.
    sources
        Disjoint sets of rows; each growth says which of them it is fitted to.

    Returns
    -------
    list of Ideal
        In the order of ``growths``.
    """
    talks = [growth.run() for growth in growths]
    plans: dict[int, Plan] = {i: next(talk) for i, talk in enumerate(talks)}
    ideals: dict[int, Ideal] = {}
    while plans:
        # Those behind go first, so that all reach the next degree together.
        lowest = min(len(plan.layers) for plan in plans.values())
        turn = {i: plan for i, plan in plans.items() if len(plan.layers) == lowest}
        for i, answer in _answers(turn, growths, sources).items():
            try:
                plans[i] = talks[i].send(answer)
            except StopIteration as stop:
                del plans[i]
                ideals[i] = stop.value
    return [ideals[i] for i in range(len(growths))]


def _answers(
    plans: dict[int, Plan], growths: Sequence[Growing], sources: Sequence[GramSource]
) -> dict[int, Gram]:
    if len(plans) == 1:
        [(i, plan)] = plans.items()
        return {i: Gram.total(sources[part].gram(plan) for part in growths[i].parts)}
    shares: dict[int, list[Gram]] = {i: [] for i in plans}
    for part in sorted({part for i in plans for part in growths[i].parts}):
        asking = [i for i in plans if part in growths[i].parts]
        if len(asking) == 1:
            [i] = asking
            shares[i].append(sources[part].gram(plans[i]))
            continue
        merged = MergedPlan([plans[i] for i in asking])
        gram = sources[part].gram(merged.plan)
        for position, i in enumerate(asking):
            shares[i].append(merged.share(gram, position))
    return {i: Gram.total(grams) for i, grams in shares.items()}
