"""Solve on a Dask cluster: one portfolio on each worker, one incumbent for all.

    place the hub on a worker; start a run on every worker
    until proof, gap, limit or interruption:
        take the hub's news, check them exactly, keep the best
        if a worker is gone: go on with the others; if the hub is gone: place it anew
    tell the runs to end, and return what is known

The driver keeps the best solution that has ever reached it, so the answer is never
worse than that, whoever is lost; and no call waits for a worker longer than seconds.
"""

import math
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from boundwise.core.errors import InputError, NotAvailableError, SolverError
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline, Limits
from boundwise.core.optional import require
from boundwise.core.result import missing_value, relative_gap
from boundwise.core.rng import make_rng
from boundwise.core.status import Status, Termination
from boundwise.core.trace import EventSink, Trace, TraceEvent, asking_to_stop
from boundwise.heuristics.bandits.factory import POLICIES
from boundwise.heuristics.protocols import FloatVector
from boundwise.instances.checker import CheckReport, check
from boundwise.instances.instance import Instance
from boundwise.instances.reader import read
from boundwise.solvers.mip.cluster.hub import Report
from boundwise.solvers.mip.cluster.link import Link
from boundwise.solvers.mip.cluster.staff import Staff
from boundwise.solvers.mip.cluster.worker import RunEnd
from boundwise.solvers.mip.result import MipResult

if TYPE_CHECKING:
    import os

    import pyscipopt

#: Name under which the driver itself reports.
_DRIVER = "driver"
#: Seconds between two looks at the hub.
_INTERVAL = 0.25
#: Seconds to wait for the first worker, or for another one when all are gone.
_PATIENCE = 30.0
#: Seconds that one call of the hub may take, less near the end.
_CALL = 5.0
#: Calls in a row that fail before another worker gets the hub.
_MOST_MISSES = 3
#: Workers in a row that cannot hold the hub before the run gives up.
_MOST_FAILED_PLACES = 5
#: Seconds after the end for runs to hand over what they found last.
_FAREWELL = 2.0
#: Share of the time limit, at most so many seconds, that is kept for the way back.
_RESERVE, _MOST_RESERVE = 0.05, 1.0
#: Relative tolerance beyond which a solution shows that a bound is wrong.
_CONTRADICTION = 1e-6


def solve_on_cluster(
    problem: "str | os.PathLike[str] | Instance | pyscipopt.Model",
    cluster: Any,
    *,
    time_limit: float | None = None,
    threads: int = 1,
    seed: int | None = 0,
    gap: float = 0.0,
    memory_limit: float | None = None,
    policy: str = "exp3ix",
    arms: Sequence[str] | None = None,
    engines: str | Sequence[str] = "auto",
    callback: Callable[[TraceEvent], object] | None = None,
    solver_options: Mapping[str, Any] | None = None,
) -> MipResult:
    """Solve a mixed-integer program on all workers of a Dask cluster.

    Parameters
    ----------
    problem
        As for ``solve``; the cluster needs no access to the file.
    cluster
        Dask client, or the address of a scheduler.
    time_limit
        Seconds for everything; None for no limit.
    threads
        Threads of each run.
    seed
        Seed; run number i uses seed + i. None draws one.
    gap, memory_limit, policy, arms, engines, solver_options
        As for ``solve``, in each run; policies and arms by name.
    callback
        Called with each `TraceEvent`; if it returns True, the run ends.

    Returns
    -------
    MipResult
        What was found; ``stats["runs"]`` tells of each run, ``stats["lost"]`` of those
        that were lost with their workers.

    Raises
    ------
    InputError
        If an argument or the problem is not valid.
    NotAvailableError
        If Dask is not installed, or no worker is there.
    """
    limits = Limits(
        time_limit=time_limit, memory_limit=memory_limit, gap=gap, threads=threads
    )
    if policy not in POLICIES:
        raise InputError(
            f"policy must be one of {', '.join(POLICIES)}, got {policy!r}."
        )
    _, used_seed = make_rng(seed)
    deadline = limits.start()
    instance = _instance_of(problem)
    settings = {
        "threads": threads,
        "gap": gap,
        "memory_limit": memory_limit,
        "policy": policy,
        "arms": arms,
        "engines": engines,
        "solver_options": dict(solver_options or {}),
    }
    client, close = _connect(cluster)
    try:
        with Interrupter(deadline) as interrupter:
            sinks: tuple[EventSink, ...] = ()
            if callback is not None:
                sinks = (asking_to_stop(callback, interrupter.request),)
            driver = _Driver(instance, limits, deadline, Trace(deadline, sinks))
            termination = driver.run(client, interrupter, settings, used_seed)
    finally:
        if close:
            client.close()
    return driver.result(termination, used_seed)


