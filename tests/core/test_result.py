"""A result cannot contradict itself, and comes back from disk as it was."""

import io
import json
import math
import pickle
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.core.errors import InputError, StageError
from boundwise.core.result import Result, missing_value, relative_gap
from boundwise.core.status import Status, Termination
from boundwise.core.trace import TraceEvent


def solved(**changes):
    fields = {
        "status": Status.FEASIBLE,
        "termination": Termination.TIME_LIMIT,
        "objective": 10.0,
        "bound": 8.0,
        "x": np.array([1.0, 0.0, 2.5]),
        "names": ("a", "b", "c"),
        "trace": (
            TraceEvent(0.5, math.inf, -math.inf, "presolve"),
            TraceEvent(1.0, 10.0, 8.0, "tree"),
        ),
        "stats": {"nodes": 7, "arms": [{"name": "rins", "mean": math.nan}]},
        "seed": 3,
        "wall_time": 2.0,
    }
    return Result(**(fields | changes))


def empty(status, sense="minimize", termination=Termination.TIME_LIMIT):
    return Result(
        status=status,
        termination=termination,
        objective=missing_value("objective", sense),
        bound=missing_value("bound", sense),
        x=None,
        sense=sense,
    )


# -- consistency --------------------------------------------------------------


@pytest.mark.parametrize("status", list(Status))
def test_a_status_goes_with_a_solution_or_without_never_both(status):
    x = None if status.has_solution else np.zeros(3)
    with pytest.raises(InputError, match="status"):
        solved(status=status, x=x)


@pytest.mark.parametrize("name", ["objective", "bound"])
def test_nan_is_no_objective_and_no_bound(name):
    with pytest.raises(InputError, match=name):
        solved(**{name: math.nan})


@pytest.mark.parametrize("sense", ["max", "min", "", None, "MAXIMIZE"])
def test_another_word_for_the_sense_is_refused(sense):
    with pytest.raises(InputError, match="sense"):
        solved(sense=sense)


@pytest.mark.parametrize("x", [np.zeros(2), np.zeros((3, 1)), np.zeros(())])
def test_a_solution_has_one_value_for_each_name(x):
    with pytest.raises(InputError, match="x must have"):
        solved(x=x)


def test_the_solution_is_read_only_and_not_the_callers_array():
    mine = np.array([1.0, 2.0, 3.0])
    result = solved(x=mine)
    mine[0] = 99.0
    assert result.x is not None
    assert result.x[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        result.x[0] = 5.0


def test_results_can_be_compared_and_kept_in_sets():
    one, other = solved(), solved()
    assert one == one
    assert one != other
    assert len({one, other}) == 2


def test_value_finds_a_variable_by_name():
    assert solved().value("c") == 2.5
    with pytest.raises(InputError, match="'d'"):
        solved().value("d")
    with pytest.raises(InputError):
        solved(names=()).value("a")
    with pytest.raises(StageError, match="infeasible"):
        empty(Status.INFEASIBLE).value("a")


# -- gap ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("objective", "bound", "gap"),
    [
        (10.0, 8.0, 0.2),
        (-10.0, -12.5, 0.2),
        (0.0, 0.0, 0.0),
        (0.0, -5.0, 1.0),
        (5.0, 0.0, 1.0),
        (5.0, -5.0, 2.0),
        (1.0, -3.0, 4.0 / 3.0),
        (1e9 + 0.5, 1e9, 0.0),
        (1e-10, 0.0, 0.0),
        (1e-8, 0.0, 1.0),
        (8.0, 10.0, 0.2),
        (math.inf, 1.0, math.inf),
        (1.0, -math.inf, math.inf),
        (math.inf, math.inf, math.inf),
        (math.nan, 1.0, math.inf),
        (1e308, -1e308, math.inf),
    ],
)
def test_gaps_by_hand(objective, bound, gap):
    assert relative_gap(objective, bound) == pytest.approx(gap, rel=1e-12)


@given(
    st.floats(-1e100, 1e100), st.floats(-1e100, 1e100), st.sampled_from([0.5, 2, 1024])
)
def test_the_gap_is_symmetric_at_most_two_and_free_of_scale(one, other, factor):
    gap = relative_gap(one, other)
    assert gap == relative_gap(other, one) == relative_gap(-one, -other)
    assert 0.0 <= gap <= 2.0
    if abs(one - other) > 1e-6 * max(1.0, abs(one), abs(other)):
        assert relative_gap(factor * one, factor * other) == pytest.approx(gap)


@pytest.mark.parametrize(
    ("sense", "objective"), [("minimize", math.inf), ("maximize", -math.inf)]
)
def test_a_missing_objective_is_infinitely_bad_and_a_bound_infinitely_good(
    sense, objective
):
    assert missing_value("objective", sense) == objective
    assert missing_value("bound", sense) == -objective
    assert empty(Status.UNKNOWN, sense).gap == math.inf


