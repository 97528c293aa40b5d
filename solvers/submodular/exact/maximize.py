"""Find a best set of at most k elements, with proof.

    start (lazy greedy) -> direct program, or eta with Nemhauser-Wolsey cuts -> SCIP

Coverage and facility location have direct formulations; every other monotone objective
is maximized through its values alone.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from boundwise.core.arguments import as_count, as_number
from boundwise.core.errors import InputError
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline, Limits
from boundwise.core.result import Result, relative_gap
from boundwise.core.rng import make_rng
from boundwise.core.status import Status, Termination
from boundwise.core.tolerances import FEAS_TOL
from boundwise.core.trace import Trace
from boundwise.solvers.submodular.exact.models import ExactModel, build
from boundwise.solvers.submodular.exact.oracle import StackOracle
from boundwise.solvers.submodular.objectives import Objective
from boundwise.solvers.submodular.static.maximize import maximize

Method = Literal["auto", "direct", "cuts"]
Ints = NDArray[np.int64]


def maximize_exact(
    objective: Objective,
    k: int,
    *,
    elements: ArrayLike | None = None,
    method: Method = "auto",
    start: ArrayLike | None = None,
    upper_bound: float = math.inf,
    time_limit: float | None = None,
    memory_limit: float | None = None,
    gap: float = 0.0,
    seed: int | None = 0,
    solver_options: Mapping[str, Any] | None = None,
) -> Result:
    """Maximize a monotone submodular function over sets of at most k elements.

    Parameters
    ----------
    objective
        The function.
    k
        Largest number of elements.
    elements
        Elements that may be chosen, such as the alive ones; all if None.
    method
        ``"direct"`` for the program of coverage or facility location, ``"cuts"`` for
        Nemhauser-Wolsey cuts, ``"auto"`` for the first if there is one.
    start
        A set to start from, such as the solution of a `DynamicMaximizer`; lazy greedy
        if None.
    upper_bound
        A proven bound, such as that of a certificate.
    time_limit
        Wall-clock seconds.
    memory_limit
        MiB.
    gap
        Relative gap at which a solution counts as optimal.
    seed
        Seed of SCIP's random choices.
    solver_options
        SCIP parameters by name.

    Returns
    -------
    Result
        ``x`` is 1 at the chosen elements, ``stats["solution"]`` lists them,
        ``objective`` is their value, ``bound`` is proven up to SCIP's tolerance 1e-6.
        An interrupted run returns what it has.

    Raises
    ------
    InputError
        If an argument is out of range, or the objective is not monotone.

    References
    ----------
    Nemhauser, G. L., Wolsey, L. A. (1981). Maximizing submodular set functions:
    formulations and analysis of algorithms. doi:10.1016/S0304-0208(08)73471-8

    Examples
    --------
    >>> from boundwise.solvers.submodular.objectives import Coverage
    >>> A = [[1, 1, 1, 0, 0], [1, 1, 0, 1, 0], [0, 0, 1, 0, 1]]
    >>> maximize_exact(Coverage(A), 2).stats["solution"]
    [1, 2]
    """
    limits = Limits(time_limit=time_limit, memory_limit=memory_limit, gap=gap)
    deadline = limits.start()
    candidates = _checked_elements(objective, elements, "elements")
    k = _checked_k(k, objective, method, upper_bound)
    _, seed = make_rng(seed)
    first = None
    if start is not None:
        first = _checked_elements(objective, start, "start")
        if len(first) > k or not np.isin(first, candidates).all():
            raise InputError(
                f"start must hold at most k = {k} of the elements, got {len(first)}."
            )
    with Interrupter(deadline) as interrupter:
        run = _Run(objective, candidates, k, upper_bound, limits, deadline)
        run.begin(first)
        if run.is_open and not interrupter.requested:
            model = build(objective, candidates, k, method, run.oracle, run.bound)
            termination = run.search(model, interrupter, seed, solver_options or {})
        else:
            termination = Termination.CONVERGED
    return run.result(termination, seed)


class _Run:
    """Incumbent, bound and trace of one run."""

    def __init__(
        self,
        objective: Objective,
        candidates: Ints,
        k: int,
        bound: float,
        limits: Limits,
        deadline: Deadline,
    ) -> None:
        self.oracle = StackOracle(objective, candidates)
        self.bound = float(bound)
        self._objective = objective
        self._candidates = candidates
        self._k = k
        self._limits = limits
        self._deadline = deadline
        self._trace = Trace(deadline)
        self._best: list[int] = []
        self._value = 0.0
        self._stats: dict[str, Any] = {}

    @property
    def is_open(self) -> bool:
        """Whether the gap is not closed yet."""
        return relative_gap(self._value, self.bound) > self._limits.gap

    def begin(self, start: Ints | None) -> None:
        """Take a first set, and the bound that the greedy gains prove."""
        greedy = maximize(self._objective, self._k, elements=self._candidates)
        self.oracle.n_calls += greedy.oracle_calls
        self._lower(greedy.upper_bound)
        self._offer(greedy.solution.tolist(), "greedy")
        if start is not None:
            self._offer(start.tolist(), "start")

    def search(
        self,
        exact: ExactModel,
        interrupter: Interrupter,
        seed: int,
        options: Mapping[str, Any],
    ) -> Termination:
        """Run SCIP to the end or a limit."""
        exact.prepare(self._limits, seed, options)
        exact.start_from(self._best, self._value)
        status = exact.run(
            interrupter,
            self._deadline.remaining(),
            lambda chosen: self._offer(chosen, "scip"),
            lambda bound: self._lower(bound),
        )
        self._stats |= exact.stats()
        return _termination(status, interrupter, self._deadline)

    def result(self, termination: Termination, seed: int) -> Result:
        """Return what was found and proven."""
        x = np.zeros(self._objective.n)
        x[self._best] = 1.0
        proven = not self.is_open
        return Result(
            status=Status.OPTIMAL if proven else Status.FEASIBLE,
            termination=Termination.CONVERGED if proven else termination,
            objective=self._value,
            bound=self.bound,
            x=x,
            sense="maximize",
            trace=self._trace.events(),
            stats=self._stats
            | {"solution": sorted(self._best), "oracle_calls": self.oracle.n_calls},
            seed=seed,
            wall_time=self._deadline.elapsed(),
        )

    def _offer(self, chosen: Sequence[int], who: str) -> None:
        value = self.oracle.value(chosen)
        if value > self._value:
            self._require(value, self.bound)
            self._value, self._best = value, list(chosen)
            self._lower(self.bound)
            self._trace.record(self._value, self.bound, who)

    def _lower(self, bound: float) -> None:
        """Take a bound; one within SCIP's tolerance of the incumbent is its value."""
        self._require(self._value, bound)
        if bound <= self._value + self._slack:
            bound = self._value
        if bound < self.bound:
            self.bound = bound
            self._trace.record(self._value, self.bound, "bound")
        elif self.bound < self._value:
            self.bound = self._value

    @property
    def _slack(self) -> float:
        return FEAS_TOL * max(1.0, abs(self._value))

    def _require(self, value: float, bound: float) -> None:
        """Refuse a bound that a set refutes."""
        if value > bound + 2.0 * FEAS_TOL * max(1.0, abs(value)):
            raise InputError(
                f"upper_bound {bound!r} is refuted by a set of value {value!r}, or "
                "the objective is not monotone and submodular."
            )


