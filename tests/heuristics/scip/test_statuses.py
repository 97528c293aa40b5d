import pytest

from boundwise.core.status import Status, Termination
from boundwise.heuristics.scip.statuses import proof_of, termination_of


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("timelimit", Termination.TIME_LIMIT),
        ("stallnodelimit", Termination.NODE_LIMIT),
        ("userinterrupt", Termination.INTERRUPTED),
        ("gaplimit", Termination.CONVERGED),
    ],
)
def test_only_limits_and_users_stop_a_search(status, reason):
    assert termination_of(status) is reason


def test_a_solution_outweighs_a_claim_of_infeasibility():
    assert proof_of("infeasible", found=True) is None
    assert proof_of("infeasible", found=False) is Status.INFEASIBLE
    assert proof_of("unbounded", found=True) is Status.UNBOUNDED