# -- other formats ------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "termination", "code"),
    [
        (Status.OPTIMAL, Termination.CONVERGED, 0),
        (Status.FEASIBLE, Termination.TIME_LIMIT, 1),
        (Status.FEASIBLE, Termination.ERROR, 4),
        (Status.INFEASIBLE, Termination.CONVERGED, 2),
        (Status.UNBOUNDED, Termination.CONVERGED, 3),
        (Status.INFEASIBLE_OR_UNBOUNDED, Termination.CONVERGED, 4),
        (Status.UNKNOWN, Termination.TIME_LIMIT, 1),
        (Status.UNKNOWN, Termination.ERROR, 4),
    ],
)
def test_scipy_status_codes(status, termination, code):
    if status.has_solution:
        result = solved(status=status, termination=termination)
    else:
        result = empty(status, termination=termination)
    converted = result.to_optimize_result()
    assert converted.status == code
    assert converted.success is status.has_solution
    assert (converted.fun is None) == (converted.x is None) == (result.x is None)
    assert str(termination) in converted.message


def test_the_fields_are_those_that_scipy_gives_for_the_same_problem():
    from scipy.optimize import Bounds, LinearConstraint, milp

    answer = milp(
        [-3.0, -2.0],
        constraints=LinearConstraint([[2.0, 1.0]], ub=5.0),
        bounds=Bounds(0.0, 2.0),
        integrality=[1, 1],
    )
    mine = solved(
        status=Status.OPTIMAL,
        objective=answer.fun,
        bound=answer.fun,
        x=answer.x,
        names=(),
    ).to_optimize_result()
    for field in ("fun", "status", "success", "mip_gap", "mip_dual_bound"):
        assert getattr(mine, field) == getattr(answer, field)


def test_the_document_is_strict_json_with_null_for_what_is_missing():
    stats = {
        "array": np.array([1.0, math.inf]),
        "count": np.int64(3),
        "flag": np.bool_(True),
        "deep": {"x": (-math.inf, {"y": math.nan})},
        5: "key",
        "odd": {1},
    }
    document = empty(Status.UNKNOWN).to_dict()
    assert document["objective"] is document["bound"] is document["gap"] is None
    text = json.dumps(solved(stats=stats, seed=np.int64(4)).to_dict(), allow_nan=False)
    assert json.loads(text)["stats"] == {
        "array": [1.0, None],
        "count": 3,
        "flag": True,
        "deep": {"x": [None, {"y": None}]},
        "5": "key",
        "odd": "{1}",
    }


def test_the_summary_says_none_for_what_is_missing():
    text = empty(Status.INFEASIBLE, termination=Termination.CONVERGED).summary()
    assert "infeasible (converged)" in text
    assert "objective    none" in text
    assert "gap          none" in text
    assert "seed" not in text
    assert "gap          20 %" in solved().summary()


# -- save and load ------------------------------------------------------------


def assert_same(one, other):
    for name in ("status", "termination", "objective", "bound", "sense", "seed"):
        assert getattr(one, name) == getattr(other, name), name
    assert one.wall_time == other.wall_time
    assert tuple(one.names) == tuple(other.names)
    assert tuple(one.trace) == tuple(other.trace)
    assert (one.x is None) == (other.x is None)
    if one.x is not None:
        assert np.array_equal(one.x, other.x)


@pytest.mark.parametrize("sense", ["minimize", "maximize"])
@pytest.mark.parametrize("status", list(Status))
def test_a_saved_result_comes_back_whole(tmp_path, sense, status):
    missing = {name: missing_value(name, sense) for name in ("objective", "bound")}
    result = solved(
        status=status,
        sense=sense,
        names=("a", "ü\N{SNOWMAN}", '"\n'),
        trace=(TraceEvent(0.25, missing["objective"], missing["bound"], "x"),),
        **({} if status.has_solution else {"x": None, **missing}),
    )
    path = tmp_path / "no-suffix"
    result.save(path)
    loaded = Result.load(path)
    assert_same(result, loaded)
    assert loaded.stats == {"nodes": 7, "arms": [{"name": "rins", "mean": None}]}
    if loaded.x is not None:
        assert not loaded.x.flags.writeable


@given(
    x=st.lists(st.floats(allow_nan=False), max_size=5),
    objective=st.floats(-1e300, 1e300),
    bound=st.floats(allow_nan=False, max_value=1e300),
    wall_time=st.floats(0, allow_nan=False),
)
@settings(max_examples=30)
def test_doubles_survive_the_disk_to_the_last_bit(
    tmp_path_factory, x, objective, bound, wall_time
):
    path = tmp_path_factory.getbasetemp() / "doubles.npz"
    result = solved(
        x=np.array(x), names=(), objective=objective, bound=bound, wall_time=wall_time
    )
    result.save(path)
    assert_same(result, Result.load(path))


