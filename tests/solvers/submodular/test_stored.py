"""Saved maximizers: they go on bit for bit; damaged and foreign files are refused."""

import json
import pickle

import numpy as np
import pytest

from boundwise.benchmarks.submodular.bars import random_objectives
from boundwise.core.errors import InputError
from boundwise.instances.generators.streams import random_updates
from boundwise.solvers.submodular import Coverage, DynamicMaximizer, stored

OBJECTIVES = random_objectives(12, seed=3)


@pytest.mark.parametrize("options", [{}, {"mode": "all", "trigger": "count"}], ids=str)
def test_a_loaded_maximizer_goes_on_bit_for_bit(tmp_path, options):
    objective = OBJECTIVES["feature-based"]
    stream = random_updates(12, 200, seed=1)
    half = (stream.is_insertion[:100], stream.elements[:100])
    rest = (stream.is_insertion[100:], stream.elements[100:])
    first = DynamicMaximizer(objective, 3, **options)
    first.update(half)
    first.save(tmp_path / "state.npz")
    second = DynamicMaximizer.load(tmp_path / "state.npz", objective)
    for maximizer in (first, second):
        maximizer.update(rest)
    assert dict(first.stats) == dict(second.stats)
    assert first.certificate() == second.certificate()
    for name in ("link", "level", "pick", "gain", "ints", "reals", "random", "now"):
        assert (
            getattr(first._state, name).tobytes()
            == getattr(second._state, name).tobytes()
        )


def test_a_damaged_or_foreign_file_is_refused(tmp_path):
    path = tmp_path / "state.npz"
    DynamicMaximizer(OBJECTIVES["coverage"], 3).save(path)
    with pytest.raises(InputError, match="does not fit"):
        DynamicMaximizer.load(path, Coverage(np.eye(5)))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="not a saved maximizer"):
        DynamicMaximizer.load(path, OBJECTIVES["coverage"])
    with pytest.raises(InputError, match="not a saved maximizer"):
        DynamicMaximizer.load(tmp_path / "missing.npz", OBJECTIVES["coverage"])


def test_a_maximizer_is_not_pickled_with_its_addresses():
    with pytest.raises(TypeError, match="save and load"):
        pickle.dumps(DynamicMaximizer(OBJECTIVES["coverage"], 3))


@pytest.mark.parametrize(
    ("name", "value"),
    [("now", 7), ("now", 10**6), ("level", 10**6), ("guess", 10**6), ("link", 99)],
)
def test_indices_that_lead_outside_are_refused(tmp_path, name, value):
    """The digest fits, as after a careless edit; compiled code would not notice."""
    objective = Coverage(np.eye(20))
    maximizer = DynamicMaximizer(objective, 3)
    maximizer.update([("insert", e) for e in range(20)])
    maximizer.save(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as archive:
        arrays = {key: archive[key] for key in archive.files}
    document = json.loads(arrays.pop("json").tobytes())
    arrays[name] = np.full_like(arrays[name], value)
    document["digest"] = stored._digest(arrays)
    text = np.frombuffer(json.dumps(document).encode(), np.uint8)
    np.savez(tmp_path / "b.npz", json=text, **arrays)
    with pytest.raises(InputError, match="leads outside"):
        DynamicMaximizer.load(tmp_path / "b.npz", objective)


def test_files_that_cannot_be_written_are_named(tmp_path):
    maximizer = DynamicMaximizer(OBJECTIVES["coverage"], 3)
    for path in (tmp_path, tmp_path / "none" / "a.npz"):
        with pytest.raises(InputError, match=tmp_path.name):
            maximizer.save(path)
    assert list(tmp_path.iterdir()) == []
