"""Solve the mixed-integer program of a priced graph on SCIP, with a proven bound."""

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from boundwise.core.arguments import as_number
from boundwise.core.errors import InputError
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline, Limits
from boundwise.core.result import Result
from boundwise.core.rng import make_rng
from boundwise.core.status import Status, Termination
from boundwise.core.trace import Trace
from boundwise.heuristics.scip.drive import Driver
from boundwise.heuristics.scip.effort import WorkMeter
from boundwise.heuristics.scip.settings import set_seed
from boundwise.heuristics.scip.statuses import termination_of
from boundwise.heuristics.scip.transfer import make_quiet
from boundwise.instances.generators.sem import topological_order
from boundwise.solvers.dag.factor import min_pivot_order
from boundwise.solvers.dag.mip import formulation as quadratic
from boundwise.solvers.dag.mip import parents
from boundwise.solvers.dag.mip.costs import least_variance
from boundwise.solvers.dag.mip.heuristic import OrderSearch, Program, attach, hand_over
from boundwise.solvers.dag.moments import Moments

Floats = npt.NDArray[np.float64]
Formulation = Literal["parents", "perspective", "big-m"]

#: Relative error of SCIP's bound, which its tolerances allow.
_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class ExactGraph:
    """Hold a graph and the proof of how good it is.

    Parameters
    ----------
    weights
        [i, j] of the edge i -> j; each node's least squares fit on its parents.
    order
        The nodes, parents first.
    result
        Status, objective and bound; ``x`` is the weights row by row.
    """

    weights: Floats
    order: npt.NDArray[np.int64]
    result: Result


def learn_exact(
    X: npt.ArrayLike | Moments,
    price: float,
    *,
    formulation: Formulation | None = None,
    heuristic: bool = True,
    time_limit: float | None = None,
    memory_limit: float | None = None,
    gap: float = 0.0,
    seed: int | None = 0,
) -> ExactGraph:
    """Find the acyclic graph of least squared error plus a price per edge.

    Parameters
    ----------
    X
        Rows, shape (n, d) with n > d, or their moments; a dozen columns is much.
    price
        Price of an edge, not negative. log(n) / (2 n) times the noise variance is
        what BIC asks for.
    formulation
        ``"parents"``: one binary for each node and parent set, at most 15 nodes;
        ``"perspective"``: least squares as quadratic constraints, with cones;
        ``"big-m"``: the same without cones. None for ``"parents"`` where it can be.
    heuristic
        Whether SCIP calls the search over orders; without it, SCIP is on its own.
    time_limit, memory_limit
        Wall-clock seconds and MiB.
    gap
        Relative gap at which to stop.
    seed
        Seed of SCIP's random choices.

    Returns
    -------
    ExactGraph
        The best graph found, and the bound on all graphs.

    Raises
    ------
    InputError
        If an argument is not usable, or some columns determine another one.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=100)
    >>> X = np.column_stack([x, 2 * x + 0.5 * rng.normal(size=100)])
    >>> found = learn_exact(X, price=0.02)
    >>> str(found.result.status), int((found.weights != 0).sum())
    ('optimal', 1)
    """
    limits = Limits(time_limit=time_limit, memory_limit=memory_limit, gap=gap)
    price = as_number("price", price, at_least=0)
    if formulation not in {None, *get_args(Formulation)}:
        raise InputError(
            f"formulation must be one of {get_args(Formulation)} or None, got "
            f"{formulation!r}."
        )
    if not isinstance(heuristic, bool):
        raise InputError(f"heuristic must be a bool, got {heuristic!r}.")
    _, seed = make_rng(seed)
    moments = X if isinstance(X, Moments) else Moments.of_data(X)
    moments.require_regular("the best weights are not unique.")
    if formulation is None:
        small = moments.d <= parents.MAX_NODES
        formulation = "parents" if small else "perspective"
    if formulation == "parents" and moments.d > parents.MAX_NODES:
        raise InputError(
            f"formulation='parents' takes at most {parents.MAX_NODES} columns, got "
            f"{moments.d}."
        )
    run = _Run(moments, price, limits, formulation, heuristic, seed)
    with Interrupter(run.deadline) as interrupter:
        return run.solve(interrupter)


def _build(
    moments: Moments, price: float, formulation: Formulation
) -> tuple[Any, Program]:
    if formulation == "parents":
        return parents.build(moments.S, price)
    return quadratic.build(moments.S, price, formulation == "perspective")


