"""Who takes part in a run, and what each is given whatever it earns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from boundwise.core.errors import InputError, NotAvailableError
from boundwise.heuristics.engines.cp_sat import CpSat
from boundwise.heuristics.engines.highs import Highs
from boundwise.heuristics.engines.protocols import Engine, RepairEngine
from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.protocols import MipView
from boundwise.heuristics.starts.feasibility_jump import FeasibilityJump
from boundwise.heuristics.starts.fix_propagate import FixPropagate
from boundwise.solvers.mip.engines import EnginePartner
from boundwise.solvers.mip.improver import LocalSearchPartner
from boundwise.solvers.mip.lns import AdaptiveLns
from boundwise.solvers.mip.parameters import LnsParameters
from boundwise.solvers.mip.partners import Partner
from boundwise.solvers.mip.planted import SHORT
from boundwise.solvers.mip.presolved import PresolvedProblem
from boundwise.solvers.mip.quick import QuickStarts
from boundwise.solvers.mip.repairers import (
    EngineRepairer,
    Repairer,
    Repairers,
    ScipRepairer,
)
from boundwise.solvers.mip.search import Search
from boundwise.solvers.mip.shares import Claim
from boundwise.solvers.mip.trees import (
    FeasibilityTree,
    ObjectiveFreeTree,
    ProvingTree,
)

#: Share of the memory that is left which the child of a repairer may use.
_MEMORY = 0.1

#: The engines beside SCIP, in the order of their first turns.
ENGINES: dict[str, Callable[[], Engine]] = {"highs": Highs, "cp-sat": CpSat}

#: Partner -> its claim; partners that stall together share what is left to prove.
CLAIMS = {
    "cp-sat": Claim(floor=0.1, opening=2.0, stalled=2.0),
    "highs": Claim(floor=0.1, opening=2.0, stalled=2.0),
    "feasibility": Claim(floor=0.1, opening=6.0, stalled=6.0),
    "lns": Claim(floor=0.1, opening=1.0, stalled=3.0),
    "local-search": Claim(floor=0.03, opening=0.5, stalled=0.0),
    "quick-start": Claim(floor=0.05, opening=0.5, stalled=0.0),
    "objective-free": Claim(floor=0.05, opening=1.0, stalled=1.0),
    "tree": Claim(floor=0.05, opening=1.0, stalled=6.0),
}


@dataclass(slots=True)
class Team:
    """The partners of a run.

    Parameters
    ----------
    partners
        In the order of their first turns.
    absent
        Engines that take no part, and why.
    """

    partners: Sequence[Partner]
    absent: Mapping[str, str] = field(default_factory=dict)

    @property
    def claims(self) -> Mapping[str, Claim]:
        """The claim of each partner by name."""
        return {partner.name: CLAIMS[partner.name] for partner in self.partners}

    def failures(self) -> dict[str, str]:
        """Return the engines that did not take part to the end, and why."""
        failed = {
            partner.name: partner.failure
            for partner in self.partners
            if isinstance(partner, EnginePartner | FeasibilityTree | ProvingTree)
            and partner.failure is not None
        }
        return {**self.absent, **failed}

    def dives(self) -> list[dict[str, Any]]:
        """Return the statistics of the dives that were called."""
        trees = [p for p in self.partners if isinstance(p, FeasibilityTree)]
        return [dive for tree in trees for dive in tree.dives()]

    def free(self) -> None:
        """Release what the partners hold."""
        for partner in self.partners:
            partner.free()


def choose_engines(
    engines: str | Sequence[str], *, reproducible: bool
) -> tuple[Engine, ...]:
    """Return the engines beside SCIP that an argument names.

    Parameters
    ----------
    engines
        ``"auto"`` for all that are installed, or names; ``"scip"`` is one of them.
    reproducible
        Whether the run must not depend on the clock, as engines do.

    Raises
    ------
    InputError
        If a name is unknown, SCIP is not among them, or the run must be reproducible.
    NotAvailableError
        If an engine is not installed.
    """
    if engines == "auto":
        if reproducible:
            return ()
        made = [make() for make in ENGINES.values()]
        return tuple(engine for engine in made if engine.is_available())
    known = ("scip", *ENGINES)
    if isinstance(engines, str) or not set(engines) <= set(known):
        raise InputError(
            f"engines must be 'auto' or a sequence of {', '.join(known)}, "
            f"got {engines!r}."
        )
    if "scip" not in engines:
        raise InputError(f"engines must have 'scip' among them, got {engines!r}.")
    chosen = tuple(make() for name, make in ENGINES.items() if name in engines)
    if chosen and reproducible:
        raise InputError(
            f"a run with work_limit has engines=('scip',) only, got {engines!r}."
        )
    for engine in chosen:
        if not engine.is_available():
            raise NotAvailableError(
                f"the engine {engine.name!r} is not installed: it comes with the "
                "dependencies of boundwise, which seem to be incomplete."
            )
    return chosen


def make_repairers(
    search: Search,
    problem: PresolvedProblem,
    mip: LinearMip | None,
    engines: Sequence[Engine],
) -> Repairers:
    """Return who searches the neighbourhoods of a run.

    Parameters
    ----------
    search, problem, mip, engines
        See `make_team`.
    """
    scip = ScipRepairer(problem.model, mip, search.interrupter, search.meter)
    others: list[Repairer] = []
    for engine in engines:
        if not isinstance(engine, RepairEngine):
            continue
        if mip is None or _reason_against(engine, mip, search) is not None:
            continue
        memory = search.memory_left()
        share = None if memory is None else _MEMORY * memory
        session = engine.open_repair(mip, memory=share)
        others.append(EngineRepairer(engine.name, session, search.interrupter))
    return Repairers((scip, *others))


def make_team(
    search: Search,
    problem: PresolvedProblem,
    view: MipView,
    mip: LinearMip | None,
    lns: AdaptiveLns,
    engines: Sequence[Engine],
    parameters: LnsParameters,
    rng: np.random.Generator,
    options: Mapping[str, Any] | None,
) -> Team:
    """Return the partners of a run.

    Parameters
    ----------
    search, problem, view, parameters
        What all of them share.
    mip
        The presolved problem as rows, or None if it has other constraints.
    lns
        The neighbourhoods.
    engines
        Solvers beside SCIP; those that are of no use on this problem stay away.
    rng
        Source of seeds.
    options
        The user's own SCIP parameters, for the proving tree.
    """
    reasons = {e.name: _reason_against(e, mip, search) for e in engines}
    joining = [engine for engine in engines if reasons[engine.name] is None]
    feasibility = FeasibilityTree(search, problem, mip, parameters, rng)
    free = ObjectiveFreeTree(search, problem, mip, view, parameters, rng, feasibility)
    proving = ProvingTree(
        search,
        problem,
        mip,
        parameters,
        rng,
        options,
        feasibility,
        alongside=search.limits.threads > 1,
    )
    company: list[Partner] = []
    for engine in joining:
        assert mip is not None
        seed = int(rng.integers(2**31 - 1))
        partner = EnginePartner(engine, mip, search, problem, parameters, seed)
        company.append(partner)
    early: list[Partner] = []
    if mip is not None:
        seed = int(rng.integers(2**31 - 1))
        starts = (FixPropagate(mip), FeasibilityJump(mip))
        early.append(QuickStarts(starts, search, problem, view, parameters, rng))
        early.append(LocalSearchPartner(mip, search, parameters, seed))
    absent = {name: reason for name, reason in reasons.items() if reason is not None}
    return Team((*early, feasibility, lns, *company, free, proving), absent)


def _reason_against(
    engine: Engine, mip: LinearMip | None, search: Search
) -> str | None:
    """Return why an engine takes no part, or None if it does."""
    if mip is None:
        return "not all constraints are linear"
    if search.deadline.time_limit < SHORT:
        return f"the time limit is below {SHORT:g} s"
    return engine.refuses(mip)
