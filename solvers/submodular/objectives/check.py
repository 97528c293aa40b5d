"""Spot checks of a set function: f(empty) = 0, diminishing gains, monotone as promised.

    f(e | A) >= f(e | B)   for random chains A < B and e outside B,
    f(e | A) = f(A + e) - f(A),   the stack agrees with the value.

Passing proves nothing; a failure is a counterexample.
"""

import math
from dataclasses import dataclass

import numpy as np

from boundwise.core.arguments import as_count
from boundwise.core.rng import make_rng
from boundwise.core.tolerances import FEAS_TOL
from boundwise.solvers.submodular.objectives.protocol import Objective


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Hold a violated property with the sets that violate it.

    Parameters
    ----------
    what
        ``"finite"``, ``"normalized"``, ``"monotone"``, ``"submodular"`` or
        ``"consistent"`` (gains of the stack against values).
    element
        The element asked for, or -1.
    smaller, larger
        The two sets.
    gains
        The gains at the two sets.
    """

    what: str
    element: int
    smaller: tuple[int, ...]
    larger: tuple[int, ...]
    gains: tuple[float, float]


def check_objective(
    objective: Objective, *, trials: int = 200, size: int = 10, seed: int | None = 0
) -> tuple[Counterexample, ...]:
    """Look for violations on random chains of sets.

    Parameters
    ----------
    objective
        The function to check.
    trials
        Number of random chains.
    size
        Largest size of a set.
    seed
        Seed of the choices.

    Returns
    -------
    tuple
        The violations found, none if all is well.

    Raises
    ------
    InputError
        If ``trials`` or ``size`` is not positive.

    Examples
    --------
    >>> from boundwise.solvers.submodular.objectives import Coverage, SetFunction
    >>> check_objective(Coverage([[1, 1], [0, 1]]))
    ()
    >>> check_objective(SetFunction(lambda s: len(s) ** 2, n=5), trials=20)[0].what
    'submodular'
    """
    trials = as_count("trials", trials)
    size = as_count("size", size)
    rng, _ = make_rng(seed)
    empty = float(objective.value(np.empty(0, dtype=np.int64)))
    if not abs(empty) <= FEAS_TOL:
        return (Counterexample("normalized", -1, (), (), (empty, empty)),)
    found = []
    for _ in range(trials):
        found += _check_chain(objective, min(size, objective.n - 1), rng)
    return tuple(found)


def _check_chain(
    objective: Objective, size: int, rng: np.random.Generator
) -> list[Counterexample]:
    length = int(rng.integers(size + 1))
    order = rng.permutation(objective.n)[: length + 1].astype(np.int64)
    chain, element = order[:length], order[length:]
    at = int(rng.integers(length + 1))
    stack = objective.stack(max(1, length))
    for e in chain.tolist():
        stack.push(e)
    early = float(stack.gains(element, at)[0])
    late = float(stack.gains(element)[0])
    difference = objective.value(order) - objective.value(chain)
    slack = FEAS_TOL * max(1.0, abs(early), abs(late))
    verdicts = {
        "finite": math.isfinite(early) and math.isfinite(late),
        "submodular": late <= early + slack,
        "monotone": not objective.monotone or late >= -slack,
        "consistent": abs(difference - late) <= slack,
    }
    return [
        Counterexample(
            what,
            int(element[0]),
            tuple(chain[:at].tolist()),
            tuple(chain.tolist()),
            (early, late),
        )
        for what, holds in verdicts.items()
        if not holds
    ]
