import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.instances.mps.bounds import AmbiguousBoundWarning
from boundwise.instances.mps.reader import parse_mps, read_mps
from boundwise.instances.scip_build import build_model, read_with_scip

SMALL = """NAME small
ROWS
 N cost
 L cap
 G need
 E bal
COLUMNS
 x cost 1.5 cap 2
 x need 1
 M 'MARKER' 'INTORG'
 y cost -2 cap 3
 y bal 1
 M 'MARKER' 'INTEND'
 z bal -1 need 1
RHS
 rhs cap 10 need 1
 rhs cost -7
RANGES
 rng cap 4 bal -2
BOUNDS
 UP bnd x 4
 UP bnd y 8
 MI bnd z
ENDATA
"""


def test_a_small_file_reads_as_its_author_meant():
    problem = parse_mps(SMALL, "small.mps")
    assert problem.name == "small"
    by_name = {name: j for j, name in enumerate(problem.names)}
    x, y, z = (by_name[n] for n in "xyz")
    assert problem.offset == 7
    assert problem.objective[[x, y, z]].tolist() == [1.5, -2, 0]
    assert problem.row_names == ("cap", "need", "bal")
    assert problem.row_lower.tolist() == [6, 1, -2]
    assert problem.row_upper.tolist() == [10, np.inf, 0]
    assert problem.matrix.toarray()[:, [x, y, z]].tolist() == [
        [2, 3, 0],
        [1, 0, 1],
        [0, 1, -1],
    ]
    assert problem.lower[[x, y, z]].tolist() == [0, 0, -np.inf]
    assert problem.upper[[x, y, z]].tolist() == [4, 8, np.inf]
    assert problem.is_integer[[x, y, z]].tolist() == [False, True, False]


@pytest.mark.parametrize("cut", range(0, len(SMALL) - 8, 7))
def test_a_truncated_file_is_refused(cut):
    with pytest.raises(InputError):
        parse_mps(SMALL[:cut], "small.mps")


HEAD = "NAME t\nROWS\n N c\n L r\n G g\nCOLUMNS\n x r 1 c 1\n y r 1 g 1\n"


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        (HEAD + " x g 1\nRHS\nENDATA\n", 9, "appears again"),
        (HEAD + " y g 2\nRHS\nENDATA\n", 9, "twice"),
        (HEAD + " z q 1\nRHS\nENDATA\n", 9, "unknown row"),
        (HEAD + " z r 1e\nRHS\nENDATA\n", 9, "not a usable number"),
        (HEAD + " z r 1_0\nRHS\nENDATA\n", 9, "not a usable number"),
        (HEAD + " z r nan\nRHS\nENDATA\n", 9, "not a usable number"),
        (HEAD + " z r 1d5\nRHS\nENDATA\n", 9, "not a usable number"),
        (HEAD + " z r 1e999999999\nRHS\nENDATA\n", 9, "not a usable number"),
        (HEAD + " z r 1e25\nRHS\nENDATA\n", 9, "infinite"),
        (HEAD + " z r 1e-350\nRHS\nENDATA\n", 9, "too small"),
        (HEAD + " z r\nRHS\nENDATA\n", 9, "fields"),
        (HEAD + "RHS\n s r 1\n s r 2\nENDATA\n", 11, "twice"),
        (HEAD + "RHS\n s g 1e30\nENDATA\n", 10, "right-hand side"),
        (HEAD + "BOUNDS\n UP b q 1\nENDATA\n", 10, "unknown column"),
        (HEAD + "BOUNDS\n XX b x 1\nENDATA\n", 10, "unknown bound type"),
        (HEAD + "BOUNDS\n UP b x -1e30\nENDATA\n", 10, "upper bound"),
        (HEAD + "RHS\nCOLUMNS\nENDATA\n", 10, "twice"),
        (HEAD + "BOUNDS\nRHS\nENDATA\n", 10, "too late"),
        (HEAD + "QUADOBJ\n x x 1\nENDATA\n", 9, "quadratic"),
        (HEAD + "FOO\nENDATA\n", 9, "unknown section"),
        (HEAD + "INDICATORS\n IF r x 1\nENDATA\n", 10, "not a binary"),
        (HEAD + "SOS\n x 1\nENDATA\n", 10, "before its S1"),
        ("NAME t\nROWS\n N c\n Q r\n", 4, "there is no ENDATA"),
        ("NAME t\nCOLUMNS\nENDATA\n", 2, "too early"),
        ("hello\n", 1, "ENDATA"),
    ],
)
def test_an_error_names_its_line(text, line, word):
    with pytest.raises(InputError, match=word) as caught:
        parse_mps(text, "t.mps")
    assert str(caught.value).startswith("t.mps:")
    if "ENDATA" not in word:
        assert str(caught.value).startswith(f"t.mps:{line}:")


def test_a_problem_without_variables_is_refused():
    with pytest.raises(InputError, match="no variables"):
        parse_mps("NAME t\nROWS\n N c\nCOLUMNS\nRHS\nENDATA\n", "t.mps")


def test_blanks_in_names_are_read_in_fixed_format():
    text = (
        "NAME          t\n"
        "ROWS\n"
        " N  COST\n"
        " L  LIM 1\n"
        "COLUMNS\n"
        "    X 1       COST               1.0   LIM 1              2.0\n"
        "RHS\n"
        "    RHS       LIM 1              4.0\n"
        "ENDATA\n"
    )
    problem = parse_mps(text, "t.mps")
    assert problem.names == ("X_1",)
    assert problem.row_names == ("LIM_1",)
    assert problem.row_upper.tolist() == [4.0]


