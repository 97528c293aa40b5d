"""Neur2RO: column-and-constraint generation with a network in place of recourse copies.

    start: the nominal decision and the static robust one
    repeat: x = main problem with the stored scenarios   (the first: the nominal one)
            evaluate x exactly, keep the best
            xi = adversary's scenario for x
            stop if xi is stored already, or NN(x, xi) is not above max_s NN(x, xi_s)
            store xi
    improve the best by moves that the network screens, as long as there is time

Every decision is evaluated by the problem's own worst case, so the network can make the
search poor, but not the result wrong.

Dumouchelle, Julien, Kurtz, Khalil (2024), Neur2RO: Neural Two-Stage Robust
Optimization, ICLR 2024, arXiv:2310.04345. Published results return the last decision;
the best may be far better.
"""

import math
import os
from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np

from boundwise.core.errors import InputError
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Limits
from boundwise.core.rng import make_rng
from boundwise.core.status import Status, Termination
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
from boundwise.solvers.robust.learned.incumbent import Incumbent
from boundwise.solvers.robust.learned.main_problem import Form, solve_main
from boundwise.solvers.robust.learned.storage import load_network, shipped_network
from boundwise.solvers.robust.learned.value_network import ValueNetwork
from boundwise.solvers.robust.learned.view import NetworkView
from boundwise.solvers.robust.problem import RobustResult, TwoStageProblem

#: Scenarios closer than this in sum of differences are the same.
SAME_SCENARIO = 1e-3


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
    attack: AdversarySettings = field(default_factory=AdversarySettings)

    def __post_init__(self) -> None:
        """Validate every field."""
        for name, kind in (
            ("form", Form),
            ("adversary", AdversaryName),
            ("formulation", Formulation),
        ):
            value = getattr(self, name)
            if value not in get_args(kind):
                raise InputError(
                    f"{name} must be one of {', '.join(get_args(kind))}, got {value!r}."
                )
        if isinstance(self.max_scenarios, bool) or (
            not isinstance(self.max_scenarios, int) or self.max_scenarios < 1
        ):
            raise InputError(
                f"max_scenarios must be a positive integer, got {self.max_scenarios!r}."
            )
        for name in ("tolerance", "main_seconds", "main_gap"):
            value = getattr(self, name)
            if not (isinstance(value, float | int) and 0.0 < value < math.inf):
                raise InputError(f"{name} must be positive, got {value!r}.")