def _termination(
    status: str, interrupter: Interrupter, deadline: Deadline
) -> Termination:
    """Return why SCIP stopped."""
    if interrupter.requested:
        return Termination.INTERRUPTED
    if deadline.expired() or status == "timelimit":
        return Termination.TIME_LIMIT
    return {
        "memlimit": Termination.MEMORY_LIMIT,
        "nodelimit": Termination.NODE_LIMIT,
        "totalnodelimit": Termination.NODE_LIMIT,
        "stallnodelimit": Termination.NODE_LIMIT,
    }.get(status, Termination.CONVERGED)


def _checked_k(k: int, objective: Objective, method: str, bound: float) -> int:
    k = as_count("k", k)
    if method not in get_args(Method):
        raise InputError(
            f"method must be one of {', '.join(get_args(Method))}, got {method!r}."
        )
    if not objective.monotone:
        raise InputError(
            "objective must be monotone: the cuts do not bound any other, got "
            f"{type(objective).__name__}."
        )
    as_number("upper_bound", bound, at_least=0, finite=False)
    return k


def _checked_elements(
    objective: Objective, elements: ArrayLike | None, name: str
) -> Ints:
    if elements is None:
        return np.arange(objective.n, dtype=np.int64)
    array = np.asarray(elements)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise InputError(f"{name} must be a list of elements, got {elements!r}.")
    unique = np.unique(array).astype(np.int64)
    if len(unique) != len(array):
        raise InputError(f"{name} must not hold an element twice.")
    if len(unique) and not 0 <= unique[0] <= unique[-1] < objective.n:
        raise InputError(f"{name} must lie in 0 to {objective.n - 1}.")
    return unique