def test_a_negative_upper_bound_without_a_lower_one_is_ambiguous():
    text = HEAD + "BOUNDS\n UP b x -1\nENDATA\n"
    with pytest.warns(AmbiguousBoundWarning, match=r"t\.mps:10"):
        problem = parse_mps(text, "t.mps")
    assert problem.lower[problem.names.index("x")] == 0
    parse_mps(HEAD + "BOUNDS\n MI b x\n UP b x -1\nENDATA\n", "t.mps")


def test_special_sections_are_read():
    text = """NAME t
OBJSENSE MAX
ROWS
 N c
 L r
 L i
COLUMNS
 M 'MARKER' 'INTORG'
 b c 1
 M 'MARKER' 'INTEND'
 x r 1 i 2
 y r 1
RHS
 s r 9 i 4
BOUNDS
 LO q y 2
 SC q y 8
SOS
 S1 one
    x 2
    y 1
 S2 SOS two 3
    SOS x 1
    SOS y 2
INDICATORS
 IF i b 0
ENDATA
"""
    problem = parse_mps(text, "t.mps")
    b, x, y = (problem.names.index(n) for n in "bxy")
    assert problem.sense == "maximize"
    assert problem.row_names == ("r",)
    (indicator,) = problem.indicators
    assert (indicator.binary, indicator.value, indicator.upper) == (b, 0, 4.0)
    assert indicator.indices == (x,)
    assert [s.indices for s in problem.sos] == [(y, x), (x, y)]
    assert [s.name for s in problem.sos] == ["one", "two"]
    assert problem.semicontinuous[0].lower == 2.0
    assert problem.lower[y] == 0.0


KINDS = ["UP", "LO", "FX", "FR", "MI", "PL", "BV", "LI", "UI"]
bound_lines = st.lists(
    st.tuples(
        st.sampled_from(KINDS), st.integers(0, 5), st.sampled_from([0, 1, 2, 5, 0.5])
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.booleans(), min_size=6, max_size=6), bound_lines)
def test_types_bounds_and_order_are_those_of_scip(tmp_path_factory, marked, lines):
    text = ["NAME t", "ROWS", " N c", " L r", "COLUMNS"]
    for j, integer in enumerate(marked):
        word = "INTORG" if integer else "INTEND"
        text += [f" M 'MARKER' '{word}'", f" x{j} c {j + 1} r 1"]
    text += ["RHS", " s r 3", "BOUNDS"]
    for kind, j, value in lines:
        number = "" if kind in ("FR", "MI", "PL", "BV") else f" {value}"
        text.append(f" {kind} b x{j}{number}")
    path = tmp_path_factory.mktemp("mps") / "t.mps"
    path.write_text("\n".join([*text, "ENDATA", ""]))
    problem = read_mps(path)
    # What SCIP makes of contradictory bounds depends on their order in the file.
    assume((problem.lower <= problem.upper).all())
    assert read_with_scip(problem) is not None
    built = build_model(problem)
    assert tuple(v.name for v in built.getVars()) == problem.names
    copy = path.with_name("copy.mps")
    problem.write_mps(copy)
    assert_equal(read_mps(copy), problem)


def assert_equal(first, second):
    assert first.names == second.names
    assert first.row_names == second.row_names
    assert first.exact == second.exact
    assert (first.sense, first.offset) == (second.sense, second.offset)
    assert first.sos == second.sos
    assert first.indicators == second.indicators
    assert first.semicontinuous == second.semicontinuous
    for part in ("objective", "row_lower", "row_upper", "lower", "upper", "is_integer"):
        np.testing.assert_array_equal(getattr(first, part), getattr(second, part))
    np.testing.assert_array_equal(first.matrix.data, second.matrix.data)
    np.testing.assert_array_equal(first.matrix.indices, second.matrix.indices)
    np.testing.assert_array_equal(first.matrix.indptr, second.matrix.indptr)


def test_numbers_that_doubles_do_not_hold_survive_a_round_trip(tmp_path):
    text = HEAD.replace("x r 1", "x r 0.1000000000000000055") + (
        "RHS\n s r 1.00000000000000000001 c 0.30000000000000000001\n"
        "RANGES\n s g 0.10000000000000000001\n"
        "BOUNDS\n UP b x 2.00000000000000000001\nENDATA\n"
    )
    problem = parse_mps(text, "t.mps")
    assert len(problem.exact) == 5
    path = tmp_path / "t.mps.gz"
    problem.write_mps(path)
    assert_equal(read_mps(path), problem)


WOUNDS = (
    b"",
    b" ",
    b"\n",
    b"\t",
    b"\0",
    b"\xff",
    b"ENDATA\n",
    b"nan",
    b"1e400",
    b"-",
    b"*",
)
TEXTS = (b"$", b"RHS\n", b"BOUNDS\n", b"'MARKER'", b"9" * 500, b"x" * 2000, b"\r", b".")
ALPHABET = st.sampled_from((*WOUNDS, *TEXTS))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), ALPHABET, st.integers(0, 9)), max_size=4))
def test_a_damaged_file_is_read_or_refused_never_worse(tmp_path_factory, wounds):
    data = SMALL.encode()
    for where, insert, drop in wounds:
        place = int(where * len(data))
        data = data[:place] + insert + data[place + drop :]
    path = tmp_path_factory.mktemp("fuzz") / "small.mps"
    path.write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AmbiguousBoundWarning)
        try:
            problem = read_mps(path)
        except InputError as caught:
            message = str(caught)
        else:
            model = problem.to_model()
            assert tuple(v.name for v in model.getVars()) == problem.names
            message = "small.mps"
    assert "small.mps" in message
