import pytest

from boundwise.benchmarks.status import (
    Ending,
    Facts,
    RunStatus,
    at_least,
    classify,
    miplib_mismatch,
)
from boundwise.core.status import Status, Termination
from boundwise.instances.reference import Kind, Reference

OPT = Reference(Kind.OPTIMAL, 10.0, 10.0)
BEST = Reference(Kind.BEST, 10.0)
INF = Reference(Kind.INFEASIBLE)


def solved(primal=10.0, **changes):
    fields = {
        "claim": Status.OPTIMAL,
        "primal": primal,
        "dual": primal,
        "verified": True,
        "reference": OPT,
    }
    return Facts(**(fields | changes))


def limited(primal=12.0, dual=8.0, **changes):
    fields = {
        "claim": Status.FEASIBLE,
        "termination": Termination.TIME_LIMIT,
        "primal": primal,
        "dual": dual,
        "verified": True,
        "reference": OPT,
    }
    return Facts(**(fields | changes))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (Facts(ending=Ending.READ), RunStatus.READ_ERROR),
        (Facts(ending=Ending.MISSING), RunStatus.MISSING),
        (Facts(ending=Ending.CRASH), RunStatus.ABORT),
        (Facts(ending=Ending.TIME), RunStatus.ABORT_TIME),
        (Facts(ending=Ending.MEMORY), RunStatus.ABORT_MEMORY),
        (Facts(ending=Ending.OUTPUT), RunStatus.ABORT_OUTPUT),
        (solved(verified=False), RunStatus.FAIL_SOLUTION),
        (limited(verified=False), RunStatus.FAIL_SOLUTION),
        (limited(dual=11.0), RunStatus.FAIL_DUAL),
        (solved(primal=11.0), RunStatus.FAIL_DUAL),
        (solved(primal=11.0, dual=None), RunStatus.FAIL_DUAL),
        (solved(primal=9.0), RunStatus.FAIL_OBJECTIVE),
        (
            limited(primal=9.0, dual=1.0, reference=Reference(Kind.BEST, 9.5, 9.4)),
            RunStatus.FAIL_OBJECTIVE,
        ),
        (
            Facts(claim=Status.INFEASIBLE, reference=OPT),
            RunStatus.FAIL_INFEASIBLE_CLAIM,
        ),
        (
            Facts(claim=Status.INFEASIBLE, reference=BEST),
            RunStatus.FAIL_INFEASIBLE_CLAIM,
        ),
        (
            Facts(claim=Status.INFEASIBLE, reference=Reference(Kind.FEASIBLE)),
            RunStatus.FAIL_INFEASIBLE_CLAIM,
        ),
        (solved(reference=INF), RunStatus.FAIL_SOLUTION_ON_INFEASIBLE),
        (limited(), RunStatus.TIME_LIMIT),
        (Facts(ending=Ending.INTERRUPTED), RunStatus.TIME_LIMIT),
        (limited(termination=Termination.MEMORY_LIMIT), RunStatus.MEMORY_LIMIT),
        (limited(termination=Termination.NODE_LIMIT), RunStatus.NODE_LIMIT),
        (limited(termination=Termination.INTERRUPTED), RunStatus.TIME_LIMIT),
        (solved(), RunStatus.OK),
        (Facts(claim=Status.INFEASIBLE, reference=INF), RunStatus.OK),
        (solved(reference=BEST), RunStatus.OK),
        (Facts(claim=Status.INFEASIBLE), RunStatus.SOLVED_NOT_VERIFIED),
        (solved(reference=Reference(Kind.UNKNOWN)), RunStatus.SOLVED_NOT_VERIFIED),
        (solved(verified=None), RunStatus.SOLVED_NOT_VERIFIED),
        (solved(primal=9.0, reference=BEST), RunStatus.BETTER),
        (limited(primal=9.0, dual=1.0, reference=BEST), RunStatus.TIME_LIMIT),
        (Facts(), RunStatus.UNKNOWN),
    ],
)
def test_every_rule_gives_its_status(facts, expected):
    assert classify(facts) is expected


def test_the_first_rule_that_matches_wins():
    wrong_everywhere = solved(primal=9.0, dual=99.0, verified=False)
    assert classify(wrong_everywhere) is RunStatus.FAIL_SOLUTION
    crashed = solved(primal=9.0, verified=False, ending=Ending.CRASH)
    assert classify(crashed) is RunStatus.ABORT


def test_maximization_turns_the_rules_around():
    assert classify(solved(primal=9.0, sense="maximize")) is RunStatus.FAIL_DUAL
    assert classify(solved(primal=11.0, sense="maximize")) is RunStatus.FAIL_OBJECTIVE
    better = solved(primal=11.0, sense="maximize", reference=BEST)
    assert classify(better) is RunStatus.BETTER
    assert classify(limited(8.0, 12.0, sense="maximize")) is RunStatus.TIME_LIMIT


def test_a_claim_within_the_requested_gap_is_no_wrong_bound():
    assert classify(solved(primal=10.5, dual=9.9, gap=0.1)) is RunStatus.OK
    assert classify(solved(primal=12.0, dual=9.9, gap=0.1)) is RunStatus.FAIL_DUAL


def test_the_tolerance_is_relative_with_one_as_the_least_scale():
    assert at_least(0.0, 0.9e-4)
    assert not at_least(0.0, 1.1e-4)
    assert at_least(1e6, 1e6 + 99)
    assert not at_least(1e6, 1e6 + 101)
    assert at_least(-1e6 - 99, -1e6)


def test_miplib_compares_small_references_absolutely_and_large_ones_relatively():
    assert not miplib_mismatch(100.00009, 100.0)
    assert miplib_mismatch(100.00011, 100.0)
    assert not miplib_mismatch(1e6 + 0.9, 1e6)
    assert miplib_mismatch(1e6 + 1.1, 1e6)
    assert miplib_mismatch(-2e-4, 0.0)


def test_failed_and_solved_statuses_never_overlap():
    for status in RunStatus:
        assert not (status.solved and status.failed)
        assert 0 <= status.severity < len(RunStatus)
    assert len({status.severity for status in RunStatus}) == len(RunStatus)


def test_of_several_seeds_a_wrong_answer_is_worse_than_a_limit():
    order = [
        RunStatus.OK,
        RunStatus.TIME_LIMIT,
        RunStatus.ABORT,
        RunStatus.FAIL_SOLUTION,
    ]
    assert sorted(order, key=lambda status: status.severity) == order
