"""Carry out one job, from the instance file to the finished record.

    prepare a folder -> run under the supervisor -> read the claim -> have it
    checked -> judge -> move the folder to ``runs/KEY``

Nothing that goes wrong with the instance, the solver or the checker raises: it ends
as a status. Only trouble of the runner itself (a full disk) does.
"""

import contextlib
import os
import shutil
import socket
import threading
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from boundwise.benchmarks.isolation.launch import Launcher, Outcome
from boundwise.benchmarks.isolation.runfiles import (
    read_answer,
    read_trace,
    tail,
    thin,
)
from boundwise.benchmarks.isolation.verifier import Verifier
from boundwise.benchmarks.job import Job, file_sha256
from boundwise.benchmarks.machine import host_now, keep_machine_record
from boundwise.benchmarks.record import Record
from boundwise.benchmarks.status import Ending, Facts, classify
from boundwise.core.errors import InputError
from boundwise.core.files import write_json
from boundwise.core.result import relative_gap
from boundwise.core.status import Status, Termination
from boundwise.instances.reference import Reference

#: Folders of finished runs, below the campaign's folder.
RUNS = "runs"
_ERROR_ENDINGS = {
    "read": Ending.READ,
    "memory": Ending.MEMORY,
    "output": Ending.OUTPUT,
    "interrupted": Ending.INTERRUPTED,
}
#: Bytes of free space below which a run without an answer is not the solver's fault.
_LEAST_SPACE = 2**20
#: What a program that ran into the address-space limit writes before it ends.
_MEMORY_WORDS = ("bad_alloc", "out of memory", "MemoryError", "cannot allocate memory")


class Executor:
    """Carry out jobs of one campaign on this machine.

    Parameters
    ----------
    folder
        Folder of the campaign.
    slots
        How many jobs run at a time here; it goes into the records.
    """

    def __init__(self, folder: Path, slots: int = 1) -> None:
        self._folder = folder.absolute()
        self._slots = slots
        self._launcher = Launcher()
        self._local = threading.local()
        self._verifiers: list[Verifier] = []
        self._lock = threading.Lock()

    def execute(
        self,
        job: Job,
        reference: Reference,
        cores: list[int] | None = None,
    ) -> Record | None:
        """Run a job and return its record, or None if `stop` ended it.

        Parameters
        ----------
        job
            The run.
        reference
            What is known of the instance.
        cores
            Cores to pin the run to.

        Raises
        ------
        InputError
            If the campaign's folder cannot be written.
        """
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds")
        host = host_now(self._slots)
        folder = self._make_folder(job)
        try:
            trouble = _precheck(job)
            if trouble is not None:
                ending, message = trouble
                outcome = Outcome(ended="exit")
                answer: dict[str, Any] = {"error": ending, "message": message}
            else:
                outcome = self._launcher.run(folder, job.limits, cores)
                if outcome.ended == "lost" and self._launcher.stopped:
                    return None
                answer = read_answer(folder)
            if "status" not in answer:
                _refuse_full_disk(folder)
            record = self._judge(job, reference, folder, outcome, answer)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self._keep_folder(job, folder)
        return _with(record, host=host, stamp=stamp)

    def stop(self) -> None:
        """End the runs under way."""
        self._launcher.stop()

    def close(self) -> None:
        """End everything that was started."""
        self.stop()
        with self._lock:
            for verifier in self._verifiers:
                verifier.close()

    def _make_folder(self, job: Job) -> Path:
        who = f"{socket.gethostname()}-{os.getpid()}-{threading.get_native_id()}"
        folder = self._folder / RUNS / f".{job.key}.{who}"
        try:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            keep_machine_record(self._folder)
            write_json(folder / "task.json", _task(job))
        except OSError as error:
            raise InputError(
                f"cannot write {str(folder)!r}: {error.strerror}."
            ) from error
        return folder

    def _keep_folder(self, job: Job, folder: Path) -> None:
        shutil.rmtree(folder / "work", ignore_errors=True)
        with contextlib.suppress(OSError):
            (folder / "supervisor.json").unlink(missing_ok=True)
        target = self._folder / RUNS / job.key
        shutil.rmtree(target, ignore_errors=True)
        # A failed rename costs the log, not the record.
        with contextlib.suppress(OSError):
            folder.rename(target)

    def _verifier(self) -> Verifier:
        verifier: Verifier | None = getattr(self._local, "verifier", None)
        if verifier is None:
            verifier = Verifier()
            self._local.verifier = verifier
            with self._lock:
                self._verifiers.append(verifier)
        return verifier

    def _judge(
        self,
        job: Job,
        reference: Reference,
        folder: Path,
        outcome: Outcome,
        answer: dict[str, Any],
    ) -> Record:
        ending, raw = ending_of(outcome, answer, folder)
        if outcome.starved:
            raw = f"{raw} (the guard on the wall clock came first)"
        trace = read_trace(folder / "trace.jsonl")
        claimed = ending is Ending.DONE or (folder / "solution.sol").is_file()
        check: dict[str, Any] = {}
        if claimed or trace:
            check = self._verifier().verify(
                {
                    "suite": job.suite,
                    "instance": job.path,
                    "folder": str(folder),
                    "claim": answer,
                }
            )
            if ending is Ending.DONE and check.get("unreadable"):
                ending = Ending.READ
        if not claimed and "sense" in check:
            # Nothing was checked, but a trace means nothing without the sense.
            answer = {"sense": check["sense"]} | answer
            check = {}
        return make_record(job, reference, outcome, answer, check, trace, ending, raw)