def test_saving_where_nothing_can_be_written_is_an_input_error(tmp_path):
    with pytest.raises(InputError):
        solved().save(tmp_path / "absent" / "result")


@pytest.mark.parametrize("length", [0, 1, 10, 100, 400, -1])
def test_a_truncated_file_is_an_input_error(tmp_path, length):
    path = tmp_path / "result"
    solved().save(path)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(InputError, match="not a saved result"):
        Result.load(path)


def test_flipped_bits_never_give_another_error(tmp_path):
    path = tmp_path / "result"
    solved(x=np.arange(3) / 7).save(path)
    content = path.read_bytes()
    rng = np.random.default_rng(0)
    n_refused = 0
    for _ in range(300):
        damaged = bytearray(content)
        damaged[rng.integers(len(content))] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        try:
            Result.load(path)
        except InputError:
            n_refused += 1
    assert n_refused > 100


def archive(**members):
    stream = io.BytesIO()
    np.savez(stream, **members)
    return stream.getvalue()


def as_json(value):
    return np.frombuffer(json.dumps(value).encode(), dtype=np.uint8)


GOOD = {
    "status": "unknown", "termination": "time_limit", "sense": "minimize",
    "objective": None, "bound": None, "names": [], "trace": [], "stats": {},
    "seed": 0, "wall_time": 1.0,
}  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        b"\x00" * 1000,
        pickle.dumps({"status": "optimal"}),
        b"PK\x03\x04" + b"x" * 500,
        archive(),
        archive(json=as_json([1, 2])),
        archive(json=as_json("text")),
        archive(json=as_json(GOOD | {"status": "great"})),
        archive(json=as_json(GOOD | {"status": "optimal"})),
        archive(json=as_json(GOOD | {"sense": "sideways"})),
        archive(json=as_json(GOOD | {"trace": [[1, 2]]})),
        archive(json=as_json(GOOD | {"objective": "nan"})),
        archive(json=as_json({"status": "unknown"})),
        archive(json=np.frombuffer(b"\xff\xfe{", dtype=np.uint8)),
        archive(json=np.frombuffer(b"[" * 100_000, dtype=np.uint8)),
        archive(json=np.array(["text"])),
    ],
)
def test_garbage_is_an_input_error_that_names_the_file(tmp_path, content):
    path = tmp_path / "garbage.npz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"garbage\.npz"):
        Result.load(path)


def test_the_document_that_the_garbage_tests_spoil_is_good_by_itself(tmp_path):
    path = tmp_path / "good"
    path.write_bytes(archive(json=as_json(GOOD)))
    assert Result.load(path).status is Status.UNKNOWN


@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_a_lone_array_is_no_result(tmp_path, suffix):
    path = (tmp_path / "array").with_suffix(suffix)
    with path.open("wb") as stream:
        np.save(stream, np.zeros(3))
    with pytest.raises(InputError):
        Result.load(path)


class Explosive:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (open, (str(self.mark), "w"))


def test_a_pickle_inside_the_archive_is_never_run(tmp_path):
    mark = tmp_path / "mark"
    path = tmp_path / "evil.npz"
    with path.open("wb") as stream:
        np.savez(
            stream,
            allow_pickle=True,
            json=as_json(GOOD),
            x=np.array([Explosive(mark)], dtype=object),
        )
    with pytest.raises(InputError):
        Result.load(path)
    assert not mark.exists()


def test_the_file_holds_no_pickle_and_only_two_members(tmp_path):
    path = tmp_path / "result"
    solved().save(path)
    with zipfile.ZipFile(path) as members:
        assert sorted(members.namelist()) == ["json.npy", "x.npy"]
    with np.load(path, allow_pickle=False) as arrays:
        assert arrays["x"].dtype == np.float64


@pytest.mark.parametrize("path", ["absent", ".", None, 7])
def test_a_path_that_holds_no_result_is_an_input_error(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError):
        Result.load(path)


# -- plot ---------------------------------------------------------------------


@pytest.fixture
def pyplot():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")


def test_the_plot_holds_the_finite_events_to_the_end_of_the_run(pyplot):
    axes = solved().plot()
    lines = {line.get_label(): line for line in axes.get_lines()}
    assert set(lines) == {"incumbent", "bound"}
    assert list(lines["incumbent"].get_xdata()) == [1.0, 2.0]
    assert list(lines["incumbent"].get_ydata()) == [10.0, 10.0]
    assert axes.get_ylabel() == "objective (minimize)"


def test_a_result_without_events_is_an_empty_plot_on_the_given_axes(pyplot):
    _, axes = pyplot.subplots()
    assert empty(Status.UNKNOWN).plot(axes) is axes
    assert len(axes.get_lines()) == 0
