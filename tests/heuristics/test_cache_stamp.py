"""Cached kernels follow changes in the files that they were compiled with."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from boundwise.heuristics.cache_stamp import _room_of, mark_fresh_by_room, stamp_of

INNER = """
from boundwise.heuristics.compiled import compiled

@compiled()
def inner(x):
    return x + {step}
"""
OUTER = """
from boundwise.heuristics.compiled import compiled
from inner import inner

@compiled()
def outer(x):
    return 10 * inner(x)
"""


def run(folder):
    done = subprocess.run(
        [sys.executable, "-c", "from outer import outer; print(outer(1))"],
        cwd=folder,
        env=os.environ | {"NUMBA_CACHE_DIR": str(folder / "cache")},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


def test_a_change_in_a_called_file_voids_the_callers_cache(tmp_path):
    (tmp_path / "inner.py").write_text(INNER.format(step=1))
    (tmp_path / "outer.py").write_text(OUTER)
    assert run(tmp_path) == 20
    assert list((tmp_path / "cache").rglob("outer*.nbi"))
    (tmp_path / "inner.py").write_text(INNER.format(step=2))
    os.utime(tmp_path / "inner.py", ns=(1, 2_000_000_000_000_000_000))
    assert run(tmp_path) == 30


@pytest.mark.parametrize(
    ("module", "path", "room"),
    [
        ("boundwise.solvers.dag.kkt", "/b/solvers/dag/kkt.py", "/b/solvers/dag"),
        (
            "boundwise.solvers.submodular.leveled.apply",
            "/b/solvers/submodular/leveled/apply.py",
            "/b/solvers/submodular",
        ),
        (
            "boundwise.heuristics.frank_wolfe.rows",
            "/b/heuristics/frank_wolfe/rows.py",
            "/b/heuristics",
        ),
        ("boundwise.heuristics.sizes", "/b/heuristics/sizes.py", "/b/heuristics"),
        ("users.kernels", "/home/users/kernels.py", "/home/users"),
    ],
)
def test_the_room_is_what_holds_a_module(module, path, room):
    assert _room_of(module, Path(path)) == Path(room)


def test_a_dispatcher_of_another_make_is_left_alone():
    class Other:
        _cache = None

    other = Other()
    mark_fresh_by_room(other, run)
    assert vars(other) == {}


def test_the_stamp_sees_new_and_changed_sources_but_no_caches(tmp_path):
    (tmp_path / "a.py").write_text("1")
    stamp_of.cache_clear()
    first = stamp_of(tmp_path)
    assert first[:2] == (1, 1)
    folder = tmp_path / "__pycache__"
    folder.mkdir()
    (folder / "a.py").write_text("1")
    stamp_of.cache_clear()
    assert stamp_of(tmp_path) == first
    (tmp_path / "b.py").write_text("22")
    stamp_of.cache_clear()
    assert stamp_of(tmp_path)[:2] == (2, 3)
