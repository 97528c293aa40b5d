from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from boundwise.core.errors import InputError
from boundwise.core.result import Result
from boundwise.core.status import Status, Termination
from boundwise.instances.checker import check
from boundwise.instances.instance import Indicator, Instance, SemiContinuous, Sos
from boundwise.instances.mps.reader import parse_mps

INF = np.inf


def problem(rows, row_lower, row_upper, lower, upper, integer, objective, **more):
    matrix = csr_array(np.array(rows, dtype=float).reshape(len(rows), len(lower)))
    return Instance(
        name="p",
        objective=np.array(objective, dtype=float),
        matrix=matrix,
        row_lower=np.array(row_lower, dtype=float),
        row_upper=np.array(row_upper, dtype=float),
        lower=np.array(lower, dtype=float),
        upper=np.array(upper, dtype=float),
        is_integer=np.array(integer, dtype=bool),
        names=tuple(f"x{j}" for j in range(len(lower))),
        row_names=tuple(f"r{i}" for i in range(len(rows))),
        **more,
    )


def by_brute_force(instance, values, tolerance):
    """Evaluate the rules of the checker with fractions only."""
    dense = instance.matrix.toarray()
    bound = row = integrality = Fraction(0)
    passes = True
    one = Fraction(1)
    for j, x in enumerate(values):
        for side, sign in ((instance.lower[j], 1), (instance.upper[j], -1)):
            if np.isfinite(side):
                b = Fraction(repr(float(side)))
                v = max(sign * (b - x), Fraction(0))
                bound = max(bound, v)
                passes &= v <= tolerance * max(one, abs(b), abs(x))
        if instance.is_integer[j]:
            v = abs(x - round(x))
            integrality = max(integrality, v)
            passes &= v <= tolerance
    for i in range(len(dense)):
        terms = [
            Fraction(repr(float(a))) * x for a, x in zip(dense[i], values, strict=True)
        ]
        positive = sum((t for t in terms if t > 0), Fraction(0))
        for side, sign in ((instance.row_lower[i], 1), (instance.row_upper[i], -1)):
            if np.isfinite(side):
                b = Fraction(repr(float(side)))
                v = max(sign * (b - sum(terms, Fraction(0))), Fraction(0))
                row = max(row, v)
                passes &= v <= tolerance * max(one, positive, abs(b))
    value = sum(
        (
            Fraction(repr(float(c))) * x
            for c, x in zip(instance.objective, values, strict=True)
        ),
        Fraction(0),
    )
    return passes, bound, row, integrality, value


numbers = st.one_of(
    st.integers(-20, 20).map(float),
    st.integers(-2000, 2000).map(lambda k: k / 100),
    st.floats(-1e6, 1e6, allow_nan=False, width=64),
    st.sampled_from([1 / 3, 0.1, 1e-9, 123456.789, 5e-7, 1e-4, 2.0**-30]),
)


@st.composite
def checked_cases(draw):
    n, m = draw(st.integers(1, 4)), draw(st.integers(1, 30))
    row = st.lists(numbers, min_size=n, max_size=n)
    rows = draw(st.lists(row, min_size=m, max_size=m))
    x = draw(st.lists(numbers, min_size=n, max_size=n))
    integer = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    activity = np.array(rows) @ np.array(x)
    nudge = st.sampled_from([0.0, 0.0, 1e-9, 1e-6, 9.99e-7, 1e-4, -1e-7, 0.5, 3.0])
    offsets = np.array(draw(st.lists(nudge, min_size=m, max_size=m)))
    lower = np.array(x) + np.array(draw(st.lists(nudge, min_size=n, max_size=n)))
    instance = problem(
        rows,
        np.round(activity + offsets, draw(st.integers(0, 12))),
        np.full(m, INF),
        lower,
        np.abs(lower) + 1e7,
        integer,
        draw(row),
    )
    return instance, x


