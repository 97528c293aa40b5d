import math

import numpy as np
import pytest

from boundwise.core.errors import InputError, SolverError
from boundwise.heuristics.frank_wolfe.protocols import OracleAnswer
from boundwise.heuristics.frank_wolfe.restricted import Restricted


class Echo:
    """A set that answers with whatever it was told."""

    lower, upper = np.zeros(2), np.full(2, 3.0)
    integers = np.array([0])

    def __init__(self, point):
        self.point = point

    def extreme_point(self, direction, lower, upper):
        return self.point


class EchoBetween(Echo):
    """The same as an inexact set."""

    def minimize_between(self, direction, lower, upper, *, target, start):
        return self.point


DIRECTION = np.array([1.0, 2.0])


def test_an_exact_answer_proves_its_own_value():
    answer = Restricted(Echo(np.array([1.0, 2.0]))).minimize(DIRECTION)
    assert answer.vertex.tolist() == [1.0, 2.0]
    assert answer.bound == 5.0


def test_rounding_is_repaired_and_never_raises_the_bound():
    answer = Restricted(Echo(np.array([1.0 - 1e-8, -1e-8]))).minimize(DIRECTION)
    assert answer.vertex.tolist() == [1.0, 0.0]
    assert answer.bound == pytest.approx(1.0 - 3e-8, abs=1e-12)


def test_the_box_is_intersected_and_rounded_inwards():
    oracle = Restricted(Echo(None), np.array([0.5, -1.0]), np.array([2.5, 9.0]))
    assert oracle.lower.tolist() == [1.0, 0.0]
    assert oracle.upper.tolist() == [2.0, 3.0]


def test_an_empty_box_is_proven_empty_without_asking():
    oracle = Restricted(Echo("never used"), np.array([0.2, 0.0]), np.array([0.8, 1.0]))
    answer = oracle.minimize(DIRECTION)
    assert answer.vertex is None
    assert answer.is_empty


def test_a_set_without_a_point_is_proven_empty():
    assert Restricted(Echo(None)).minimize(DIRECTION).bound == math.inf


@pytest.mark.parametrize(
    ("point", "message"),
    [
        (np.array([0.5, 0.0]), "integers at integer variables, got .*0.5"),
        (np.array([0.0, 3.1]), r"within the bounds, got .*3.1.* at variable 1"),
        (np.array([0.0, np.nan]), "within the bounds, got .*nan"),
        (np.array([np.inf, 0.0]), "oracle must return"),
        (np.zeros(3), r"shape \(2,\), got \(3,\)"),
    ],
)
def test_a_wrong_vertex_is_an_error_of_the_oracle(point, message):
    with pytest.raises(SolverError, match=message):
        Restricted(Echo(point)).minimize(DIRECTION)


def test_an_inexact_set_may_answer_with_fractional_vertices():
    """A linear relaxation does; its bound stays what the set says."""
    answer = OracleAnswer(np.array([0.5, 1.0]), -7.0, (np.array([1.0, 1.0]),))
    checked = Restricted(EchoBetween(answer)).minimize(DIRECTION)
    assert checked.vertex.tolist() == [0.5, 1.0]
    assert checked.bound == -7.0
    assert checked.others[0].tolist() == [1.0, 1.0]


def test_a_bound_that_is_no_number_is_an_error_of_the_oracle():
    with pytest.raises(SolverError, match="bound, got nan"):
        Restricted(EchoBetween(OracleAnswer(None, math.nan))).minimize(DIRECTION)


@pytest.mark.parametrize(
    ("lower", "message"),
    [(np.zeros(3), "lower must have shape"), (np.array([np.nan, 0]), "no nan")],
)
def test_a_bad_box_is_named(lower, message):
    with pytest.raises(InputError, match=message):
        Restricted(Echo(None), lower)


def test_something_else_than_a_set_is_refused():
    class Nothing:
        lower, upper, integers = np.zeros(1), np.ones(1), np.array([], dtype=int)

    with pytest.raises(InputError, match="feasible_set must have"):
        Restricted(Nothing())
