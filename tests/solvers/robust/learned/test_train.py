"""Training: the same function in JAX and numpy, resumed to the bit, clear errors."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from boundwise.core.errors import InputError, NotAvailableError
from boundwise.solvers.robust.learned.storage import load_network
from boundwise.solvers.robust.learned.train import plot_curve, train, train_command
from boundwise.solvers.robust.learned.trainer import TrainingSettings

SETTINGS = TrainingSettings(
    encoder_hidden=6,
    encoder_out=4,
    decision_hidden=5,
    scenario_hidden=5,
    pool_out=3,
    head_hidden=4,
    epochs=6,
    batch=3,
    evaluate_every=2,
)


def _train(distribution: Any, **options: Any) -> Any:
    return train(
        distribution, 7, n_decisions=3, n_scenarios=3, settings=SETTINGS, **options
    )


@pytest.mark.slow
def test_jax_and_numpy_compute_one_function(tiny_knapsacks: Any) -> None:
    pytest.importorskip("jax")
    pytest.importorskip("optax")
    from boundwise.solvers.robust.learned.dataset import generate
    from boundwise.solvers.robust.learned.distributions import label
    from boundwise.solvers.robust.learned.model import (
        initial_parameters,
        predictions,
    )
    from boundwise.solvers.robust.learned.train import _assembled, _Scaling
    from boundwise.solvers.robust.learned.trainer import Fitted

    data = generate(tiny_knapsacks, 4, n_decisions=3, n_scenarios=2, seed=2)
    scaling = _Scaling(data)
    scaled = scaling.apply(data)
    for joint in (True, False):
        features = (
            data.decision.shape[2] + 1,
            data.elements.shape[3] + int(joint),
        )
        weights = initial_parameters(
            np.random.default_rng(0), features, SETTINGS.widths()
        )
        batch = (scaled.decision, scaled.decisions, scaled.elements, scaled.sizes)
        found = np.asarray(predictions(weights, batch, joint))
        fitted = Fitted(weights, [[1.0, 1.0, 1.0, 1.0]])
        network = _assembled("RobustKnapsack", fitted, scaling, joint, 4, 0)
        for i in range(4):
            rng = np.random.default_rng([2, i])
            problem = tiny_knapsacks.problem(np.random.default_rng([2, i]))
            drawn = label(tiny_knapsacks, rng, n_decisions=3, n_scenarios=2)
            mine = network.predict(problem, drawn.decisions, drawn.scenarios)
            theirs = found[i] * scaling.spread + scaling.offset
            np.testing.assert_allclose(
                mine / drawn.inputs.label_scale, theirs, rtol=2e-4, atol=2e-5
            )


@pytest.mark.slow
def test_a_resumed_training_ends_with_the_same_bits(
    tiny_knapsacks: Any, tmp_path: Path
) -> None:
    pytest.importorskip("jax")
    pytest.importorskip("optax")
    from boundwise.solvers.robust.learned import train as module

    whole = _train(tiny_knapsacks, seed=5)
    calls = iter([False, False, False, True])
    honest = module.fit

    def stopped(*args: Any, **options: Any) -> Any:
        return honest(*args, **(options | {"stop": lambda: next(calls)}))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "fit", stopped)
        part = _train(tiny_knapsacks, seed=5, folder=tmp_path)
    assert part.facts["history"][-1][0] == 4.0
    resumed = _train(tiny_knapsacks, seed=5, folder=tmp_path)
    assert resumed.facts["history"] == whole.facts["history"]
    np.testing.assert_array_equal(
        resumed.scenario.encoder_in, whole.scenario.encoder_in
    )
    np.testing.assert_array_equal(
        resumed.head.layers[0].weights, whole.head.layers[0].weights
    )
    stored = load_network(tmp_path / "RobustKnapsack.npz")
    np.testing.assert_array_equal(stored.decision.pool_in, whole.decision.pool_in)
    with pytest.raises(InputError, match="is of other settings"):
        train(
            tiny_knapsacks,
            7,
            n_decisions=3,
            n_scenarios=3,
            settings=TrainingSettings(epochs=2),
            seed=5,
            folder=tmp_path,
        )
    (tmp_path / "checkpoint.npz").write_bytes(b"damaged")
    with pytest.raises(InputError, match="cannot be read"):
        _train(tiny_knapsacks, seed=5, folder=tmp_path)
    axes = plot_curve(whole)
    assert len(axes.lines) == 3
    axes.figure.clear()


def test_a_missing_extra_is_named(
    tiny_knapsacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(NotAvailableError, match=r"boundwise\[learn\]"):
        _train(tiny_knapsacks)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "epochs must be a positive integer"),
        ({"learning_rate": float("nan")}, r"learning_rate must be in \(0, 1\)"),
        ({"validation_share": 1.0}, r"validation_share must be in \(0, 1\)"),
        ({"difference_weight": -1.0}, "difference_weight must be a non-negative"),
    ],
)
def test_settings_out_of_range_are_refused(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        TrainingSettings(**options)


def test_the_command_refuses_unknown_classes(tmp_path: Path) -> None:
    answer = CliRunner().invoke(train_command, ["chess", "--out", str(tmp_path)])
    assert answer.exit_code == 2
    assert "chess" in answer.output