@settings(max_examples=120, deadline=None)
@given(checked_cases(), st.booleans())
def test_verdicts_and_maxima_are_those_of_exact_arithmetic(case, as_text):
    instance, x = case
    if as_text:
        solution = {name: repr(v) for name, v in zip(instance.names, x, strict=True)}
        values = [Fraction(repr(v)) for v in x]
    else:
        solution = np.array(x)
        values = [Fraction(v) for v in x]
    report = check(instance, solution)
    for verdict, tolerance in (
        (report.strict, Fraction(1, 10**6)),
        (report.miplib, Fraction(1, 10**4)),
    ):
        passes, bound, row, integrality, value = by_brute_force(
            instance, values, tolerance
        )
        assert verdict == passes
        assert report.bound_violation == float(bound)
        assert report.row_violation == float(row)
        assert report.integrality_violation == float(integrality)
        assert report.objective == value


def test_each_tolerance_holds_at_its_edge_and_not_beyond():
    for tolerance, attribute in (("1e-6", "strict"), ("1e-4", "miplib")):
        instance = problem([[1]], [5], [INF], [0], [10], [False], [1])
        scale = Fraction(5)
        edge = 5 - Fraction(tolerance) * scale
        assert getattr(check(instance, {"x0": edge}), attribute)
        assert not getattr(
            check(instance, {"x0": edge - Fraction(1, 10**30)}), attribute
        )


def test_the_decimal_of_the_file_counts_not_its_double():
    text = """NAME t
ROWS
 N c
 E r
COLUMNS
 x r 0.1 c 1
RHS
 s r 0.10000000000000001
BOUNDS
 UP b x 2
ENDATA
"""
    instance = parse_mps(text, "t.mps")
    report = check(instance, {"x": "1"})
    assert report.row_violation == 1e-17
    assert check(instance, {"x": "1.0000000000000001"}).row_violation == 0.0


def test_a_coefficient_that_looks_like_an_integer_double_is_not_rounded():
    text = """NAME t
ROWS
 N c
 L r
COLUMNS
 x r 1.00000000000000000001 c 1
RHS
 s r 100000
BOUNDS
 UP b x 1000000
ENDATA
"""
    instance = parse_mps(text, "t.mps")
    assert check(instance, {"x": "100000"}).row_violation == float(Fraction("1e-15"))


def test_missing_variables_are_zero_and_unknown_names_are_reported():
    instance = problem([[1, 1]], [1], [INF], [0, 0], [5, 5], [True, False], [1, 1])
    report = check(instance, {"x0": 1, "ghost": 7})
    assert report.strict
    assert report.missing == 1
    assert report.unknown == ("ghost",)
    assert not check(instance, {"ghost": 7}).strict


@pytest.mark.parametrize(
    "value", ["nan", "inf", "-infinity", np.nan, INF, 1e20, "1e30"]
)
def test_values_that_are_not_finite_fail(value):
    instance = problem([[1]], [0], [INF], [0], [INF], [False], [1])
    report = check(instance, {"x0": value})
    assert not report.strict
    assert not report.miplib
    assert report.max_violation == INF
    assert report.to_dict()["max_violation"] is None
    assert "x0" in report.failures[0]


def test_huge_exponents_are_refused_at_once():
    instance = problem([[1]], [0], [INF], [0], [INF], [False], [1])
    with pytest.raises(InputError, match="exponent"):
        check(instance, {"x0": "1e999999999"})


@pytest.mark.parametrize("value", ["abc", "1_000", "", None, [1], "0x10", "1/0"])
def test_values_that_are_no_numbers_are_refused(value):
    instance = problem([[1]], [0], [INF], [0], [INF], [False], [1])
    with pytest.raises(InputError):
        check(instance, {"x0": value})


@pytest.mark.parametrize("shape", [(0,), (2,), (1, 1)])
def test_an_array_of_the_wrong_shape_is_refused(shape):
    instance = problem([[1]], [0], [INF], [0], [INF], [False], [1])
    with pytest.raises(InputError, match="shape"):
        check(instance, np.zeros(shape))


def test_kinds_of_numbers_may_be_mixed():
    instance = problem([[1, 1, 1]], [1], [1], [0] * 3, [1] * 3, [False] * 3, [3, 3, 3])
    report = check(instance, {"x0": Fraction(1, 3), "x1": "1/3", "x2": Decimal("0.25")})
    assert report.objective == Fraction(11, 4)
    assert not report.strict
    assert check(instance, {"x0": Fraction(1, 3), "x1": "1/3", "x2": "1/3"}).strict


