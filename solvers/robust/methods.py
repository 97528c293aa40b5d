"""The methods of the robust room by name, each a function of a run and its options."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from boundwise.core.errors import InputError
from boundwise.solvers.robust.ccg import solve_ccg, solve_nominal
from boundwise.solvers.robust.k_adaptability import solve_k_adaptability
from boundwise.solvers.robust.knapsack.columns import solve_columns
from boundwise.solvers.robust.knapsack.problem import RobustKnapsack
from boundwise.solvers.robust.knapsack.search import KnapsackSearch
from boundwise.solvers.robust.run import Run
from boundwise.solvers.robust.search import Search
from boundwise.solvers.robust.static_robust import solve_static

if TYPE_CHECKING:
    import os

    from boundwise.solvers.robust.learned.value_network import ValueNetwork

#: Without a time limit, local optima that a search leaves, for each decision entry.
_ROUNDS = 10
#: Problems up to this size are solved exactly by ``auto`` when the search is done.
_SMALL = 12
#: Shares of the time that the starts and the exact method of ``auto`` may take.
_START_SHARE, _SEARCH_SHARE = 0.25, 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a user can set besides limits and seed; see `solve_robust`."""

    policies: int = 2
    rounds: int | None = None
    network: "ValueNetwork | str | os.PathLike[str] | None" = None
    seed: int = 0

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises
        ------
        InputError
            If one is out of range.
        """
        for name, least in (("policies", 1), ("rounds", 0)):
            value = getattr(self, name)
            if name == "rounds" and value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise InputError(
                    f"{name} must be an integer of at least {least}, got {value!r}."
                )


def _nominal(run: Run, options: Options) -> None:
    solve_nominal(run)


def _static(run: Run, options: Options) -> None:
    if isinstance(run.problem, RobustKnapsack):
        KnapsackSearch(run.problem, run).start()
    else:
        solve_static(run)


def _starts(run: Run, options: Options) -> None:
    """Evaluate the nominal and the static decision; a quarter of the time at most."""
    whole = run.clock
    for start in (_static, _nominal):
        run.clock = whole.slice(_START_SHARE * whole.remaining())
        start(run, options)
        run.clock = whole


def _search(run: Run, options: Options) -> None:
    _starts(run, options)
    _improve(run, options)


def _improve(run: Run, options: Options) -> None:
    if run.x is None or run.is_closed():
        return
    rounds: float = math.inf if options.rounds is None else options.rounds
    if options.rounds is None and math.isinf(run.clock.remaining()):
        rounds = _ROUNDS * run.problem.first_stage.n
    if isinstance(run.problem, RobustKnapsack):
        KnapsackSearch(run.problem, run).improve(rounds)
    else:
        Search(run).improve(rounds)


def _ccg(run: Run, options: Options) -> None:
    _starts(run, options)
    if not run.is_closed():
        solve_ccg(run)


def _k_adaptability(run: Run, options: Options) -> None:
    _starts(run, options)
    solve_k_adaptability(run, options.policies)


def _columns(run: Run, options: Options) -> None:
    solve_columns(run)


def _neur2ro(run: Run, options: Options) -> None:
    from boundwise.solvers.robust.learned.neur2ro import neur2ro

    _starts(run, options)
    if run.clock.expired():
        return
    remaining = run.clock.remaining()
    result = neur2ro(
        run.problem,
        network=options.network,
        time_limit=None if math.isinf(remaining) else remaining,
        seed=options.seed,
        starts=() if run.x is None else (run.x,),
    )
    run.stats["neur2ro"] = dict(result.stats)
    for scenario in () if result.scenarios is None else result.scenarios:
        run.store(scenario)
    if result.x is not None:
        run.iterations += result.iterations
        run.evaluate(result.x, "neur2ro")


def _auto(run: Run, options: Options) -> None:
    """Search; small problems are then closed by the exact method."""
    _starts(run, options)
    small = run.problem.first_stage.n <= _SMALL
    whole = run.clock
    if small and math.isfinite(whole.remaining()):
        run.clock = whole.slice(_SEARCH_SHARE * whole.remaining())
    _improve(run, options)
    run.clock = whole
    if small and not run.is_closed():
        solve_ccg(run)


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
