"""The resident memory follows what the process holds."""

import numpy as np
import pytest

from boundwise.core import memory


def test_a_block_of_64_mib_is_seen_and_its_release_too():
    before = memory.resident_mebibytes()
    block = np.ones(64 * 2**17)
    held = memory.resident_mebibytes()
    del block
    released = memory.resident_mebibytes()
    assert before > 1.0
    assert held - before == pytest.approx(64.0, abs=8.0)
    assert released < held - 48.0


def test_without_proc_the_peak_is_returned(monkeypatch, tmp_path):
    present = memory.resident_mebibytes()
    monkeypatch.setattr(memory, "_STATM", tmp_path / "absent")
    assert memory.resident_mebibytes() >= 0.9 * present
