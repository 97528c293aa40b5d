from boundwise.benchmarks.consistency import (
    cross_check,
    is_mixed_machine,
    mixed_conditions,
)
from boundwise.benchmarks.status import RunStatus

LIMIT = RunStatus.TIME_LIMIT
INCONSISTENT = RunStatus.FAIL_INCONSISTENT


def statuses(records):
    return {record.label: record.status for record in cross_check(records)}


def test_a_bound_above_a_verified_solution_is_wrong_and_the_solution_is_not(
    make_record,
):
    records = [
        make_record(label="bound", status=LIMIT, dual=12.0, primal=20.0),
        make_record(
            label="solution", status=LIMIT, primal=10.0, check={"verified": True}
        ),
    ]
    assert statuses(records) == {"bound": INCONSISTENT, "solution": LIMIT}


def test_without_a_check_both_sides_are_suspect(make_record):
    records = [
        make_record(label="bound", status=LIMIT, dual=12.0),
        make_record(label="solution", status=LIMIT, primal=10.0),
    ]
    assert set(statuses(records).values()) == {INCONSISTENT}


def test_a_failed_run_is_not_trusted(make_record):
    records = [
        make_record(label="bound", status=RunStatus.FAIL_DUAL, dual=12.0),
        make_record(label="solution", status=LIMIT, primal=10.0),
    ]
    assert statuses(records) == {"bound": RunStatus.FAIL_DUAL, "solution": LIMIT}


def test_an_infeasibility_claim_against_a_verified_solution_is_wrong(make_record):
    records = [
        make_record(
            label="claim",
            status=RunStatus.SOLVED_NOT_VERIFIED,
            claim="infeasible",
        ),
        make_record(
            label="solution", status=LIMIT, primal=10.0, check={"verified": True}
        ),
    ]
    assert statuses(records) == {"claim": INCONSISTENT, "solution": LIMIT}


def test_two_different_optima_contradict_each_other(make_record):
    solved = RunStatus.SOLVED_NOT_VERIFIED
    records = [
        make_record(label="a", status=solved, primal=10.0, check={"verified": True}),
        make_record(label="b", status=solved, primal=11.0, check={"verified": True}),
    ]
    assert statuses(records) == {"a": solved, "b": INCONSISTENT}


def test_maximization_is_turned_around(make_record):
    records = [
        make_record(label="bound", status=LIMIT, dual=9.0, sense="maximize"),
        make_record(
            label="solution",
            status=LIMIT,
            primal=10.0,
            sense="maximize",
            check={"verified": True},
        ),
    ]
    assert statuses(records)["bound"] is INCONSISTENT


def test_equal_names_with_other_contents_do_not_contradict(make_record):
    records = [
        make_record(label="a", status=LIMIT, dual=12.0),
        make_record(label="b", status=LIMIT, primal=10.0, sha256="other"),
    ]
    assert set(statuses(records).values()) == {LIMIT}


def test_agreement_within_the_tolerance_is_no_contradiction(make_record):
    records = [
        make_record(label="a", status=LIMIT, dual=10.0005),
        make_record(label="b", status=LIMIT, primal=10.0),
    ]
    assert set(statuses(records).values()) == {LIMIT}


def test_two_machines_are_noticed(make_record):
    host = {"name": "n", "fingerprint": "g", "cores": 2, "slots": 1}
    records = [make_record("x"), make_record("y", host=host)]
    assert is_mixed_machine(records)
    assert "2 machines" in mixed_conditions(records)[0]
    assert not is_mixed_machine(records[:1])
    assert mixed_conditions(records[:1]) == []


def test_a_foreign_load_and_different_numbers_of_jobs_are_noticed(make_record):
    host = {"name": "m", "fingerprint": "f", "cores": 2}
    busy = make_record(host=host | {"slots": 1, "load": 4.0})
    assert "other programs" in mixed_conditions([busy])[0]
    own = make_record(host=host | {"slots": 2, "load": 2.0})
    assert mixed_conditions([own]) == []
    other = make_record(host=host | {"slots": 1, "load": 0.5})
    assert "different numbers at a time" in mixed_conditions([own, other])[0]


def test_another_version_than_planned_is_noticed(make_record):
    solver = {"label": "a", "adapter": "scip", "version": "1", "ran": "2"}
    assert "another version" in mixed_conditions([make_record(solver=solver)])[0]
    mine = {"label": "a", "adapter": "x.py", "version": "1 #abc", "ran": "1"}
    assert mixed_conditions([make_record(solver=mine)]) == []
