from boundwise.benchmarks.isolation.runfiles import (
    read_answer,
    read_trace,
    tail,
    thin,
)


def test_a_trace_ends_at_its_damaged_line(tmp_path):
    path = tmp_path / "trace.jsonl"
    path.write_text('[1.0, 5.0, null, "a"]\n[2.0, 4.0, 1.0, "b"]\n[3.0, 3.')
    assert read_trace(path) == [(1.0, 5.0, None, "a"), (2.0, 4.0, 1.0, "b")]
    assert read_trace(tmp_path / "missing") == []


def test_an_answer_that_is_cut_short_is_no_answer(tmp_path):
    (tmp_path / "answer.json").write_text('{"status": "opt')
    assert read_answer(tmp_path) == {}
    (tmp_path / "answer.json").write_text("[1, 2]")
    assert read_answer(tmp_path) == {}


def test_thinning_keeps_ends_and_incumbents():
    trace = [(float(i), float(-(i // 100)), float(i), "x") for i in range(5000)]
    kept = thin(trace, 400)
    assert len(kept) <= 402
    assert kept[0] == trace[0]
    assert kept[-1] == trace[-1]
    assert {point[1] for point in kept} == {point[1] for point in trace}
    assert kept == sorted(kept)


def test_thinning_many_incumbents_still_bounds_the_size():
    trace = [(float(i), float(-i), None, "x") for i in range(5000)]
    assert len(thin(trace, 400)) <= 401
    assert thin(trace[:10], 400) == trace[:10]


def test_the_tail_of_a_log_is_its_end(tmp_path):
    path = tmp_path / "out"
    path.write_bytes(b"x" * 10000 + b"\xffend")
    assert tail(path, 5).endswith("end")
    assert tail(tmp_path / "missing") == ""
