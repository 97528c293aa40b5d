import contextlib
import json
import multiprocessing
import os
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.benchmarks.record import Record
from boundwise.benchmarks.status import RunStatus
from boundwise.benchmarks.store import RECORDS, Store, Writer, is_running
from boundwise.core.errors import InputError


def test_what_is_appended_is_read_back(tmp_path, make_record):
    record = make_record(
        trace=((0.5, 3.0, None, "who"),), check={"verified": True}, primal=3.0
    )
    with Writer(tmp_path) as writer:
        writer.append(record)
    (read,) = Store(tmp_path).records()
    assert read == record


def test_a_record_survives_json(make_record):
    record = make_record(primal=1.5, stats={"a": [1, None]})
    text = json.dumps(record.to_dict(), allow_nan=False)
    assert Record.from_dict(json.loads(text)) == record


def test_of_two_records_with_one_key_the_later_counts(tmp_path, make_record):
    with Writer(tmp_path) as writer:
        writer.append(make_record(status=RunStatus.ABORT))
        writer.append(make_record("other"))
        writer.append(make_record(status=RunStatus.OK))
    assert Store(tmp_path).statuses() == {"i/a/0": "ok", "other/a/0": "ok"}
    assert len(Store(tmp_path).records()) == 2


@settings(max_examples=40, deadline=None)
@given(cut=st.integers(0, 1500))
def test_a_store_cut_at_any_byte_keeps_its_whole_lines(cut, tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    lines = [_line(f"key{i}") for i in range(3)]
    data = b"".join(lines)
    (folder / RECORDS).write_bytes(data[: min(cut, len(data))])
    whole = sum(cut >= len(b"".join(lines[: i + 1])) for i in range(3))
    assert len(Store(folder).statuses()) == whole
    with Writer(folder) as writer:
        writer.append(_record("new"))
    assert set(Store(folder).statuses()) == {f"key{i}" for i in range(whole)} | {"new"}
    shutil.rmtree(folder)


def _record(key):
    return Record(
        key=key,
        suite="mip",
        instance="i",
        sha256="s",
        solver={"label": "a"},
        status=RunStatus.OK,
    )


def _line(key):
    return json.dumps(_record(key).to_dict()).encode() + b"\n"


def test_a_damaged_line_in_the_middle_is_named_and_skipped(tmp_path):
    (tmp_path / RECORDS).write_bytes(
        _line("a") + b'{"key": "b", "sta\n' + b'{"key": 3}\n' + _line("c")
    )
    store = Store(tmp_path)
    assert set(store.statuses()) == {"a", "c"}
    assert store.damaged == ["records.jsonl, line 2", "records.jsonl, line 3"]


def test_a_second_runner_is_refused_and_told_who_is_there(tmp_path):
    with Writer(tmp_path):
        assert f"process {os.getpid()}" in is_running(tmp_path)
        with pytest.raises(InputError, match=f"process {os.getpid()}"):
            Writer(tmp_path)
    assert is_running(tmp_path) is None
    Writer(tmp_path).close()


def _hold(folder, ready):
    Writer(folder)
    ready.set()
    os.kill(os.getpid(), 9)


def test_a_killed_runner_leaves_no_lock(tmp_path):
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=_hold, args=(tmp_path, ready))
    process.start()
    process.join(20)
    assert ready.is_set()
    with Writer(tmp_path) as writer:
        writer.append(_record("a"))
    assert set(Store(tmp_path).statuses()) == {"a"}


def test_records_of_array_tasks_are_read_with_the_others(tmp_path):
    with Writer(tmp_path) as writer:
        writer.append(_record("a"))
    Store(tmp_path).write_shard(_record("b"))
    assert set(Store(tmp_path).statuses()) == {"a", "b"}


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no campaign folder"):
        Store(tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write"):
        Writer(tmp_path / "file")


def test_a_write_that_fails_leaves_the_store_as_it_was(tmp_path, monkeypatch):
    with Writer(tmp_path) as writer:
        writer.append(_record("a"))
        before = (tmp_path / RECORDS).read_bytes()
        real = os.write

        def half(descriptor, data):
            real(descriptor, data[:20])
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "write", half)
        with pytest.raises(InputError, match="No space left"):
            writer.append(_record("b"))
        monkeypatch.undo()
        assert (tmp_path / RECORDS).read_bytes() == before
        writer.append(_record("c"))
    assert set(Store(tmp_path).statuses()) == {"a", "c"}


@pytest.mark.slow
def test_a_really_full_disk_loses_nothing_that_was_recorded(tmp_path):
    mounted = tmp_path / "small"
    mounted.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(mounted)]
    if os.geteuid() != 0 or subprocess.run(command, check=False).returncode:
        pytest.skip("a tmpfs cannot be mounted here")
    try:
        count = 0
        with Writer(mounted) as writer:
            with contextlib.suppress(InputError):
                while count < 10_000:
                    writer.append(_record(f"key{count}"))
                    count += 1
            with pytest.raises(InputError, match="No space"):
                writer.append(_record("one more"))
        assert 10 < count < 10_000
        assert len(Store(mounted).statuses()) == count
        (mounted / RECORDS).write_bytes(b"")
        with Writer(mounted) as writer:
            writer.append(_record("again"))
        assert set(Store(mounted).statuses()) == {"again"}
    finally:
        subprocess.run(["umount", str(mounted)], check=True)
