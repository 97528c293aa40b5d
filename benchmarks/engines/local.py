"""A pool of threads on this machine, each of which waits for one run at a time."""

import os
import queue
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from boundwise.benchmarks.engines.base import Completed
from boundwise.benchmarks.isolation.execute import Executor
from boundwise.benchmarks.job import Job
from boundwise.benchmarks.status import NOTHING_KNOWN
from boundwise.instances.reference import Reference


class LocalEngine:
    """Run jobs on this machine.

    Parameters
    ----------
    folder
        Folder of the campaign.
    references
        What is known of the instances, by name.
    slots
        Runs at a time.
    pin
        Whether to give every slot cores of its own.
    """

    def __init__(
        self,
        folder: Path,
        references: Mapping[str, Reference],
        slots: int = 1,
        *,
        pin: bool = False,
    ) -> None:
        self._references = references
        self._executor = Executor(folder, slots)
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[Completed | BaseException] = queue.SimpleQueue()
        self._open = 0
        self._pin = pin
        self.current: dict[int, Job] = {}
        self._threads = [
            threading.Thread(target=self._work, args=(slot,), daemon=True)
            for slot in range(slots)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Job) -> None:
        """Queue a job."""
        self._open += 1
        self._jobs.put(job)

    def completed(self) -> Iterator[Completed]:
        """Yield jobs as they end; trouble of the runner itself is raised."""
        while self._open:
            item = self._done.get()
            self._open -= 1
            if isinstance(item, BaseException):
                raise item
            yield item

    def close(self) -> None:
        """Kill what runs and end the threads."""
        self._executor.stop()
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join(timeout=30)
        self._executor.close()

    def _work(self, slot: int) -> None:
        while (job := self._jobs.get()) is not None:
            self.current[slot] = job
            try:
                reference = self._references.get(job.instance, NOTHING_KNOWN)
                cores = _cores(slot, job.limits.threads) if self._pin else None
                record = self._executor.execute(job, reference, cores)
                if record is None:
                    return
                self._done.put(Completed(job=job, record=record))
            except BaseException as error:
                self._done.put(error)
                return
            finally:
                self.current.pop(slot, None)


def _cores(slot: int, threads: int) -> list[int] | None:
    """Return the cores of a slot; None if there are not enough of them."""
    allowed = sorted(os.sched_getaffinity(0))
    mine = allowed[slot * threads : (slot + 1) * threads]
    return mine if len(mine) == threads else None
