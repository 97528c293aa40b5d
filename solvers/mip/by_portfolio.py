"""The portfolio from a model in problem stage to what is known at the end."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from boundwise.core.status import Status, Termination
from boundwise.heuristics.engines.protocols import Engine
from boundwise.heuristics.pool import SolutionPool
from boundwise.heuristics.protocols import Neighbourhood, Policy
from boundwise.heuristics.scip.rows import linear_mip
from boundwise.heuristics.scip.statuses import proof_of
from boundwise.instances.scip_build import variables_of
from boundwise.solvers.mip.arms import ArmRecord
from boundwise.solvers.mip.exchange import Border
from boundwise.solvers.mip.lns import AdaptiveLns
from boundwise.solvers.mip.log import SearchLog
from boundwise.solvers.mip.parameters import LnsParameters
from boundwise.solvers.mip.portfolio import Portfolio
from boundwise.solvers.mip.presolved import PresolvedProblem
from boundwise.solvers.mip.search import Search
from boundwise.solvers.mip.team import make_repairers, make_team

if TYPE_CHECKING:
    import pyscipopt


def run_portfolio(
    search: Search,
    model: "pyscipopt.Model",
    neighbourhoods: Sequence[Neighbourhood],
    policy: Policy,
    engines: Sequence[Engine],
    rng: np.random.Generator,
    log: SearchLog,
    options: Mapping[str, Any] | None,
    border: Border | None,
) -> tuple[Status, Termination, dict[str, Any]]:
    """Presolve, search by turns, and return status, reason to stop and statistics.

    Parameters
    ----------
    search
        State of the run.
    model
        The model, in problem stage.
    neighbourhoods, policy
        The arms, and what chooses among them.
    engines
        Solvers beside SCIP.
    rng
        Source of all random choices.
    log
        Live table.
    options
        The user's own SCIP parameters.
    border
        Where news are exchanged with other runs, or None.
    """
    problem = PresolvedProblem(
        model,
        variables_of(model, search.instance),
        search.interrupter,
        search.meter,
    )
    search.problem = problem
    if not problem.presolve(search.deadline.remaining()):
        unused = [ArmRecord(arm).to_dict() for arm in neighbourhoods]
        nothing: dict[str, Any] = {"pulls": [], "turns": [], "dives": [], "absent": {}}
        return *_from_presolve(search, problem), {"arms": unused, **nothing}
    parameters = LnsParameters()
    mip = linear_mip(problem.model)
    view = problem.view(mip)
    search.pool = SolutionPool(view.is_integer)
    for values in problem.presolved_solutions():
        search.offer(values, "given")
    lns = AdaptiveLns(
        search,
        view,
        neighbourhoods=neighbourhoods,
        policy=policy,
        rng=rng,
        log=log,
        repairers=make_repairers(search, problem, mip, engines),
        threads=search.limits.threads,
        parameters=parameters,
    )
    team = make_team(search, problem, view, mip, lns, engines, parameters, rng, options)
    portfolio = Portfolio(search, team, parameters, log, border)
    try:
        termination = portfolio.run()
    finally:
        team.free()
    found = Status.FEASIBLE if search.x is not None else Status.UNKNOWN
    status = search.proof or found
    if search.is_converged:
        status, termination = Status.OPTIMAL, Termination.CONVERGED
    accounts = portfolio.shares.accounts
    stats: dict[str, Any] = {
        "arms": lns.arms(),
        "pulls": lns.pull_log,
        "dives": team.dives(),
        "repairers": lns.repairers(),
        "turns": portfolio.turn_log,
        "absent": team.failures(),
        "partners": {name: account.to_dict() for name, account in accounts.items()},
    }
    return status, termination, stats


def _from_presolve(
    search: Search, problem: PresolvedProblem
) -> tuple[Status, Termination]:
    """Read off what presolving alone has found or proven."""
    for x in problem.solutions():
        search.offer_original(x, "presolve")
    proof = proof_of(problem.status, found=search.x is not None)
    if proof is not None:
        return proof, Termination.CONVERGED
    if problem.status == "optimal":
        if search.x is None:
            # The checker has refused all that SCIP holds to be optimal.
            return Status.UNKNOWN, Termination.ERROR
        search.close_gap_at(problem.model.getObjVal(), "presolve")
        status = Status.OPTIMAL if search.is_converged else Status.FEASIBLE
        return status, Termination.CONVERGED
    status = Status.FEASIBLE if search.x is not None else Status.UNKNOWN
    return status, search.reason_to_stop() or Termination.TIME_LIMIT