class _Driver:
    """Follow the runs, and keep the best of what they find."""

    def __init__(
        self, instance: Instance, limits: Limits, deadline: Deadline, trace: Trace
    ) -> None:
        self._instance = instance
        self._limits = limits
        self._deadline = deadline
        self._trace = trace
        self._sign = 1.0 if instance.sense == "minimize" else -1.0
        self._x: FloatVector | None = None
        self._report: CheckReport | None = None
        self._objective = missing_value("objective", instance.sense)
        self._bound = missing_value("bound", instance.sense)
        self._bounds_refuted = False
        self._status: Status | None = None
        self._ends: list[RunEnd] = []
        self._rejected = 0
        self._n_news = 0
        self._hub_at: str | None = None
        self._housed = False
        self._housed_by = math.inf
        self._failed_places = 0
        self._trouble = ""
        self._misses = 0
        self._avoided: set[str] = set()
        self._lost: list[str] = []

    def run(
        self,
        client: Any,
        interrupter: Interrupter,
        settings: Mapping[str, Any],
        seed: int,
    ) -> Termination:
        """Search until a limit or a proof, and return why it ended."""
        variable = f"boundwise-{uuid.uuid4().hex}"
        link = Link(client, variable)

        def settings_of(number: int) -> dict[str, Any]:
            return dict(settings) | {
                "seed": seed + number,
                "time_limit": self._seconds_for_a_run(),
            }

        staff = Staff(client, self._instance, variable, settings_of)
        try:
            return self._follow(staff, link, interrupter)
        finally:
            self._farewell(staff, link)
            self._lost = staff.lost

    def _follow(
        self, staff: Staff, link: Link, interrupter: Interrupter
    ) -> Termination:
        alone_since = time.monotonic()
        while True:
            link.patience = min(_CALL, max(0.2, self._deadline.remaining()))
            self._house_the_hub(staff, link)
            if self._housed and self._seconds_for_a_run() != 0.0:
                staff.hire()
            self._visit(link)
            for end in staff.ended():
                self._note(end)
            if staff.running or (self._hub_at is not None and not self._housed):
                alone_since = time.monotonic()
            reason = self._reason_to_stop(interrupter, staff, alone_since)
            if reason is not None:
                return reason
            time.sleep(min(_INTERVAL, max(0.01, self._deadline.remaining())))

    def _reason_to_stop(
        self, interrupter: Interrupter, staff: Staff, alone_since: float
    ) -> Termination | None:
        if interrupter.requested:
            return Termination.INTERRUPTED
        if self._status is not None or self._is_converged:
            return Termination.CONVERGED
        if self._deadline.expired():
            return Termination.TIME_LIMIT
        if staff.running:
            return None
        if self._failed_places >= _MOST_FAILED_PLACES:
            if self._x is None:
                raise SolverError(f"no worker can hold the hub: {self._trouble}.")
            return Termination.ERROR
        if self._ends and not self._waits_for_workers(staff):
            return self._ends[-1].termination
        if time.monotonic() - alone_since > _PATIENCE:
            if not self._ends and not staff.lost:
                raise NotAvailableError(
                    f"the cluster has had no worker for {_PATIENCE:g} s."
                )
            return Termination.ERROR
        return None

    @staticmethod
    def _waits_for_workers(staff: Staff) -> bool:
        return bool(staff.lost) and not staff.addresses()

    # -- the hub --------------------------------------------------------------

    def _house_the_hub(self, staff: Staff, link: Link) -> None:
        """Place the hub if there is none, or its worker is gone or does not answer."""
        addresses = staff.addresses()
        if self._misses >= _MOST_MISSES:
            # Cut off from us, perhaps not from the scheduler: it is still listed.
            self._avoid_hub()
        try:
            if addresses and self._hub_at not in addresses:
                answering = [a for a in addresses if a not in self._avoided]
                self._hub_at, self._n_news = (answering or addresses)[0], 0
                self._housed = False
                # Its worker may have to import everything first.
                self._housed_by = time.monotonic() + _PATIENCE
                link.place(self._instance.sense, self._hub_at)
            if self._hub_at is not None and not self._housed:
                self._housed = link.is_placed()
                if self._housed:
                    self._failed_places = 0
                    link.meet(self._own_report())
                elif time.monotonic() > self._housed_by:
                    self._avoid_hub()
        except Exception as error:
            self._trouble = str(error)
            self._failed_places += 1
            self._avoid_hub()

    def _avoid_hub(self) -> None:
        """Look for another place than the present one, if there is any."""
        if self._hub_at is not None:
            self._avoided.add(self._hub_at)
        self._hub_at, self._housed, self._misses = None, False, 0

    def _own_report(self) -> Report:
        return Report(
            who=_DRIVER,
            objective=self._objective,
            payload=None if self._x is None else self._x.tobytes(),
            bound=self._bound,
        )

    def _visit(self, link: Link) -> None:
        """Take what is new at the hub; a hub that cannot be reached has nothing."""
        if not self._housed:
            return
        try:
            news = link.news(self._n_news)
            self._misses = 0
            if not news:
                return
            reply = link.meet(self._own_report())
        except Exception:
            self._misses += 1
            return
        self._n_news += len(news)
        self._take_bound(reply.bound, news[-1].who)
        if reply.payload is not None:
            x = np.frombuffer(reply.payload, dtype=np.float64)
            self._take_solution(x, news[-1].who)

    # -- what is known --------------------------------------------------------

    @property
    def _is_converged(self) -> bool:
        gap = relative_gap(self._objective, self._bound)
        return self._x is not None and gap <= self._limits.gap

    def _take_solution(self, x: FloatVector, who: str) -> None:
        report = check(self._instance, x) if len(x) == self._n else None
        if report is None or not report.strict:
            self._rejected += 1
            return
        objective = float(report.objective)
        if not self._is_better(objective, self._objective):
            return
        self._x, self._objective, self._report = np.array(x), objective, report
        self._reconcile()
        self._trace.record(self._objective, self._bound, who)

    def _take_bound(self, bound: float, who: str) -> None:
        if self._bounds_refuted or not math.isfinite(bound):
            return
        if self._is_better(self._bound, bound):
            former, self._bound = self._bound, bound
            self._reconcile()
            if self._bound != former:
                self._trace.record(self._objective, self._bound, who)

    def _reconcile(self) -> None:
        """Clip a bound that is beyond the incumbent, or distrust it if far beyond."""
        if not self._is_better(self._objective, self._bound):
            return
        beyond = abs(self._objective - self._bound)
        if beyond <= _CONTRADICTION * max(1.0, abs(self._bound)):
            self._bound = self._objective
        else:
            self._bounds_refuted = True
            self._bound = missing_value("bound", self._instance.sense)

    def _note(self, end: RunEnd) -> None:
        """Take the end of a run: its last solution, its bound, and its proof."""
        self._ends.append(end)
        if end.payload is not None:
            x = np.frombuffer(end.payload, dtype=np.float64)
            self._take_solution(x, end.who)
        if end.bounds_refuted:
            return
        self._take_bound(end.bound, end.who)
        if end.is_proof and self._agrees(end):
            self._status = end.status

    def _agrees(self, end: RunEnd) -> bool:
        """Tell whether a claim goes with what is known here."""
        if end.status is Status.OPTIMAL:
            return self._is_converged
        return self._x is None

    def _is_better(self, one: float, other: float) -> bool:
        return self._sign * one < self._sign * other

    @property
    def _n(self) -> int:
        return len(self._instance.names)

    # -- the end --------------------------------------------------------------

    def _seconds_for_a_run(self) -> float | None:
        if math.isinf(self._deadline.time_limit):
            return None
        reserve = min(_MOST_RESERVE, _RESERVE * self._deadline.time_limit)
        left = self._deadline.remaining() - reserve
        return left if left > 0.1 else 0.0

    def _farewell(self, staff: Staff, link: Link) -> None:
        """Tell the runs to end, and wait a moment for what they found last."""
        until = time.monotonic() + min(_FAREWELL, self._deadline.remaining())
        try:
            link.patience = max(0.2, until - time.monotonic())
            link.end()
            while staff.running and time.monotonic() < until:
                time.sleep(0.05)
                for end in staff.ended():
                    self._note(end)
            self._visit(link)
            staff.dismiss()
            link.remove()
        except Exception:
            return  # whoever is gone by now has nothing left to say

    def result(self, termination: Termination, seed: int) -> MipResult:
        """Return what is known."""
        status = self._status
        if self._is_converged:
            status, termination = Status.OPTIMAL, Termination.CONVERGED
        if status is None or (status is Status.OPTIMAL and not self._is_converged):
            status = Status.UNKNOWN if self._x is None else Status.FEASIBLE
        stats: dict[str, Any] = {
            "runs": [
                {
                    "who": end.who,
                    "status": str(end.status),
                    "termination": str(end.termination),
                    "failures": end.failures,
                    "arms": end.arms,
                }
                for end in self._ends
            ],
            "lost": self._lost,
            "rejected_solutions": self._rejected,
            "bounds_refuted": self._bounds_refuted,
        }
        if self._report is not None:
            stats["check"] = self._report.to_dict()
        return MipResult(
            status=status,
            termination=termination,
            objective=self._objective,
            bound=self._bound,
            x=self._x,
            sense=self._instance.sense,
            names=self._instance.names,
            trace=self._trace.events(),
            stats=stats,
            seed=seed,
            wall_time=self._deadline.elapsed(),
        )


def _instance_of(
    problem: "str | os.PathLike[str] | Instance | pyscipopt.Model",
) -> Instance:
    if isinstance(problem, Instance):
        instance = problem
    elif hasattr(problem, "getVars"):
        instance = Instance.from_model(problem)
    else:
        instance = read(problem)
    if instance.unchecked:
        raise InputError(
            "problem must have constraints that travel as arrays, got "
            f"{instance.unchecked[0]!r} and the like."
        )
    return instance


def _connect(cluster: Any) -> tuple[Any, bool]:
    """Return a client, and whether it is ours to close."""
    distributed = require("distributed", extra="cluster")
    if isinstance(cluster, distributed.Client):
        return cluster, False
    if not isinstance(cluster, str):
        raise InputError(
            "cluster must be a Dask client or the address of a scheduler, "
            f"got {type(cluster).__name__}."
        )
    try:
        return distributed.Client(
            cluster, timeout=_PATIENCE, set_as_default=False
        ), True
    except (OSError, ValueError) as error:
        raise NotAvailableError(f"no scheduler at {cluster!r}: {error}") from error
