"""Arrays of what SCIP says of variables are what each variable says."""

import numpy as np
import pytest

from boundwise.heuristics.scip.columns import (
    Places,
    column,
    counts,
    is_binary,
    is_integer,
)


@pytest.fixture
def variables():
    from pyscipopt import Model

    model = Model()  # which owns the variables
    yield [
        model.addVar("x", vtype="B", obj=1.5),
        model.addVar("y", vtype="I", lb=-2, ub=7, obj=-3.0),
        model.addVar("z", vtype="C", lb=0.25, ub=4),
    ]
    model.freeProb()


def test_a_column_holds_what_each_variable_says(variables):
    np.testing.assert_array_equal(column(variables, "getObj"), [1.5, -3.0, 0.0])
    np.testing.assert_array_equal(column(variables, "getLbGlobal"), [0, -2, 0.25])
    locks = counts(variables, "getNLocksUp")
    assert locks.dtype == np.int64
    assert locks.tolist() == [v.getNLocksUp() for v in variables]


def test_types_tell_binary_and_integer_variables_apart(variables):
    assert is_binary(variables).tolist() == [True, False, False]
    assert is_integer(variables).tolist() == [True, True, False]


def test_places_are_found_for_the_variables_of_the_sequence_only(variables):
    places = Places(variables[1:])
    assert places.of(variables) == [None, 0, 1]
    assert places.of([]) == []


def test_no_variables_have_empty_columns():
    assert column([], "getObj").shape == (0,)
    assert is_integer([]).dtype == bool
    assert Places([]).of([]) == []