def ending_of(
    outcome: Outcome, answer: Mapping[str, Any], folder: Path
) -> tuple[Ending, str]:
    """Say how a run ended, from what was seen outside and what it left."""
    if outcome.ended == "time":
        return Ending.TIME, "killed at the hard time limit"
    if outcome.ended == "memory":
        return Ending.MEMORY, "killed at the hard memory limit"
    if outcome.ended == "lost":
        return Ending.CRASH, "the supervisor was killed"
    if "error" in answer:
        kind, message = str(answer["error"]), str(answer.get("message", ""))
        if kind == "missing":
            return Ending.MISSING, message
        if kind == "crash" and _ran_out_of_memory(message, folder):
            return Ending.MEMORY, message
        if kind == "crash" and outcome.interrupted:
            return Ending.INTERRUPTED, message
        return _ERROR_ENDINGS.get(kind, Ending.CRASH), message
    late = outcome.interrupted and "status" in answer
    if not late and ("status" not in answer or outcome.signal or outcome.rc):
        if _ran_out_of_memory("", folder):
            return Ending.MEMORY, "out of memory"
        if outcome.interrupted:
            return Ending.INTERRUPTED, "ended by SIGINT at the limit"
        how = f"signal {outcome.signal}" if outcome.signal else f"code {outcome.rc}"
        return Ending.CRASH, f"ended with {how}, without an answer"
    return Ending.DONE, str(answer.get("raw_status", ""))


