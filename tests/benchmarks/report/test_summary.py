import pytest

from boundwise.benchmarks.load import best_known, load_records, refuse_mixed
from boundwise.benchmarks.metrics.means import shifted_geometric_mean
from boundwise.benchmarks.report.curves import (
    arm_curves,
    gap_curves,
    profile_curves,
    ratio_boxes,
)
from boundwise.benchmarks.report.summary import (
    VIRTUAL_BEST,
    analyse,
    comparison_rows,
    run_rows,
    solver_rows,
    subset_rows,
)
from boundwise.benchmarks.status import RunStatus
from boundwise.core.errors import InputError
from boundwise.instances.reference import Kind, Reference

LIMIT, FAIL = RunStatus.TIME_LIMIT, RunStatus.FAIL_SOLUTION
TABLE = {
    "a": {"x": 1.0, "y": 10.0, "z": LIMIT},
    "b": {"x": 2.0, "y": 5.0, "z": FAIL},
}


@pytest.fixture
def analysis(make_campaign):
    return analyse(load_records(make_campaign("c", TABLE)))


def test_the_solver_table_has_hand_computed_figures(analysis):
    a, b, best = solver_rows(analysis)
    assert (a["label"], b["label"], best["label"]) == ("a", "b", VIRTUAL_BEST)
    assert (a["solved"], a["failed"], b["failed"]) == (2, 0, 1)
    assert a["sgm1"] == pytest.approx(shifted_geometric_mean([1, 10, 100], 1))
    assert b["sgm10"] == pytest.approx(shifted_geometric_mean([2, 5, 100], 10))
    assert a["par10"] == pytest.approx((1 + 10 + 1000) / 3)
    assert min(a["score"], b["score"]) == 1.0
    assert best["sgm1"] == pytest.approx(shifted_geometric_mean([1, 5, 100], 1))
    assert best["score"] <= 1.0


def test_the_gap_integral_runs_to_the_time_limit(analysis):
    rows = {(row["instance"], row["solver"]): row for row in run_rows(analysis)}
    # Gap 1 until 0.4, 0.5 until 0.9, then 0.
    assert rows["x", "a"]["m_primal_integral"] == pytest.approx(0.4 + 0.25)
    assert rows["x", "a"]["m_gap"] == 0.0


def test_the_comparison_is_with_the_base(analysis):
    (row,) = comparison_rows(analysis, 1.0)
    assert row["label"] == "b"
    assert (row["wins"], row["losses"], row["p"]) == (1, 1, None)
    assert not row["significant"]


def test_subsets_count_solved_instances(analysis):
    rows = {row["title"]: row for row in subset_rows(analysis, 1.0)}
    assert rows["all"]["instances"] == 3
    assert rows["[10, limit]"]["instances"] == 1
    assert rows["all"]["solvers"][1]["solved"] == 2


def test_curves_end_at_the_known_values(analysis):
    gaps = {curve["label"]: curve for curve in gap_curves(analysis)}
    assert gaps["a"]["y"][0] == 1.0
    assert gaps["a"]["y"][-1] == 0.0
    performance = profile_curves(analysis)["performance"]
    assert {curve["y"][-1] for curve in performance} == {1.0}
    (box,) = ratio_boxes(analysis)
    assert len(box["y"]) == 3
    assert box["low"] <= box["mean"] <= box["high"]


def test_a_rejected_solution_has_the_worst_gap(make_campaign):
    folder = make_campaign("c", TABLE, check={"verified": False})
    analysis = analyse(load_records(folder))
    assert gap_curves(analysis) == []
    assert {row["m_gap"] for row in run_rows(analysis)} == {None}


def test_pulls_of_arms_are_counted_in_bins(make_campaign):
    pulls = [[0.0, "rins"], [1.0, "rins"], [99.9, "mutation"], [150.0, "rins"]]
    folder = make_campaign("c", {"a": {"x": 1.0}}, stats={"pulls": pulls})
    (entry,) = arm_curves(analyse(load_records(folder)))
    counts = {arm["name"]: arm["y"] for arm in entry["arms"]}
    assert counts["rins"][0] == 2
    assert sum(counts["rins"]) == 3
    assert counts["mutation"][-1] == 1


def test_the_best_known_value_is_the_better_of_reference_and_runs(make_record):
    reference = Reference(Kind.BEST, 9.0)
    records = [
        make_record("x", primal=8.0, check={"verified": True}, reference=reference),
        make_record("y", primal=8.0, check={"verified": False}, reference=reference),
        make_record("z", primal=8.0),
        make_record(
            "m",
            primal=10.0,
            check={"verified": True},
            reference=reference,
            sense="maximize",
        ),
    ]
    assert best_known(records) == {"x": 8.0, "y": 9.0, "m": 10.0}


def test_runs_of_two_machines_are_refused_unless_one_insists(make_record):
    other = {"name": "n", "fingerprint": "g", "cores": 2, "slots": 1}
    records = [make_record("x"), make_record("y", host=other)]
    with pytest.raises(InputError, match="--allow-mixed"):
        refuse_mixed(records, allow=False)
    refuse_mixed(records, allow=True)


def test_runs_of_another_plan_are_not_in_the_tables(make_campaign, make_record):
    from boundwise.benchmarks.store import Writer

    folder = make_campaign("c", TABLE)
    with Writer(folder) as writer:
        writer.append(make_record("x", "a", key="of another plan"))
    assert len(load_records(folder).records) == 6