def neur2ro(
    problem: TwoStageProblem,
    *,
    network: "ValueNetwork | str | os.PathLike[str] | None" = None,
    settings: Neur2roSettings | None = None,
    time_limit: float | None = None,
    seed: int | None = 0,
    starts: tuple[Floats, ...] = (),
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
        Decisions to evaluate first; the result is never worse than any of them.

    Returns
    -------
    RobustResult
        The best decision, evaluated as exactly as the problem can. There is no bound:
        the method proves nothing.

    Raises
    ------
    InputError
        If the network does not suit the problem, or an argument is out of range.
    NotAvailableError
        If no network comes with the package for this class.
    """
    settings = settings or Neur2roSettings()
    view = NetworkView.of(problem, _network_for(problem, network))
    rng, seed = make_rng(seed)
    deadline = Limits(time_limit=time_limit).start()
    trace = Trace(deadline)
    with Interrupter(deadline) as interrupter:
        clock = Clock(deadline, interrupter)
        incumbent = Incumbent(problem, trace, clock)
        loop = _Loop(view, settings, incumbent, rng, clock)
        for x in starts:
            incumbent.offer(x, "start")
        loop.run()
        termination = loop.termination or clock.termination()
    return _result(problem, incumbent, loop, trace, termination, seed, deadline)


class _Loop:
    """The state of one run."""

    def __init__(
        self,
        view: NetworkView,
        settings: Neur2roSettings,
        incumbent: Incumbent,
        rng: np.random.Generator,
        clock: Clock,
    ) -> None:
        self._view = view
        self._settings = settings
        self._incumbent = incumbent
        self._rng = rng
        self._clock = clock
        self.scenarios: list[Floats] = []
        self.must_serve: list[Floats] = []
        self.rounds: list[dict[str, Any]] = []
        self.termination: Termination | None = None

    def run(self) -> None:
        """Run until a rule, the scenarios or the clock ends the loop."""
        while not self._clock.expired():
            x = self._main()
            if x is None:
                return
            scenario = self._attack(x)
            if scenario is None or self._is_known(scenario):
                return
            if not self._gains(x, scenario):
                return
            if len(self.scenarios) >= self._settings.max_scenarios:
                self.termination = Termination.ITERATION_LIMIT
                return
            self.scenarios.append(scenario)

    def _main(self) -> Floats | None:
        started = self._clock.deadline.elapsed()
        solution = solve_main(
            self._view,
            self.scenarios,
            self.must_serve,
            form=self._settings.form,
            formulation=self._settings.formulation,
            clock=self._clock.slice(self._settings.main_seconds),
            gap=self._settings.main_gap,
        )
        if solution is None:
            return None
        self.rounds.append(
            {
                "main_seconds": self._clock.deadline.elapsed() - started,
                "main_objective": solution.objective,
                "main_optimal": solution.is_optimal,
            }
        )
        return solution.x

    def _attack(self, x: Floats) -> Floats | None:
        """Evaluate a decision exactly, and return the adversary's scenario for it."""
        worst = self._incumbent.offer(x, "neur2ro")
        self.rounds[-1]["cost"] = worst.cost
        if worst.cost == math.inf and not self._is_in(self.must_serve, worst.scenario):
            self.must_serve.append(worst.scenario)
            return worst.scenario
        if self._settings.adversary == "exact":
            return worst.scenario
        started = self._clock.deadline.elapsed()
        question = Question(
            self._view, x, self._rng, self._clock, self._settings.attack
        )
        scenario = find_scenario(self._settings.adversary, question)
        seconds = self._clock.deadline.elapsed() - started
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

    def _is_known(self, scenario: Floats) -> bool:
        return self._is_in(self.scenarios, scenario)

    @staticmethod
    def _is_in(stored: list[Floats], scenario: Floats) -> bool:
        return any(
            float(np.abs(other - scenario).sum()) < SAME_SCENARIO for other in stored
        )


def _network_for(
    problem: TwoStageProblem, network: "ValueNetwork | str | os.PathLike[str] | None"
) -> ValueNetwork:
    if isinstance(network, ValueNetwork):
        return network
    if network is None:
        return shipped_network(type(problem).__name__)
    if isinstance(network, str | os.PathLike):
        return load_network(network)
    raise InputError(
        f"network must be a ValueNetwork, a path or None, got {type(network).__name__}."
    )


def _result(
    problem: TwoStageProblem,
    incumbent: Incumbent,
    loop: _Loop,
    trace: Trace,
    termination: Termination,
    seed: int,
    deadline: Any,
) -> RobustResult:
    worst = incumbent.worst
    sign = -1.0 if problem.sense == "maximize" else 1.0
    found = worst is not None and math.isfinite(worst.cost)
    return RobustResult(
        status=Status.FEASIBLE if found else Status.UNKNOWN,
        termination=termination,
        objective=sign * (worst.cost if found and worst else math.inf),
        bound=-sign * math.inf,
        x=incumbent.x if found else None,
        sense=problem.sense,
        names=problem.names,
        trace=trace.events(),
        stats={
            "method": "neur2ro",
            "iterations": len(loop.rounds),
            "evaluations": incumbent.evaluations,
            "rounds": loop.rounds,
        },
        seed=seed,
        wall_time=deadline.elapsed(),
        scenarios=np.array(loop.scenarios),
        worst_scenario=worst.scenario if found and worst else None,
        is_exact=bool(found and worst and worst.is_exact),
        guarantee=sign * (worst.bound if found and worst else math.inf),
    )
