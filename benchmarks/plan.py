"""Turn a campaign into jobs, once: who takes part, in which version, on what.

The plan is written to ``campaign.json`` in the campaign's folder. Reports show the
runs of the plan; records of earlier plans stay in the store.
"""

import hashlib
import json
import random
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from boundwise.benchmarks.campaign import Campaign, SolverChoice
from boundwise.benchmarks.isolation.launch import Launcher
from boundwise.benchmarks.isolation.runfiles import read_answer, tail
from boundwise.benchmarks.job import Job, RunLimits, SolverSpec, file_sha256
from boundwise.benchmarks.record import reference_from_dict, reference_to_dict
from boundwise.benchmarks.solvers.registry import resolve
from boundwise.benchmarks.suites.base import InstanceFile, Suite, load_suite
from boundwise.core.errors import InputError, NotAvailableError, SolverError
from boundwise.core.files import write_json
from boundwise.instances.reference import Reference

PLAN = "campaign.json"
_PROBE_LIMITS = RunLimits(time_limit=60.0, kill_grace=30.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The jobs of a campaign, with what is known of their instances.

    Parameters
    ----------
    name, suite
        Title and suite of the campaign.
    jobs
        Every run, in the order of instances, solvers, seeds.
    references
        What is known of each instance, by name.
    slots
        Runs at a time on one machine.
    pin
        Whether to pin runs to cores.
    """

    name: str
    suite: str
    jobs: tuple[Job, ...]
    references: Mapping[str, Reference]
    slots: int = 1
    pin: bool = False

    @property
    def keys(self) -> frozenset[str]:
        """The run keys."""
        return frozenset(job.key for job in self.jobs)

    def shuffled(self) -> list[Job]:
        """Return the jobs in a random order that is the same every time.

        A slow phase of the machine must not hit one solver only.
        """
        jobs = sorted(self.jobs, key=lambda job: job.key)
        random.Random(len(jobs)).shuffle(jobs)
        return jobs

    def save(self, folder: Path) -> None:
        """Write the plan to the campaign's folder, atomically."""
        document = {
            "name": self.name,
            "suite": self.suite,
            "slots": self.slots,
            "pin": self.pin,
            "references": {k: reference_to_dict(v) for k, v in self.references.items()},
            "jobs": [job.to_dict() for job in self.jobs],
        }
        write_json(folder / PLAN, document)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the plan of a campaign's folder.

        Raises
        ------
        InputError
            If there is none, or it is damaged.
        """
        path = folder / PLAN
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            references = document["references"]
            return cls(
                name=document["name"],
                suite=document["suite"],
                slots=document["slots"],
                pin=document["pin"],
                references={k: reference_from_dict(v) for k, v in references.items()},
                jobs=tuple(Job.from_dict(job) for job in document["jobs"]),
            )
        except OSError as error:
            raise InputError(
                f"{str(folder)!r} is not a campaign folder: no readable {PLAN}."
            ) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(f"{str(path)!r} is damaged: {error}.") from error


def make_plan(campaign: Campaign, folder: Path) -> Plan:
    """Find instances and solvers, and lay out the jobs.

    Every solver is imported once in a child, which tells its version and refuses
    unknown settings: a typo costs a second, not a night.

    Parameters
    ----------
    campaign
        What to run.
    folder
        Campaign folder; generated instances may be written below it.

    Raises
    ------
    InputError
        If an instance or solver is unknown, or settings are refused.
    NotAvailableError
        If a solver is not installed.
    """
    suite = load_suite(campaign.suite)
    choices = [
        replace(choice, adapter=resolve(choice.adapter, Path.cwd()))
        for choice in campaign.solvers
    ]
    files = suite.collect(campaign.instances, folder)
    specs = [probe(choice) for choice in choices]
    hashes = {file.name: _hash(file) for file in files}
    jobs = tuple(
        Job(
            suite=campaign.suite,
            instance=file.name,
            path=str(file.path.absolute()) if file.path else "",
            sha256=hashes[file.name],
            solver=spec,
            seed=seed,
            permutation=permutation,
            limits=campaign.limits,
        )
        for file in files
        for spec in specs
        for seed in campaign.seeds
        for permutation in campaign.permutations
    )
    _refuse_doubles(jobs)
    return Plan(
        name=campaign.name,
        suite=campaign.suite,
        jobs=jobs,
        references=_references(suite, files),
        slots=campaign.jobs,
        pin=campaign.pin,
    )


def probe(choice: SolverChoice) -> SolverSpec:
    """Import a solver in a child and return it with its version.

    Raises
    ------
    NotAvailableError
        If it is not installed.
    InputError
        If it refuses the settings.
    SolverError
        If it crashes.
    """
    with tempfile.TemporaryDirectory(prefix="boundwise-probe-") as name:
        folder = Path(name)
        task = {
            "probe": True,
            "adapter": choice.adapter,
            "settings": dict(choice.settings),
        }
        write_json(folder / "task.json", task)
        Launcher().run(folder, _PROBE_LIMITS)
        answer = read_answer(folder)
        if "version" not in answer:
            _complain(choice.label, answer, tail(folder / "err"))
    version = str(answer["version"])
    if choice.adapter.endswith(".py"):
        # A changed adapter is a changed solver.
        version += f" #{file_sha256(Path(choice.adapter))[:8]}"
    return SolverSpec(
        label=choice.label,
        adapter=choice.adapter,
        version=version,
        settings=choice.settings,
    )


def _complain(label: str, answer: Mapping[str, Any], log: str) -> None:
    message = f"solver {label!r}: {answer.get('message', 'it crashed')}"
    kind = answer.get("error")
    if kind == "unavailable":
        raise NotAvailableError(message)
    if kind == "setting":
        raise InputError(message)
    last = log.strip().splitlines()[-1:] or [""]
    raise SolverError(f"{message} {last[0]}".strip())


def _hash(file: InstanceFile) -> str:
    if file.path is not None and file.path.exists():
        return file_sha256(file.path)
    return hashlib.sha256(f"missing {file.name}".encode()).hexdigest()


def _refuse_doubles(jobs: Sequence[Job]) -> None:
    seen: dict[str, Job] = {}
    for job in jobs:
        other = seen.setdefault(job.key, job)
        if other is job:
            continue
        if other.instance != job.instance:
            raise InputError(
                f"instances {other.instance!r} and {job.instance!r} are the same file."
            )
        raise InputError(
            f"solvers {other.solver.label!r} and {job.solver.label!r} are the same: "
            "equal adapter, version and settings."
        )


def _references(suite: Suite, files: Sequence[InstanceFile]) -> dict[str, Reference]:
    return {file.name: suite.reference(file.name) for file in files}
