"""Run jobs on a Dask cluster: each task launches the same limited child.

A solver that crashes never takes its worker along, and a worker that dies takes its
run along (the supervisor sees its pipe close). Dask itself never repeats a run in
silence (``allowed-failures: 0``): a lost run comes back to the runner, which submits
it again. The key of a task is the run key, with the number of the attempt.
"""

import logging
import queue
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from boundwise.benchmarks.engines.base import Completed
from boundwise.benchmarks.isolation.execute import Executor
from boundwise.benchmarks.job import Job
from boundwise.benchmarks.plan import PLAN, Plan
from boundwise.benchmarks.record import (
    Record,
    reference_from_dict,
    reference_to_dict,
)
from boundwise.benchmarks.status import NOTHING_KNOWN
from boundwise.core.errors import InputError, NotAvailableError
from boundwise.core.optional import require
from boundwise.instances.reference import Reference
from boundwise.solvers.mip.cluster.workers import workers_of

logger = logging.getLogger(__name__)
#: Name of the worker resource of which every run takes one.
SLOT = "slot"
_CONNECT_SECONDS = 30
_SLURM_KEYS = ("queue", "account", "walltime", "jobs")


class DaskEngine:
    """Run jobs on the workers of a Dask cluster.

    Parameters
    ----------
    folder
        Campaign folder, under this path on every worker.
    references
        What is known of the instances.
    client
        Connected Dask client; closed with the engine.
    cluster
        Cluster to close as well, or None.
    """

    def __init__(
        self,
        folder: Path,
        references: Mapping[str, Reference],
        client: Any,
        cluster: Any = None,
    ) -> None:
        self._folder = folder.absolute()
        self._references = references
        self._client = client
        self._cluster = cluster
        self._attempts: dict[str, int] = {}
        self._futures: set[Any] = set()
        self._done: queue.SimpleQueue[tuple[Job, Any]] = queue.SimpleQueue()
        workers = workers_of(client, _CONNECT_SECONDS).values()
        if not workers:
            logger.warning("the scheduler has no worker yet; runs wait for one")
        # Without the resource, a worker's single thread is its slot.
        slotted = all(SLOT in worker.get("resources", {}) for worker in workers)
        self._resources = {SLOT: 1} if workers and slotted else None

    def submit(self, job: Job) -> None:
        """Hand a job to the cluster."""
        attempt = self._attempts.get(job.key, 0) + 1
        self._attempts[job.key] = attempt
        reference = self._references.get(job.instance, NOTHING_KNOWN)
        future = self._client.submit(
            run_remotely,
            str(self._folder),
            job.to_dict(),
            reference_to_dict(reference),
            key=f"{job.key}-{attempt}",
            pure=True,
            retries=0,
            resources=self._resources,
        )
        self._futures.add(future)
        future.add_done_callback(lambda ended: self._done.put((job, ended)))

    def completed(self) -> Iterator[Completed]:
        """Yield jobs as they end; runs lost with their worker come back as lost."""
        while self._futures:
            job, future = self._done.get()
            self._futures.discard(future)
            yield _completed(job, future)

    def close(self) -> None:
        """Cancel what is queued and disconnect; workers end their runs."""
        for future in self._futures:
            future.cancel(force=True)
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()


_executor_lock = threading.Lock()
_executors: dict[str, Executor] = {}


def run_remotely(
    folder: str, job: Mapping[str, Any], reference: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Carry out one job on a worker; called by Dask.

    Parameters
    ----------
    folder
        Campaign folder.
    job, reference
        The documents of the job and of what is known.

    Raises
    ------
    InputError
        If this worker does not see the campaign folder.
    """
    if not (Path(folder) / PLAN).is_file():
        raise InputError(
            f"the worker does not see the campaign folder {folder!r}; it must be on "
            "a file system that all workers share."
        )
    with _executor_lock:
        executor = _executors.setdefault(folder, Executor(Path(folder)))
    record = executor.execute(Job.from_dict(job), reference_from_dict(reference))
    return None if record is None else record.to_dict()


def connect(scheduler: str | None, slurm: str | None, plan: Plan) -> tuple[Any, Any]:
    """Connect to a scheduler, or start a cluster on SLURM.

    Parameters
    ----------
    scheduler
        Address such as ``tcp://host:8786``.
    slurm
        ``queue=NAME,account=NAME,walltime=HH:MM:SS,jobs=N``.
    plan
        Gives threads and memory of a run.

    Returns
    -------
    tuple
        The client, and the cluster or None.

    Raises
    ------
    InputError
        If not exactly one of the two is given, or an option is unknown.
    NotAvailableError
        If Dask is missing or the scheduler does not answer.
    """
    if (scheduler is None) == (slurm is None):
        raise InputError("--engine dask needs one of --scheduler and --slurm.")
    dask = require("dask", extra="cluster")
    distributed = require("distributed", extra="cluster")
    dask.config.set({"distributed.scheduler.allowed-failures": 0})
    cluster = None
    if slurm is not None:
        cluster = _slurm_cluster(slurm, plan)
    try:
        # As the default it would stay in Dask's settings when it does not connect.
        client = distributed.Client(
            cluster or scheduler, timeout=_CONNECT_SECONDS, set_as_default=False
        )
    except (OSError, ValueError) as error:
        raise NotAvailableError(
            f"the Dask scheduler {scheduler!r} does not answer: {error}."
        ) from error
    client.run_on_scheduler(_never_retry)
    return client, cluster


def slurm_options(text: str, plan: Plan) -> dict[str, Any]:
    """Return the arguments of ``dask_jobqueue.SLURMCluster``, and ``jobs``.

    Parameters
    ----------
    text
        ``queue=NAME,account=NAME,walltime=HH:MM:SS,jobs=N``.
    plan
        Gives threads and memory of a run.

    Raises
    ------
    InputError
        If an option is unknown or malformed.
    """
    options: dict[str, Any] = {"jobs": 1}
    for part in text.split(","):
        name, equals, value = part.partition("=")
        if name not in _SLURM_KEYS or not equals or not value:
            raise InputError(
                f"--slurm takes {', '.join(f'{k}=...' for k in _SLURM_KEYS)}; "
                f"got {part!r}."
            )
        options[name] = value
    try:
        options["jobs"] = int(options["jobs"])
    except ValueError as error:
        raise InputError(f"jobs must be an integer, got {options['jobs']!r}") from error
    limits = plan.jobs[0].limits
    memory = 4096 if limits.hard_memory is None else round(limits.hard_memory + 1024)
    options |= {
        "cores": 1,
        "processes": 1,
        "job_cpu": limits.threads,
        "memory": f"{memory} MiB",
        "worker_extra_args": ["--nthreads", "1", "--resources", f"{SLOT}=1"],
    }
    return options


def _slurm_cluster(text: str, plan: Plan) -> Any:
    jobqueue = require("dask_jobqueue", extra="cluster")
    options = slurm_options(text, plan)
    jobs = options.pop("jobs")
    cluster = jobqueue.SLURMCluster(**options)
    cluster.scale(jobs=jobs)
    return cluster


def _never_retry(dask_scheduler: Any) -> None:
    """Make a scheduler started by others give up a task with its worker."""
    dask_scheduler.allowed_failures = 0


def _completed(job: Job, future: Any) -> Completed:
    if future.status == "finished":
        document = future.result()
        if document is not None:
            return Completed(job=job, record=Record.from_dict(document))
        return Completed(job=job, lost="its worker was stopped")
    error = future.exception() if future.status == "error" else None
    if isinstance(error, InputError):
        raise error
    return Completed(job=job, lost=f"{future.status}: {error or 'no worker has it'}")