def test_a_wrong_claim_fails_and_its_distance_is_told():
    instance = problem([[1]], [0], [INF], [0], [10], [True], [2], offset=100.0)
    assert check(instance, np.array([3.0]), objective=106).strict
    report = check(instance, np.array([3.0]), objective="107")
    assert report.objective_violation == 1.0
    assert not report.strict
    assert not report.miplib


def test_a_file_without_a_claim_fails(tmp_path):
    path = tmp_path / "a.sol"
    instance = problem([[1]], [0], [INF], [0], [10], [True], [2])
    path.write_text("x0 3\n")
    assert not check(instance, path).strict
    path.write_text("=obj= 6\nx0 3\n")
    assert check(instance, path).strict
    path.write_text("=infeas=\n")
    with pytest.raises(InputError, match="no solution"):
        check(instance, path)


def result(x, objective, names):
    return Result(
        status=Status.FEASIBLE,
        termination=Termination.TIME_LIMIT,
        objective=objective,
        bound=-INF,
        x=np.array(x),
        names=names,
    )


def test_a_result_is_matched_by_its_names():
    instance = problem([[1, 2]], [5], [5], [0, 0], [9, 9], [True, True], [1, 0])
    assert check(instance, result([1.0, 2.0], 1.0, ("x0", "x1"))).strict
    assert check(instance, result([2.0, 1.0], 1.0, ("x1", "x0"))).strict
    assert not check(instance, result([2.0, 1.0], 2.0, ("x0", "x1"))).strict


@pytest.mark.parametrize(
    ("kind", "values", "violation"),
    [
        (1, [0, 3, 0], 0),
        (1, [1, 3, 0], 1),
        (2, [1, 3, 0], 0),
        (2, [1, 0, 3], 1),
        (2, [2, 1, 3], 2),
    ],
)
def test_special_ordered_sets_allow_only_neighbours(kind, values, violation):
    instance = problem(
        [[0, 0, 1]], [-INF], [9], [0] * 3, [9] * 3, [False] * 3, [1, 1, 1],
        sos=(Sos("s", kind, (0, 1, 2), (1.0, 2.0, 3.0)),),
    )  # fmt: skip
    report = check(instance, np.array(values, dtype=float))
    assert report.row_violation == violation
    assert report.strict == (violation == 0)


@pytest.mark.parametrize(
    ("binary", "x", "violation"), [(1, 4, 0), (1, 5, 1), (0, 5, 0), (0.4, 5, 0)]
)
def test_an_indicator_binds_only_when_its_binary_is_active(binary, x, violation):
    instance = problem(
        [[0, 1]], [0], [INF], [0, 0], [1, 9], [True, False], [0, 1],
        indicators=(Indicator("i", 0, 1, (1,), (1.0,), -INF, 4.0),),
    )  # fmt: skip
    report = check(instance, np.array([binary, x], dtype=float))
    assert report.row_violation == violation


@pytest.mark.parametrize(("x", "violation"), [(0, 0), (3, 0), (2, 1), (0.5, 0.5)])
def test_a_semicontinuous_variable_is_zero_or_large(x, violation):
    instance = problem(
        [[1]], [0], [INF], [0], [9], [False], [1],
        semicontinuous=(SemiContinuous(0, 3.0),),
    )  # fmt: skip
    report = check(instance, np.array([x], dtype=float))
    assert report.bound_violation == violation


def test_what_was_not_checked_is_said():
    instance = problem(
        [[1]], [0], [1], [0], [1], [True], [1], unchecked=("q (nonlinear)",)
    )
    report = check(instance, np.array([1.0]))
    assert report.strict
    assert not report.complete
    assert report.to_dict()["unchecked"] == ["q (nonlinear)"]


def test_the_worst_constraint_is_named():
    instance = problem(
        [[1, 0], [0, 1]], [0, 5], [INF, INF], [0, 0], [1, 9], [False] * 2, [0, 0]
    )
    assert check(instance, np.array([1.5, 1.0])).worst == "r1"
    assert check(instance, np.array([9.0, 5.0])).worst == "x0"
    assert check(instance, np.array([1.0, 5.0])).worst is None
