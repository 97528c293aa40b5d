"""Status and termination are two words: what is known, and why it ended."""

import pytest

from boundwise.core.status import Status, Termination


@pytest.mark.parametrize(
    ("status", "has_solution", "is_proven"),
    [
        (Status.OPTIMAL, True, True),
        (Status.FEASIBLE, True, False),
        (Status.INFEASIBLE, False, True),
        (Status.UNBOUNDED, False, True),
        (Status.INFEASIBLE_OR_UNBOUNDED, False, True),
        (Status.UNKNOWN, False, False),
    ],
)
def test_each_status_says_whether_it_is_a_proof_and_has_a_solution(
    status, has_solution, is_proven
):
    assert status.has_solution is has_solution
    assert status.is_proven is is_proven


def test_every_status_is_covered_and_no_word_means_two_things():
    assert len(Status) == 6
    assert {str(s) for s in Status}.isdisjoint({str(t) for t in Termination})
