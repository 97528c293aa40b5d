"""Neur2RO: column-and-constraint generation with a network in place of recourse copies.

    start with the static robust decision
    repeat: x = main problem with the stored scenarios   (the first: the nominal one)
            evaluate x exactly, keep the best
            xi = adversary's scenario for x
            stop if xi is stored already, or NN(x, xi) is not above max_s NN(x, xi_s)
            store xi
    improve the best by changes that the network ranks (`polish`)

Every decision is evaluated by the problem's own worst case, so the network can make the
search poor, but not the result wrong.

Dumouchelle, Julien, Kurtz, Khalil (2024), Neur2RO: Neural Two-Stage Robust
Optimization, ICLR 2024, arXiv:2310.04345. Published results return the last decision;
the best may be far better.
"""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np

from boundwise.core.arguments import as_count, as_number
from boundwise.core.errors import InputError
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Limits
from boundwise.core.rng import make_rng
from boundwise.core.trace import Trace
from boundwise.heuristics.networks.embedding import Formulation
from boundwise.instances.robust.arrays import Floats
from boundwise.solvers.robust.clock import Clock
from boundwise.solvers.robust.learned.adversaries import (
    AdversaryName,
    AdversarySettings,
    Question,
    find_scenario,
)
from boundwise.solvers.robust.learned.main_problem import Form, solve_main
from boundwise.solvers.robust.learned.polish import Ranking, polish
from boundwise.solvers.robust.learned.storage import load_network, shipped_network
from boundwise.solvers.robust.learned.value_network import ValueNetwork
from boundwise.solvers.robust.learned.view import NetworkView
from boundwise.solvers.robust.problem import RobustResult, TwoStageProblem, WorstCase
from boundwise.solvers.robust.result import make_result
from boundwise.solvers.robust.run import PATIENCE_SHARE, Run, is_among
from boundwise.solvers.robust.static_robust import solve_static

#: Share of the time for the loop, where the best is improved afterwards.
_LOOP_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Neur2roSettings:
    """State how Neur2RO runs.

    Parameters
    ----------
    form
        Main problem: ``"argmax"`` or ``"max"``.
    adversary
        See `boundwise.solvers.robust.learned.adversaries`.
    formulation
        How the main problem models ReLUs.
    max_scenarios
        Most scenarios that are stored.
    tolerance
        Relative gain in prediction below which a new scenario ends the loop.
    main_seconds
        Most time of one main problem.
    main_gap
        Relative gap at which a main problem may stop.
    polish
        Exact evaluations without a better decision after which the improvement of
        the best ends; 0 for none.
    ranking
        Who says which neighbours to evaluate first: ``"network"``, or ``"random"``,
        which is kept for comparison.
    attack
        How hard the adversary tries.

    Raises
    ------
    InputError
        If a value is out of range or unknown.
    """

    form: Form = "argmax"
    adversary: AdversaryName = "exact"
    formulation: Formulation = "auto"
    max_scenarios: int = 20
    tolerance: float = 1e-4
    main_seconds: float = 30.0
    main_gap: float = 1e-3
    polish: int = 100
    ranking: Ranking = "network"
    attack: AdversarySettings = field(default_factory=AdversarySettings)

    def __post_init__(self) -> None:
        """Validate every field."""
        for name, kind in (
            ("form", Form),
            ("adversary", AdversaryName),
            ("formulation", Formulation),
            ("ranking", Ranking),
        ):
            value = getattr(self, name)
            if value not in get_args(kind):
                raise InputError(
                    f"{name} must be one of {', '.join(get_args(kind))}, got {value!r}."
                )
        as_count("max_scenarios", self.max_scenarios)
        as_count("polish", self.polish, least=0)
        for name in ("tolerance", "main_seconds", "main_gap"):
            as_number(name, getattr(self, name), above=0)


def neur2ro(
    problem: TwoStageProblem,
    *,
    network: "ValueNetwork | str | os.PathLike[str] | None" = None,
    settings: Neur2roSettings | None = None,
    time_limit: float | None = None,
    seed: int | None = 0,
    starts: Sequence[Floats] = (),
) -> RobustResult:
    """Solve a two-stage robust problem with a learned second-stage value.

    Parameters
    ----------
    problem
        A problem with binary first-stage variables.
    network
        A network trained for the problem's class, or a file with one; the one that
        comes with the package if None.
    settings
        How the method runs.
    time_limit
        Seconds of wall time; None for no limit.
    seed
        Seed of random adversaries; None to draw one.
    starts
        Decisions to evaluate first; the static robust one if there are none.

    Returns
    -------
    RobustResult
        The best decision, evaluated as exactly as the problem can, and never worse
        than the starts and the nominal decision. There is no bound.

    Raises
    ------
    InputError
        If the network does not suit the problem, or an argument is out of range.
    NotAvailableError
        If no network comes with the package for this class.
    """
    view = network_view(problem, network)
    rng, seed = make_rng(seed)
    deadline = Limits(time_limit=time_limit).start()
    with Interrupter(deadline) as interrupter:
        clock = Clock(deadline, interrupter)
        run = Run(problem=problem, clock=clock, trace=Trace(deadline), rng=rng)
        run.patience = PATIENCE_SHARE * clock.remaining()
        for x in starts:
            run.evaluate(x, "start")
        if not len(starts):
            solve_static(run)
        solve_neur2ro(run, view, settings)
        run.confirm()
    return make_result(run, seed, "neur2ro")


