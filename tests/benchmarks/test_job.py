import json
import math

import pytest

from boundwise.benchmarks.job import Job, RunLimits, SolverSpec, file_sha256
from boundwise.core.errors import InputError


def test_the_key_changes_with_everything_that_changes_the_run(make_job):
    base = make_job()
    changed = [
        make_job(sha256="0" * 64),
        make_job(seed=1),
        make_job(permutation=1),
        make_job(time_limit=6.0),
        make_job(memory_limit=10.0),
        make_job(settings={"seconds": 1}),
        make_job(suite="other"),
        make_job(
            solver=SolverSpec(label="good", adapter="scip", version="1.0"),
        ),
        make_job(
            solver=SolverSpec(label="good", adapter=base.solver.adapter, version="2"),
        ),
    ]
    keys = {job.key for job in [base, *changed]}
    assert len(keys) == len(changed) + 1


def test_the_key_does_not_depend_on_names(make_job):
    base = make_job()
    solver = SolverSpec(
        label="another label",
        adapter=base.solver.adapter,
        version=base.solver.version,
        settings=dict(base.solver.settings),
    )
    assert make_job(instance="renamed", path="/else", solver=solver).key == base.key


def test_a_job_survives_json(make_job):
    job = make_job(settings={"seconds": 0.5}, seed=3)
    again = Job.from_dict(json.loads(json.dumps(job.to_dict())))
    assert again == job
    assert again.key == job.key


def test_the_order_of_settings_does_not_matter(make_job):
    one = make_job(settings={"a": 1, "b": 2})
    two = make_job(settings={"b": 2, "a": 1})
    assert one.key == two.key


def test_limits_follow_the_rules_for_graces_and_memory():
    short = RunLimits(time_limit=10.0, memory_limit=1000.0)
    assert short.seconds_to_interrupt == 1.0
    assert short.seconds_to_kill == 30.0
    assert short.hard_memory == pytest.approx(1200.0)
    long = RunLimits(time_limit=7200.0)
    assert long.seconds_to_interrupt == pytest.approx(144.0)
    assert long.seconds_to_kill == pytest.approx(720.0)
    assert long.hard_memory is None


@pytest.mark.parametrize(
    "changes",
    [
        {"time_limit": 0},
        {"time_limit": math.inf},
        {"time_limit": math.nan},
        {"time_limit": None},
        {"memory_limit": -1},
        {"threads": 0},
        {"threads": 1.5},
        {"gap": -0.1},
        {"kill_grace": 0},
        {"interrupt_grace": -1},
    ],
)
def test_limits_out_of_range_are_refused_by_name(changes):
    (name,) = changes
    with pytest.raises(InputError, match=name):
        RunLimits(**changes)


def test_a_document_that_is_no_job_is_refused():
    with pytest.raises(InputError, match="not a job"):
        Job.from_dict({"instance": "x"})


def test_a_file_that_cannot_be_read_has_no_hash(tmp_path):
    with pytest.raises(InputError, match="cannot read"):
        file_sha256(tmp_path / "nowhere")
