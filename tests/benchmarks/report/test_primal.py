"""The table of primal gaps has the values that the formulas give by hand."""

import dataclasses

import pytest

from boundwise.benchmarks.job import Job, RunLimits, SolverSpec
from boundwise.benchmarks.plan import Plan
from boundwise.benchmarks.report.primal import primal_table
from boundwise.benchmarks.status import RunStatus
from boundwise.benchmarks.store import Writer
from boundwise.core.errors import InputError
from boundwise.instances.reference import Kind, Reference

LIMITS = RunLimits(time_limit=100.0, clock="cpu")
TEN = Reference(Kind.BEST, 10.0)
#: Gap 0.5 at 10 s, 0.1 at 40 s, 0 at 70 s: the integral is 28 of 100 s.
STEPS = ((10.0, 20.0), (40.0, 10.0 / 0.9), (70.0, 10.0))


@pytest.fixture
def make_store(tmp_path, make_record):
    """Write runs (label, adapter, version) -> instance -> incumbents over time."""

    def make(table, planned=None, seconds=100.0, **changes):
        jobs = []
        with Writer(tmp_path / "store") as writer:
            for (label, adapter, version), row in table.items():
                solver = SolverSpec(label=label, adapter=adapter, version=version)
                for instance, steps in row.items():
                    job = Job(
                        suite="mip",
                        instance=instance,
                        path="",
                        sha256=instance,
                        solver=solver,
                        limits=LIMITS,
                    )
                    jobs.append(job)
                    record = make_record(
                        instance,
                        label,
                        RunStatus.TIME_LIMIT,
                        key=job.key,
                        solver=dataclasses.asdict(solver),
                        limits=dataclasses.asdict(LIMITS),
                        primal=steps[-1][1] if steps else None,
                        time_used=seconds,
                        trace=tuple((s, v, None, "x") for s, v in steps),
                        check={"verified": True} if steps else {},
                        reference=TEN,
                    )
                    writer.append(dataclasses.replace(record, **changes))
        kept = [job for job in jobs if planned is None or job.solver.version in planned]
        Plan(name="p", suite="mip", jobs=tuple(kept), references={}).save(
            tmp_path / "store"
        )
        return tmp_path / "store"

    return make


OURS = ("ours", "boundwise", "1")
SCIP = ("scip", "scip", "1")
HIGHS = ("highs", "highs", "1")


def test_gap_and_integral_are_those_of_the_formulas(make_store):
    table = primal_table(make_store({SCIP: {"a": STEPS, "b": ()}}))
    assert table.rows["a"]["scip"].gap == pytest.approx(0.0)
    assert table.rows["a"]["scip"].integral == pytest.approx(0.28)
    assert table.rows["b"]["scip"].gap == table.rows["b"]["scip"].integral == 1.0
    assert table.mean("scip").gap == pytest.approx(0.5)
    assert table.mean("scip").integral == pytest.approx(0.64)
    assert table.clock == "cpu"


def test_our_solvers_are_compared_with_peers_only(make_store):
    table = primal_table(
        make_store(
            {
                OURS: {"a": STEPS, "b": STEPS},
                SCIP: {"a": STEPS[:2], "b": ()},
                HIGHS: {"a": (), "b": STEPS[:1]},
            }
        )
    )
    assert table.peers == ("scip", "highs")
    assert (table.best_peer("a"), table.best_peer("b")) == ("scip", "highs")
    # Means: SCIP (0.1 + 1) / 2, HiGHS (1 + 0.5) / 2; the best of each: (0.1 + 0.5) / 2.
    assert table.best_single_peer().gap == pytest.approx(0.55)
    assert table.ideal_peer().gap == pytest.approx(0.3)
    lines = table.lines()
    assert any("0.000 0." in line for line in lines if line.startswith("best single"))
    assert any(line.startswith("ours against scip, at worst: -0.1") for line in lines)


def test_on_an_instance_that_no_peer_solves_there_is_no_best_peer(make_store):
    table = primal_table(make_store({OURS: {"a": STEPS}, SCIP: {"a": ()}}))
    assert table.best_peer("a") is None
    assert "none" in table.lines()[2]


def test_a_rejected_solution_is_none(make_store):
    folder = make_store({SCIP: {"a": STEPS}}, check={"verified": False})
    figures = primal_table(folder).rows["a"]["scip"]
    assert (figures.gap, figures.integral) == (1.0, 1.0)


def test_what_is_found_after_the_limit_does_not_count(make_store):
    late = (*STEPS[:2], (110.0, 10.0))
    figures = primal_table(make_store({SCIP: {"a": late}}, seconds=111.0)).rows["a"]
    assert figures["scip"].gap == pytest.approx(0.1)


def test_means_are_over_instances_that_everybody_has_run_on(make_store):
    folder = make_store({OURS: {"a": STEPS, "b": ()}, SCIP: {"a": STEPS[:1]}})
    table = primal_table(folder)
    assert table.complete == ("a",)
    assert table.mean("ours").gap == pytest.approx(0.0)
    assert any("1 of 2 instances" in line for line in table.lines())


def test_only_the_instances_of_a_set_in_its_order(make_store):
    folder = make_store({SCIP: dict.fromkeys("abcd", STEPS)})
    assert list(primal_table(folder, ("d", "b", "z")).rows) == ["d", "b"]
    assert primal_table(folder, ("z",)).lines() == [
        "no run of these instances is recorded yet"
    ]


def test_runs_of_former_plans_count_if_asked_for_and_of_versions_the_last(make_store):
    newer = ("ours", "boundwise", "2")
    table = {SCIP: {"a": STEPS}, OURS: {"a": ()}, newer: {"a": STEPS[:1]}}
    folder = make_store(table, planned={"2"})
    assert primal_table(folder).labels == ("ours",)
    everything = primal_table(folder, everything=True)
    assert set(everything.labels) == {"ours", "scip"}
    assert everything.rows["a"]["ours"].gap == pytest.approx(0.5)


def test_a_suite_without_primal_gaps_is_refused(tmp_path):
    Plan(name="p", suite="dag", jobs=(), references={}).save(tmp_path)
    with pytest.raises(InputError, match="no primal gap"):
        primal_table(tmp_path)
