"""Training data: drawn by seed and index alone, resumed, padded by zeros."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.solvers.robust.learned import dataset as module
from boundwise.solvers.robust.learned.dataset import Dataset, generate


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 2)


def _same(first: Dataset, second: Dataset) -> None:
    for name in ("decision", "decisions", "elements", "labels", "sizes"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def test_stopped_generation_goes_on_with_what_is_missing(
    tiny_knapsacks: Any, tmp_path: Path
) -> None:
    whole = generate(tiny_knapsacks, 5, n_decisions=2, n_scenarios=2, seed=3)
    stored = generate(
        tiny_knapsacks, 5, n_decisions=2, n_scenarios=2, seed=3, folder=tmp_path
    )
    _same(whole, stored)
    chunks = sorted(tmp_path.glob("chunk-*.npz"))
    assert len(chunks) == 3
    kept = chunks[0].stat().st_mtime_ns
    chunks[1].unlink()
    chunks[2].write_bytes(chunks[2].read_bytes()[:100])
    again = generate(
        tiny_knapsacks, 5, n_decisions=2, n_scenarios=2, seed=3, folder=tmp_path
    )
    _same(whole, again)
    assert chunks[0].stat().st_mtime_ns == kept


def test_fewer_problems_are_the_first_of_more(tiny_knapsacks: Any) -> None:
    few = generate(tiny_knapsacks, 2, n_decisions=2, n_scenarios=2, seed=1)
    many = generate(tiny_knapsacks, 4, n_decisions=2, n_scenarios=2, seed=1)
    np.testing.assert_array_equal(few.labels, many.labels[:2])


@pytest.mark.slow
def test_the_number_of_processes_changes_nothing() -> None:
    from boundwise.solvers.robust.learned.distributions import distribution_of

    one = generate(distribution_of("knapsack"), 4, n_decisions=2, n_scenarios=2)
    two = generate(
        distribution_of("knapsack"), 4, n_decisions=2, n_scenarios=2, n_jobs=2
    )
    _same(one, two)


def test_data_of_other_settings_are_refused(
    tiny_knapsacks: Any, tmp_path: Path
) -> None:
    generate(tiny_knapsacks, 2, n_decisions=2, n_scenarios=2, folder=tmp_path)
    with pytest.raises(InputError, match="holds other training data"):
        generate(tiny_knapsacks, 2, n_decisions=3, n_scenarios=2, folder=tmp_path)


def test_padding_is_zero_beyond_the_size(tiny_knapsacks: Any) -> None:
    data = generate(tiny_knapsacks, 6, n_decisions=2, n_scenarios=2, seed=0)
    for i, (n, m) in enumerate(data.sizes.astype(int)):
        assert not data.decision[i, n:].any()
        assert not data.decisions[i, :, n:].any()
        assert not data.elements[i, :, m:].any()


def test_no_problem_is_in_both_parts(tiny_knapsacks: Any) -> None:
    data = generate(tiny_knapsacks, 5, n_decisions=2, n_scenarios=2)
    training, validation = data.split(0.2)
    assert (len(training), len(validation)) == (4, 1)
    np.testing.assert_array_equal(
        np.concatenate([training.labels, validation.labels]), data.labels
    )
    with pytest.raises(InputError, match="n_instances must leave some"):
        data.part(slice(0, 1)).split(0.2)


def test_counts_that_are_none_are_refused(tiny_knapsacks: Any) -> None:
    with pytest.raises(InputError, match="n_instances must be a positive integer"):
        generate(tiny_knapsacks, 0)
    with pytest.raises(InputError, match="n_scenarios must be a positive integer"):
        generate(tiny_knapsacks, 1, n_scenarios=1.5)  # type: ignore[arg-type]
