"""Solve a two-stage robust problem: the entry point of the robust room.

The nominal and the static robust decision are cheap and strong: all other methods begin
with them, so that their results are never worse. Every decision is
evaluated by the problem's own worst case, and the best is returned.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from boundwise.core.errors import InputError
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Limits
from boundwise.core.logtable import verbose_logging
from boundwise.core.rng import make_rng
from boundwise.core.trace import EventSink, Trace, TraceEvent, asking_to_stop
from boundwise.solvers.robust.clock import Clock
from boundwise.solvers.robust.log import RobustLog
from boundwise.solvers.robust.methods import METHODS, Options
from boundwise.solvers.robust.problem import RobustResult, TwoStageProblem
from boundwise.solvers.robust.result import make_result
from boundwise.solvers.robust.run import Run

if TYPE_CHECKING:
    import os

    from boundwise.solvers.robust.learned.value_network import ValueNetwork

#: Relative gap at which exact methods stop.
_GAP = 1e-6


def solve_robust(
    problem: TwoStageProblem,
    *,
    method: str = "auto",
    network: "ValueNetwork | str | os.PathLike[str] | None" = None,
    time_limit: float | None = None,
    gap: float = _GAP,
    policies: int = 2,
    rounds: int | None = None,
    callback: Callable[[TraceEvent], object] | None = None,
    seed: int | None = 0,
    verbose: bool = False,
) -> RobustResult:
    """Find a decision that is good in its worst case.

    Parameters
    ----------
    problem
        A shipped problem, a `LinearTwoStage`, or a class of your own.
    method
        - ``"nominal"``: best decision of the nominal scenario,
        - ``"static"``: best decision with one reaction for all scenarios,
        - ``"search"``: local search from both, screened by scenarios,
        - ``"columns"``: exact for small knapsacks, all reactions at once,
        - ``"ccg"``: exact column-and-constraint generation,
        - ``"k-adaptability"``: branch and bound over ``policies`` reactions,
        - ``"neur2ro"``: the learned method,
        - ``"auto"``: search; small problems are then closed by the exact method.
    network
        For ``"neur2ro"``: a network or a file; the shipped one by default.
    time_limit
        Wall-clock seconds; None for no limit.
    gap
        Relative gap at which a decision counts as optimal.
    policies
        Number of reactions for ``"k-adaptability"``.
    rounds
        Local optima that ``"search"`` and ``"auto"`` leave at most; without a time
        limit, 10 times the number of decisions' entries.
    callback
        Called with each `TraceEvent`; if it returns True, the run ends.
    seed
        Seed of all random choices; None draws one.
    verbose
        Whether to print a table of the run.

    Returns
    -------
    RobustResult
        The best decision found with its worst case; ``bound`` is proven by the exact
        methods, ``is_exact`` tells whether ``objective`` is proven for ``x``.

    Raises
    ------
    InputError
        If an argument is not valid, or no decision has a recourse.
    NotAvailableError
        If ``"neur2ro"`` has no network for the problem.

    Notes
    -----
    Ctrl-C, SIGTERM and the limit return what has been found so far.

    Examples
    --------
    >>> from boundwise.solvers.robust import RobustKnapsack, solve_robust
    >>> problem = RobustKnapsack(
    ...     profit=[5, 4], degradation=[4, 1], repair=[1, 1], weight=[2, 2],
    ...     outsource=[6, 5], capacity=4, gamma=1,
    ... )
    >>> result = solve_robust(problem, method="ccg")
    >>> result.status.value, round(result.objective, 9), result.is_exact
    ('optimal', 5.0, True)
    """
    if method not in METHODS:
        raise InputError(f"method must be one of {', '.join(METHODS)}, got {method!r}.")
    if callback is not None and not callable(callback):
        raise InputError(f"callback must be callable or None, got {callback!r}.")
    limits = Limits(time_limit=time_limit, gap=gap)
    rng, used_seed = make_rng(seed)
    options = Options(policies=policies, rounds=rounds, network=network)
    deadline = limits.start()
    with verbose_logging(verbose), Interrupter(deadline) as interrupter:
        sinks: tuple[EventSink, ...] = (RobustLog(),)
        if callback is not None:
            sinks += (asking_to_stop(callback, interrupter.request),)
        run = Run(
            problem=problem,
            clock=Clock(deadline, interrupter),
            trace=Trace(deadline, sinks),
            rng=rng,
            gap=limits.gap,
        )
        METHODS[method](run, options)
    return make_result(run, used_seed, method)