def make_record(
    job: Job,
    reference: Reference,
    outcome: Outcome,
    answer: Mapping[str, Any],
    check: Mapping[str, Any],
    trace: list[tuple[float, float | None, float | None, str]],
    ending: Ending,
    raw: str,
) -> Record:
    """Put the record of a run together and judge it."""
    done = ending is Ending.DONE
    # Of a run without an answer, the stream still tells what it had found.
    last = trace[-1] if trace else (0.0, None, None, "")
    primal = answer.get("primal") if done else last[1]
    dual = answer.get("dual") if done else last[2]
    sense = check.get("sense") or answer.get("sense") or "minimize"
    facts = Facts(
        ending=ending,
        claim=Status(answer.get("status", "unknown")),
        termination=Termination(answer.get("termination", "error")),
        sense=sense,
        primal=primal,
        dual=dual,
        verified=check.get("verified"),
        gap=job.limits.gap,
        reference=reference,
    )
    improvements = [point[0] for point in _improvements(trace)]
    wall, used = _times(job, outcome, answer)
    return Record(
        key=job.key,
        suite=job.suite,
        instance=job.instance,
        sha256=job.sha256,
        path=job.path,
        solver={
            "label": job.solver.label,
            "adapter": job.solver.adapter,
            "version": job.solver.version,
            "ran": answer.get("version"),
        },
        settings=job.solver.settings,
        seed=job.seed,
        permutation=job.permutation,
        limits=asdict(job.limits),
        status=classify(facts),
        raw_status=raw,
        claim=str(facts.claim),
        termination=str(facts.termination),
        sense=sense,
        primal=primal,
        dual=dual,
        gap=_gap(primal, dual),
        nodes=answer.get("nodes"),
        time_wall=wall,
        time_used=used,
        time_start=_difference(outcome.started, outcome.launched),
        time_cpu=outcome.time_cpu,
        peak_rss=outcome.peak_rss,
        trace=thin(trace),
        time_to_first=improvements[0] if improvements else None,
        time_to_best=improvements[-1] if improvements else None,
        check=check,
        reference=reference,
        measures={**answer.get("measures", {}), **check.get("measures", {})},
        stats=answer.get("stats", {}),
        rc=outcome.rc,
        signal=outcome.signal,
        log=f"{RUNS}/{job.key}",
    )


def _times(
    job: Job, outcome: Outcome, answer: Mapping[str, Any]
) -> tuple[float | None, float | None]:
    """Return the seconds on the wall, and those on the clock of the limits."""
    begin = outcome.started or outcome.launched
    wall = _difference(answer.get("finished") or outcome.ended_at, begin)
    if job.limits.clock == "wall":
        return wall, wall
    if "used" in answer:
        return wall, round(float(answer["used"]), 6)
    return wall, _difference(outcome.time_cpu, outcome.started_cpu)


def _precheck(job: Job) -> tuple[str, str] | None:
    if not job.path or not Path(job.path).exists():
        return "missing", "there is no instance file"
    try:
        if file_sha256(Path(job.path)) != job.sha256:
            return "read", "the instance file changed since the campaign was planned"
    except InputError as error:
        return "read", str(error)
    return None


def _refuse_full_disk(folder: Path) -> None:
    """Stop the campaign rather than blame a solver for a full disk."""
    if shutil.disk_usage(folder).free < _LEAST_SPACE:
        raise InputError(f"the disk of {str(folder)!r} is full.")


def _task(job: Job) -> dict[str, Any]:
    return {
        "instance": job.path,
        "adapter": job.solver.adapter,
        "settings": dict(job.solver.settings),
        "time_limit": job.limits.time_limit,
        "memory_limit": job.limits.memory_limit,
        "threads": job.limits.threads,
        "gap": job.limits.gap,
        "seed": job.seed,
        "permutation": job.permutation,
    }


def _ran_out_of_memory(message: str, folder: Path) -> bool:
    text = (message + tail(folder / "err") + tail(folder / "out")).lower()
    return any(word.lower() in text for word in _MEMORY_WORDS)


def _improvements(
    trace: list[tuple[float, float | None, float | None, str]],
) -> list[tuple[float, float | None, float | None, str]]:
    found = []
    former = None
    for point in trace:
        if point[1] is not None and point[1] != former:
            found.append(point)
            former = point[1]
    return found


def _gap(primal: float | None, dual: float | None) -> float | None:
    if primal is None or dual is None:
        return None
    return relative_gap(primal, dual)


def _difference(left: float | None, right: float | None) -> float | None:
    return None if left is None or right is None else round(left - right, 6)


def _with(record: Record, *, host: Mapping[str, Any], stamp: str) -> Record:
    return Record.from_dict(record.to_dict() | {"host": host, "stamp": stamp})
