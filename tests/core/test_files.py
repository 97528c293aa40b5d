"""Whatever goes wrong while a file is written, the old one is still there."""

import json
import os
import resource
import signal
import stat
import threading

import pytest

from boundwise.core.errors import InputError
from boundwise.core.files import atomic_write, write_json


def leftovers(folder):
    return sorted(p.name for p in folder.iterdir())


@pytest.mark.parametrize("mode", ["w", "wb"])
def test_the_new_content_replaces_the_old(tmp_path, mode):
    path = tmp_path / "out"
    path.write_bytes(b"old and longer")
    with atomic_write(path, mode) as stream:
        stream.write("neü" if mode == "w" else b"\x00\xff")
        assert path.read_bytes() == b"old and longer"
    assert path.read_bytes() == ("neü".encode() if mode == "w" else b"\x00\xff")
    assert leftovers(tmp_path) == ["out"]


def write_half_and_raise(path, error):
    with atomic_write(path) as stream:
        stream.write("half")
        raise error


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_exception_in_the_block_leaves_the_old_file_and_no_litter(tmp_path, error):
    path = tmp_path / "out"
    path.write_text("old")
    with pytest.raises(error):
        write_half_and_raise(path, error)
    assert path.read_text() == "old"
    assert leftovers(tmp_path) == ["out"]


@pytest.mark.parametrize("name", ["absent/out", "", ".", "a\0b", "x" * 300])
def test_a_path_that_cannot_be_a_file_is_an_input_error(tmp_path, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError), atomic_write(name) as stream:
        stream.write("never")
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("path", [None, 3, 1.5, ["x"]])
def test_a_path_of_a_wrong_type_is_an_input_error(path):
    with pytest.raises(InputError, match="path"), atomic_write(path):
        pass


@pytest.mark.parametrize("mode", ["r", "a", "x", "w+", ""])
def test_only_writing_modes_are_taken(tmp_path, mode):
    with pytest.raises(InputError, match="mode"), atomic_write(tmp_path / "f", mode):
        pass


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="folder"), atomic_write(tmp_path):
        pass
    assert leftovers(tmp_path) == []


def test_a_file_as_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError), atomic_write(tmp_path / "file" / "out"):
        pass


def test_the_longest_name_of_a_file_can_be_written(tmp_path):
    path = tmp_path / ("n" * 255)
    write_json(path, [1])
    assert json.loads(path.read_text()) == [1]


def test_a_name_of_255_bytes_in_wide_letters_can_be_written(tmp_path):
    path = tmp_path / ("\N{SNOWMAN}" * 85)
    write_json(path, [1])
    assert json.loads(path.read_text()) == [1]


def test_a_full_disk_is_an_input_error_and_leaves_the_old_file(tmp_path):
    path = tmp_path / "out"
    path.write_text("old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    old_handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with (
            pytest.raises(InputError, match="cannot write"),
            atomic_write(path, "wb") as stream,
        ):
            stream.write(bytes(100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, old_handler)
    assert path.read_text() == "old"
    assert leftovers(tmp_path) == ["out"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_an_input_error(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError), atomic_write(tmp_path / "out"):
        pass
    tmp_path.chmod(0o700)


def test_a_new_file_has_the_permissions_of_the_umask(tmp_path):
    old = os.umask(0o027)
    try:
        write_json(tmp_path / "out", {})
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o640


def test_an_existing_file_keeps_its_permissions(tmp_path):
    path = tmp_path / "secret"
    path.write_text("old")
    path.chmod(0o600)
    write_json(path, {})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_symbolic_link_stays_a_link(tmp_path):
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("old")
    link.symlink_to(real)
    write_json(link, "new")
    assert link.is_symlink()
    assert json.loads(real.read_text()) == "new"


def test_a_loop_of_links_is_an_input_error(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.symlink_to(other)
    other.symlink_to(one)
    with pytest.raises(InputError):
        write_json(one, {})


def test_a_device_is_written_to_and_not_replaced(tmp_path):
    # As root, a replacement of /dev/null would succeed, and break the machine; a
    # pipe shows the same without that risk.
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()))
    reader.start()
    write_json(pipe, 5)
    reader.join(timeout=10)
    assert got == ["5\n"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_writers_at_the_same_time_leave_one_whole_file(tmp_path):
    path = tmp_path / "out"
    writers = [
        threading.Thread(target=write_json, args=(path, [number] * 5000))
        for number in range(8)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(set(json.loads(path.read_text()))) == 1
    assert leftovers(tmp_path) == ["out"]


@pytest.mark.parametrize(
    "document", [float("nan"), {"a": float("inf")}, {1j}, {(1, 2): 3}]
)
def test_what_is_not_strict_json_is_refused_before_the_file_is_touched(
    tmp_path, document
):
    path = tmp_path / "out"
    path.write_text("old")
    with pytest.raises(InputError, match="JSON"):
        write_json(path, document)
    assert path.read_text() == "old"


def test_a_document_that_contains_itself_is_refused(tmp_path):
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(InputError, match="JSON"):
        write_json(tmp_path / "out", loop)
