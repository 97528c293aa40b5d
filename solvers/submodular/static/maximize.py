"""Greedy maximization of a monotone submodular function on a fixed ground set.

Greedy and lazy greedy reach 1 - 1/e of the optimum (Nemhauser, Wolsey, Fisher 1978,
doi:10.1007/BF01588971). The bound that comes with a set S is usually much better:

    OPT <= f(S) + the k largest gains f(e | S),

for the returned set, or for the empty one if that is less.
"""

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from boundwise.core.arguments import as_count, as_number
from boundwise.core.errors import InputError
from boundwise.core.rng import make_rng
from boundwise.solvers.submodular.objectives import primitives
from boundwise.solvers.submodular.objectives.base import Compiled, as_elements
from boundwise.solvers.submodular.objectives.protocol import Objective
from boundwise.solvers.submodular.static import batched
from boundwise.solvers.submodular.static import greedy as compiled

StaticMethod = Literal["lazy", "greedy", "stochastic", "threshold"]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Maximum:
    """Hold a set and what is proven of it.

    Parameters
    ----------
    solution
        The elements in the order in which they were chosen, shape (m,), m <= k.
    gains
        What each added to those before it, shape (m,).
    value
        Value of the set.
    upper_bound
        No set of k elements is worth more; infinite if no bound was asked for.
    oracle_calls
        Values and gains that were asked for, the bound's included.
    seed
        Seed of stochastic greedy.
    """

    solution: Ints
    gains: Floats
    value: float
    upper_bound: float
    oracle_calls: int
    seed: int

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        self.solution.setflags(write=False)
        self.gains.setflags(write=False)


def maximize(
    objective: Objective,
    k: int,
    *,
    method: StaticMethod = "lazy",
    elements: ArrayLike | None = None,
    eps: float = 0.1,
    certify: bool = True,
    seed: int | None = 0,
) -> Maximum:
    """Choose at most k elements of large value, and bound the best value.

    Parameters
    ----------
    objective
        A monotone submodular function.
    k
        Largest number of elements.
    method
        ``"lazy"`` (Minoux 1978) and ``"greedy"`` choose the largest gain each time;
        ``"stochastic"`` (Mirzasoleiman et al. 2015) does so in a random sample,
        ``"threshold"`` (Badanidiyuru & Vondrak 2014) takes what passes a falling
        threshold. The latter two promise 1 - 1/e - eps with fewer calls.
    elements
        Elements that may be chosen; all if None.
    eps
        Accuracy of stochastic and threshold greedy, in (0, 1).
    certify
        Whether to ask for the gains over the chosen set, one call an element, which
        the bound needs.
    seed
        Seed of stochastic greedy.

    Returns
    -------
    Maximum
        The set, its value and the bound.

    Raises
    ------
    InputError
        If an argument is out of range, the objective is not monotone, or it answers
        NaN or a negative gain.

    Examples
    --------
    >>> from boundwise.solvers.submodular.objectives import Coverage
    >>> found = maximize(Coverage([[1, 1, 1, 0], [0, 0, 1, 1], [1, 0, 0, 0]]), 2)
    >>> found.solution.tolist(), found.value, found.upper_bound
    ([0, 1], 4.0, 4.0)
    """
    k = as_count("k", k)
    eps = as_number("eps", eps, above=0, below=1)
    candidates = _checked(objective, method, elements)
    rng, seed = make_rng(seed)
    k = min(k, max(1, len(candidates)))
    if isinstance(objective, Compiled):
        chosen, gains, calls, left = _by_compiled_code(
            objective, objective.n, candidates, k, method, eps, certify, rng
        )
    else:
        chosen, gains, calls, left = batched.choose(
            objective, candidates, k, method, eps, certify, rng
        )
    value = float(gains.sum())
    return Maximum(
        solution=chosen,
        gains=gains,
        value=value,
        upper_bound=value + left,
        oracle_calls=calls,
        seed=seed,
    )


def largest_sum(gains: Floats, k: int) -> float:
    """Return the sum of the k largest positive numbers."""
    if len(gains) > k:
        gains = np.partition(gains, len(gains) - k)[len(gains) - k :]
    return float(np.maximum(gains, 0.0).sum())


def require_gains(gains: Floats) -> None:
    """Raise InputError at NaN, infinity, or a gain below zero beyond rounding."""
    if not np.isfinite(gains).all():
        raise InputError("objective must answer finite gains, got nan or infinity.")
    if len(gains) and gains.min() < -1e-9 * max(1.0, float(np.abs(gains).max())):
        raise InputError(
            f"objective says it is monotone, but a gain is {float(gains.min())!r}."
        )


def _by_compiled_code(
    objective: Compiled,
    n: int,
    candidates: Ints,
    k: int,
    method: StaticMethod,
    eps: float,
    certify: bool,
    rng: np.random.Generator,
) -> tuple[Ints, Floats, int, float]:
    """Return the set, its gains, the calls, and how much more there could be."""
    program, size = objective.program(k)
    ints, reals = np.zeros(size.ints, dtype=np.int32), np.zeros(size.reals)
    primitives.clear(program, ints, reals)
    items, keys = candidates.copy(), np.empty(len(candidates))
    compiled.all_gains(program, ints, reals, items, len(items), 0, keys)
    require_gains(keys)
    calls = len(items)
    bound = largest_sum(keys, k)
    chosen, won = np.zeros(k, dtype=np.int64), np.zeros(k)
    state = program, ints, reals, keys, items, len(items), chosen, won, 0, k
    if method == "lazy":
        length, more = compiled.lazy(*state)
    elif method == "greedy":
        length, more = compiled.plain(*state)
    elif method == "stochastic":
        length, more = compiled.stochastic(*state, eps, rng)
    else:
        length, more = compiled.threshold(*state, eps)
    calls += more
    chosen, won = chosen[:length], won[:length]
    if not certify:
        return chosen, won, calls, math.inf
    rest = np.setdiff1d(candidates, chosen)
    gains = np.empty(len(rest))
    compiled.all_gains(program, ints, reals, rest, len(rest), length, gains)
    left = min(largest_sum(gains, k), bound - float(won.sum()))
    return chosen, won, calls + len(rest), max(0.0, left)


def _checked(objective: Objective, method: str, elements: ArrayLike | None) -> Ints:
    if method not in get_args(StaticMethod):
        raise InputError(
            f"method must be one of {', '.join(get_args(StaticMethod))}, got "
            f"{method!r}."
        )
    if not objective.monotone:
        raise InputError(f"objective must be monotone, got {type(objective).__name__}.")
    if elements is None:
        return np.arange(objective.n, dtype=np.int64)
    candidates = np.unique(as_elements(elements, objective.n))
    if len(candidates) != len(np.asarray(elements)):
        raise InputError("elements must be distinct.")
    return candidates