class _Run:
    """One solve: the model, the search and what is known so far."""

    def __init__(
        self,
        moments: Moments,
        price: float,
        limits: Limits,
        formulation: Formulation,
        heuristic: bool,
        seed: int,
    ) -> None:
        self.deadline: Deadline = limits.start()
        self._moments, self._price, self._limits = moments, price, limits
        self._seed = seed
        self._model, self._variables = _build(moments, price, formulation)
        make_quiet(self._model)
        set_seed(self._model, seed)
        self._model.setParam("limits/gap", limits.gap)
        if limits.memory_limit is not None:
            self._model.setParam("limits/memory", limits.memory_limit)
        self._search = OrderSearch(moments, price)
        self._callback = (
            attach(self._model, self._variables, self._search) if heuristic else None
        )
        self._trace = Trace(self.deadline)
        self._bound = -math.inf
        self._objective = math.inf

    def solve(self, interrupter: Interrupter) -> ExactGraph:
        """Run SCIP to the end or a limit."""
        from pyscipopt import SCIP_EVENTTYPE

        d = self._moments.d
        free = np.zeros((d, d), dtype=np.bool_)
        start = self._search.from_order(min_pivot_order(self._moments.S.copy(), free))
        assert start is not None  # the first order is always new
        _, W, order = start
        self._note("topological" if self._callback is not None else "start", start[0])
        if self._callback is not None:
            hand_over(self._model, None, self._variables, W, order)
        driver = Driver(self._model, interrupter, WorkMeter())
        driver.on(SCIP_EVENTTYPE.DUALBOUNDIMPROVED, self._note_bound)
        driver.on(SCIP_EVENTTYPE.BESTSOLFOUND, self._note_solution)
        status = driver.run(self.deadline.remaining(), math.inf)
        if self._callback is not None and self._callback.error is not None:
            raise self._callback.error
        self._note_bound(self._model)
        found = self._refitted()
        if found is None or self._value(found) > start[0]:
            found = W
        return self._answer(found, status, interrupter)

    def _refitted(self) -> Floats | None:
        """Return SCIP's best graph with exact least squares weights."""
        solution = self._model.getBestSol() if self._model.getNSols() else None
        if solution is None:
            return None
        d = self._moments.d
        W = np.zeros((d, d))
        chosen = np.zeros((d, d), dtype=np.bool_)
        for (i, j), edge in self._variables.edge.items():
            chosen[i, j] = self._model.getSolVal(solution, edge) > 0.5
        for j in range(d):
            least_variance(self._moments.S, j, chosen[:, j], W[:, j])
        return W

    def _value(self, W: Floats) -> float:
        B = np.eye(len(W)) - W
        loss = 0.5 * float(np.einsum("ij,ij->", B, self._moments.S @ B))
        return loss + self._price * int(np.count_nonzero(W))

    def _answer(self, W: Floats, status: str, interrupter: Interrupter) -> ExactGraph:
        objective = self._value(W)
        self._note("scip", objective)
        # SCIP proves its bound up to its tolerances.
        slack = _TOLERANCE * max(1.0, abs(objective))
        proven = status in {"optimal", "gaplimit"}
        if status == "optimal" and self._bound >= objective - slack:
            self._bound = objective
        bound = min(self._bound, objective)
        termination = termination_of(status)
        if termination is Termination.INTERRUPTED and not interrupter.requested:
            termination = Termination.TIME_LIMIT
        result = Result(
            status=Status.OPTIMAL if proven else Status.FEASIBLE,
            termination=termination,
            objective=objective,
            bound=bound,
            x=W.ravel(),
            trace=self._trace.events(),
            stats={"nodes": int(self._model.getNTotalNodes()), "scip_status": status},
            seed=self._seed,
            wall_time=self.deadline.elapsed(),
        )
        return ExactGraph(W, topological_order(W), result)

    def _note_bound(self, model: Any) -> None:
        bound = model.getDualbound()
        if math.isfinite(bound) and not model.isInfinity(abs(bound)):
            bound = max(self._bound, bound)
            if bound > self._bound:
                self._bound = bound
                self._trace.record(self._objective, bound, "scip")

    def _note_solution(self, model: Any) -> None:
        self._note("scip", model.getPrimalbound())

    def _note(self, who: str, objective: float) -> None:
        if objective < self._objective:
            self._objective = objective
            self._trace.record(objective, self._bound, who)
