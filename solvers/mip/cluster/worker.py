"""One run on one worker: ``solve``, connected with the hub."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from boundwise.core.optional import require
from boundwise.core.result import missing_value
from boundwise.core.status import Status, Termination
from boundwise.heuristics.bandits.factory import make_policy
from boundwise.heuristics.neighbourhoods.factory import make_neighbourhoods
from boundwise.instances.instance import Instance
from boundwise.solvers.mip.cluster.exchange import ClusterExchange, RunEndedError
from boundwise.solvers.mip.cluster.link import Link
from boundwise.solvers.mip.cluster.policy import SharedPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd:
    """How a run on a worker ended; what it had found is with the hub.

    Parameters
    ----------
    who
        Name of the run.
    status, termination
        Its claim, and why it stopped.
    objective, bound
        Its values in the user's sense.
    payload
        Its incumbent as the bytes of its doubles, or None.
    bounds_refuted
        Whether a solution has shown that its bounds were wrong.
    failures
        How often the hub could not be reached.
    arms
        Statistics of its arms.
    """

    who: str
    status: Status
    termination: Termination
    objective: float
    bound: float
    payload: bytes | None = None
    bounds_refuted: bool = False
    failures: int = 0
    arms: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_proof(self) -> bool:
        """Whether this settles the problem for all."""
        return self.termination is Termination.CONVERGED and self.status in {
            Status.OPTIMAL,
            Status.INFEASIBLE,
            Status.UNBOUNDED,
            Status.INFEASIBLE_OR_UNBOUNDED,
        }


def run_on_worker(
    instance: Instance, variable: str, who: str, settings: Mapping[str, Any]
) -> RunEnd:
    """Solve on this worker; called by Dask.

    Parameters
    ----------
    instance
        The problem.
    variable
        Name of the Dask variable with the place of the hub.
    who
        Name of the run.
    settings
        Arguments of ``solve``; ``policy`` is a name.
    """
    from boundwise.solvers.mip.solve import solve

    distributed = require("distributed", extra="cluster")
    # The worker's thread must be free to hold a new hub when the old one is lost.
    distributed.secede()
    chosen = dict(settings)
    n_arms = len(make_neighbourhoods(chosen.get("arms")))
    policy = SharedPolicy(make_policy(chosen.pop("policy"), n_arms))
    link = Link(distributed.get_client(), variable)
    n_variables = len(instance.names)
    exchange = ClusterExchange(who, instance.sense, n_variables, link.meet, policy)
    try:
        with exchange:
            result = solve(instance, policy=policy, exchange=exchange, **chosen)
            exchange.publish(result.x, result.objective, result.bound)
    except RunEndedError:
        return RunEnd(
            who=who,
            status=Status.UNKNOWN,
            termination=Termination.INTERRUPTED,
            objective=missing_value("objective", instance.sense),
            bound=missing_value("bound", instance.sense),
            failures=exchange.n_failures,
        )
    return RunEnd(
        who=who,
        status=result.status,
        termination=result.termination,
        objective=result.objective,
        bound=result.bound,
        payload=None if result.x is None else result.x.tobytes(),
        bounds_refuted=bool(result.stats.get("bounds_refuted")),
        failures=exchange.n_failures,
        arms=[dict(arm) for arm in result.arms],
    )