def solve_neur2ro(
    run: Run, view: NetworkView, settings: Neur2roSettings | None = None
) -> None:
    """Run the loop and improve the best decision.

    Parameters
    ----------
    run
        The run; what it has found is kept. Its figures get ``rounds``: for each main
        problem its objective and time, and the worst-case cost of its decision (nan if
        the clock ended before it was known).
    view
        Its problem with a network.
    settings
        How the method runs.
    """
    settings = settings or Neur2roSettings()
    loop = _Loop(run, view, settings)
    whole = run.clock
    if settings.polish and math.isfinite(whole.remaining()):
        run.clock = whole.slice(_LOOP_SHARE * whole.remaining())
    loop.run()
    run.clock = whole
    if settings.polish and run.x is not None:
        polish(
            run,
            view,
            loop.scenarios,
            patience=settings.polish,
            ranking=settings.ranking,
        )
    run.iterations += len(loop.rounds)
    run.stats["rounds"] = loop.rounds


class _Loop:
    """The state of one run of the loop."""

    def __init__(self, run: Run, view: NetworkView, settings: Neur2roSettings) -> None:
        self._run = run
        self._view = view
        self._settings = settings
        self.scenarios: list[Floats] = []
        self.must_serve: list[Floats] = []
        self.rounds: list[dict[str, Any]] = []

    def run(self) -> None:
        """Run until a rule, the number of scenarios or the clock ends the loop."""
        while not self._run.clock.expired():
            x = self._main()
            if x is None:
                return
            worst = self._run.attack(x)
            self._run.note(x, worst, "neur2ro")
            self.rounds[-1]["cost"] = worst.cost
            if worst.cost == math.inf:
                # No reaction: the next main problem must leave one.
                if is_among(self.must_serve, worst.scenario, self._run.same):
                    return
                self.must_serve.append(worst.scenario)
                continue
            scenario = self._attack(x, worst)
            if scenario is None or is_among(self.scenarios, scenario, self._run.same):
                return
            if len(self.scenarios) >= self._settings.max_scenarios:
                return
            if not self._gains(x, scenario):
                return
            self.scenarios.append(scenario)
            self._run.store(scenario)

    def _main(self) -> Floats | None:
        started = self._run.clock.deadline.elapsed()
        solution = solve_main(
            self._view,
            self.scenarios,
            self.must_serve,
            form=self._settings.form,
            formulation=self._settings.formulation,
            clock=self._run.clock.slice(self._settings.main_seconds),
            gap=self._settings.main_gap,
        )
        if solution is None:
            return None
        self.rounds.append(
            {
                "main_seconds": self._run.clock.deadline.elapsed() - started,
                "main_objective": solution.objective,
                "main_optimal": solution.is_optimal,
                "adversary_seconds": 0.0,
                "cost": math.nan,
            }
        )
        return solution.x

    def _attack(self, x: Floats, worst: WorstCase) -> Floats | None:
        """Return the adversary's scenario for a decision with its worst case."""
        if self._settings.adversary == "exact":
            return worst.scenario
        started = self._run.clock.deadline.elapsed()
        question = Question(
            self._view, x, self._run.rng, self._run.clock, self._settings.attack
        )
        scenario = find_scenario(self._settings.adversary, question)
        seconds = self._run.clock.deadline.elapsed() - started
        self.rounds[-1]["adversary_seconds"] = seconds
        return scenario

    def _gains(self, x: Floats, scenario: Floats) -> bool:
        """Tell whether the network sees more cost in a scenario than in those stored.

        An exact adversary needs no such sign: its scenario is worse for x.
        """
        if not self.scenarios or self._settings.adversary == "exact":
            return True
        values = self._view.predict(x, np.vstack([*self.scenarios, scenario]))
        gain = float(values[-1] - values[:-1].max())
        return gain > self._settings.tolerance * max(
            abs(float(values[-1])), np.finfo(np.float64).tiny
        )


def network_view(
    problem: TwoStageProblem, network: "ValueNetwork | str | os.PathLike[str] | None"
) -> NetworkView:
    """Return a problem as a network sees it.

    Parameters
    ----------
    problem
        The problem.
    network
        A network, a file with one, or None for the one that comes with the package.

    Raises
    ------
    InputError
        If the network does not suit the problem.
    NotAvailableError
        If no network comes with the package for this class.
    """
    if network is None:
        network = shipped_network(type(problem).__name__)
    elif isinstance(network, str | os.PathLike):
        network = load_network(network)
    if not isinstance(network, ValueNetwork):
        raise InputError(
            "network must be a ValueNetwork, a path or None, got "
            f"{type(network).__name__}."
        )
    return NetworkView.of(problem, network)
