"""A campaign folder made of records, without a single run."""

import dataclasses

import pytest

from boundwise.benchmarks.job import Job, SolverSpec
from boundwise.benchmarks.plan import Plan
from boundwise.benchmarks.status import RunStatus
from boundwise.benchmarks.store import Writer


@pytest.fixture
def make_campaign(tmp_path, make_record):
    """Write a campaign of given times: label -> instance -> seconds or status."""

    def make(name, table, seeds=(0,), **changes):
        folder = tmp_path / name
        jobs = []
        with Writer(folder) as writer:
            for label, row in table.items():
                for instance, entry in row.items():
                    for seed in seeds:
                        job = Job(
                            suite="mip",
                            instance=instance,
                            path="",
                            sha256=f"hash of {instance}",
                            solver=SolverSpec(label=label, adapter=label, version="1"),
                            seed=seed,
                        )
                        jobs.append(job)
                        writer.append(_record(make_record, job, entry, changes))
        plan = Plan(name=name, suite="mip", jobs=tuple(jobs), references={})
        plan.save(folder)
        return folder

    return make


def _record(make_record, job, entry, changes):
    solved = isinstance(entry, int | float)
    record = make_record(
        job.instance,
        job.solver.label,
        RunStatus.OK if solved else entry,
        float(entry) if solved else 3.0,
        seed=job.seed,
        key=job.key,
        primal=10.0,
        dual=10.0 if solved else None,
        check={"verified": True, "strict": True},
        trace=((0.4, 20.0, 5.0, "a"), (0.9, 10.0, 5.0, "b")),
        claim="optimal" if solved else "unknown",
        log=f"runs/{job.key}",
    )
    return dataclasses.replace(record, **changes)
