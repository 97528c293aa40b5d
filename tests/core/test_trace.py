"""A trace keeps the order of events; a log on disk never ends the run."""

import json
import math
import resource
import signal

import numpy as np
import pytest

from boundwise.core.errors import BoundwiseWarning, InputError
from boundwise.core.limits import Deadline
from boundwise.core.trace import (
    JsonLines,
    Trace,
    TraceEvent,
    asking_to_stop,
    finite_or_none,
)


def test_events_are_kept_in_the_order_of_time_and_handed_to_every_sink():
    one: list[TraceEvent] = []
    other: list[TraceEvent] = []
    trace = Trace(Deadline(), (one.append, other.append))
    for step in range(5):
        returned = trace.record(10.0 - step, float(step), f"arm{step}")
        assert one[-1] is returned
    assert one == other == list(trace) == list(trace.events())
    assert len(trace) == 5
    seconds = [event.seconds for event in trace]
    assert seconds == sorted(seconds)
    assert seconds[0] >= 0.0


def test_the_events_handed_out_do_not_grow_later():
    trace = Trace(Deadline())
    trace.record(1.0, 0.0, "a")
    before = trace.events()
    trace.record(0.5, 0.0, "b")
    assert len(before) == 1


def test_infinities_and_nan_become_null():
    event = TraceEvent(1.23456789, math.inf, -math.inf, "start")
    assert event.to_json() == [1.234568, None, None, "start"]
    assert finite_or_none(math.nan) is None
    assert finite_or_none(0) == 0.0


def test_a_failing_sink_is_heard():
    def fail(_event: TraceEvent) -> None:
        raise RuntimeError("sink")

    trace = Trace(Deadline(), (fail,))
    with pytest.raises(RuntimeError, match="sink"):
        trace.record(1.0, 0.0, "x")
    assert len(trace) == 1


def test_each_line_is_on_disk_while_the_run_lasts(tmp_path):
    path = tmp_path / "log.jsonl"
    with JsonLines(path) as sink:
        trace = Trace(Deadline(), (sink,))
        trace.record(math.inf, -3.5, "tree")
        assert len(path.read_text().splitlines()) == 1
        trace.record(7.0, -3.5, 'arm "q"\n')
        lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line[1:] for line in lines] == [
        [None, -3.5, "tree"],
        [7.0, -3.5, 'arm "q"\n'],
    ]


@pytest.mark.parametrize("path", ["absent/log", ".", "a\0b", None, 2.5])
def test_a_log_that_cannot_be_opened_is_an_input_error(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="cannot write"):
        JsonLines(path)


def record_many(trace, count):
    for step in range(count):
        trace.record(float(step), 0.0, "arm")


def test_a_disk_that_fills_up_ends_the_log_with_one_warning_and_not_the_run(tmp_path):
    path = tmp_path / "log.jsonl"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    old_handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    sink = JsonLines(path)
    trace = Trace(Deadline(), (sink,))
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.warns(BoundwiseWarning, match="any more") as caught:
            record_many(trace, 50)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, old_handler)
        sink.close()
    assert len(caught) == 1
    assert len(trace) == 50
    whole = path.read_text().splitlines()[:-1]
    assert [json.loads(line)[1] for line in whole] == list(range(len(whole)))


def test_a_closed_log_takes_nothing_more(tmp_path):
    sink = JsonLines(tmp_path / "log")
    sink.close()
    sink.close()
    sink(TraceEvent(0.0, 1.0, 0.0, "late"))
    assert (tmp_path / "log").read_text() == ""


@pytest.mark.parametrize(
    ("answer", "stops"),
    [
        (True, 1),
        (np.True_, 1),
        (False, 0),
        (np.False_, 0),
        (None, 0),
        ("on", 0),
        (1, 0),
    ],
)
def test_only_true_asks_a_run_to_stop(answer, stops):
    calls = []
    sink = asking_to_stop(lambda _: answer, lambda: calls.append(1))
    sink(TraceEvent(0.0, 1.0, 0.0, "somebody"))
    assert len(calls) == stops
