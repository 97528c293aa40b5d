"""The methods of the robust room by name, each a function of a run and its options."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from boundwise.core.arguments import as_count
from boundwise.solvers.robust.budgeting.problem import RobustCapitalBudgeting
from boundwise.solvers.robust.budgeting.search import BudgetingSearch
from boundwise.solvers.robust.ccg import solve_ccg, solve_nominal
from boundwise.solvers.robust.k_adaptability import solve_k_adaptability
from boundwise.solvers.robust.knapsack.columns import solve_columns
from boundwise.solvers.robust.knapsack.problem import RobustKnapsack
from boundwise.solvers.robust.knapsack.search import KnapsackSearch
from boundwise.solvers.robust.run import PATIENCE_SHARE, Run
from boundwise.solvers.robust.screened import ScreenedSearch
from boundwise.solvers.robust.search import Search
from boundwise.solvers.robust.static_robust import solve_static

if TYPE_CHECKING:
    import os

    from boundwise.solvers.robust.learned.value_network import ValueNetwork

#: Without a time limit, local optima that a search leaves, for each decision entry.
_ROUNDS = 10
#: Problems up to this size are solved exactly by ``auto`` when the search is done.
_SMALL = 12
#: Shares of the time that the static and the nominal decision may take.
_STATIC_SHARE, _NOMINAL_SHARE = 0.25, 0.1
#: Relative gap at which they may stop: what is left is for the methods to find.
_START_GAP = 1e-4
#: Shares of what is left, for the first search and then the exact method of ``auto``.
_SEARCH_SHARE, _EXACT_SHARE = 0.25, 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a user can set besides limits and seed; see `solve_robust`."""

    policies: int = 2
    rounds: int | None = None
    network: "ValueNetwork | str | os.PathLike[str] | None" = None

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises
        ------
        InputError
            If one is out of range.
        """
        as_count("policies", self.policies)
        if self.rounds is not None:
            as_count("rounds", self.rounds, least=0)


def _nominal(run: Run, options: Options) -> None:
    solve_nominal(run, run.gap)


def _static(run: Run, options: Options) -> None:
    _static_to(run, 0.0)


def _static_to(run: Run, gap: float) -> None:
    if isinstance(run.problem, RobustKnapsack):
        KnapsackSearch(run.problem, run).start()
    else:
        solve_static(run, gap)


def _starts(run: Run) -> None:
    """Evaluate the static and the nominal decision, in a third of the time at most."""
    whole = run.clock
    run.patience = PATIENCE_SHARE * whole.remaining()
    starts = ((_static_to, _STATIC_SHARE), (solve_nominal, _NOMINAL_SHARE))
    for start, share in starts:
        run.clock = whole.slice(share * whole.remaining())
        start(run, _START_GAP)
        run.clock = whole
    run.patience = math.inf


def _search(run: Run, options: Options) -> None:
    _starts(run)
    _improve(run, options)


def _improve(run: Run, options: Options) -> None:
    if run.x is None or run.is_closed():
        return
    rounds: float = math.inf if options.rounds is None else options.rounds
    if options.rounds is None and math.isinf(run.clock.remaining()):
        rounds = _ROUNDS * run.problem.first_stage.n
    _searching(run).improve(rounds)


def _searching(run: Run) -> ScreenedSearch | Search:
    """Return the search for the run's problem."""
    problem = run.problem
    if isinstance(problem, RobustKnapsack):
        return KnapsackSearch(problem, run)
    if isinstance(problem, RobustCapitalBudgeting) and not problem.instance.loans:
        return BudgetingSearch(problem, run)
    return Search(run)


def _ccg(run: Run, options: Options) -> None:
    _starts(run)
    if not run.is_closed():
        solve_ccg(run)


def _k_adaptability(run: Run, options: Options) -> None:
    _starts(run)
    solve_k_adaptability(run, options.policies)


def _columns(run: Run, options: Options) -> None:
    solve_columns(run)


def _neur2ro(run: Run, options: Options) -> None:
    from boundwise.solvers.robust.learned.neur2ro import network_view, solve_neur2ro

    # What does not suit the problem is refused before anything is solved.
    view = network_view(run.problem, options.network)
    _starts(run)
    run.patience = PATIENCE_SHARE * run.clock.remaining()
    solve_neur2ro(run, view)
    run.confirm()


def _auto(run: Run, options: Options) -> None:
    """Search; small problems are closed by the exact method in between."""
    _starts(run)
    n = run.problem.first_stage.n
    if n <= _SMALL:
        whole = run.clock
        run.clock = whole.slice(_SEARCH_SHARE * whole.remaining())
        rounds = n if options.rounds is None else min(n, options.rounds)
        _improve(run, replace(options, rounds=rounds))
        run.clock = whole.slice(_EXACT_SHARE * whole.remaining())
        if not run.is_closed():
            solve_ccg(run)
        run.clock = whole
        if math.isinf(whole.remaining()):
            return
    _improve(run, options)


#: Method name -> function.
METHODS: Mapping[str, Callable[[Run, Options], None]] = MappingProxyType(
    {
        "auto": _auto,
        "ccg": _ccg,
        "columns": _columns,
        "k-adaptability": _k_adaptability,
        "neur2ro": _neur2ro,
        "nominal": _nominal,
        "search": _search,
        "static": _static,
    }
)
