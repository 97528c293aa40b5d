"""Fit a value network by Adam and keep the weights that validate best.

    for each epoch: shuffle the problems, one Adam step for each batch of problems;
    every few epochs: validation MAE, checkpoint, stop if it has not improved for long.

The loss is the mean squared error and a multiple of its part within the problems; the
MAE of these differences decides which weights are best.

The order of an epoch depends on (seed, epoch) alone and a checkpoint holds everything
else, so a run that goes on from a checkpoint ends with the same bits as one that was
never stopped.
"""

import json
import math
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from boundwise.core.arguments import as_count, as_number
from boundwise.core.errors import InputError
from boundwise.core.files import atomic_write
from boundwise.core.optional import require
from boundwise.solvers.robust.learned.dataset import Dataset
from boundwise.solvers.robust.learned.model import initial_parameters, predictions
from boundwise.solvers.robust.learned.progress import progress_bar


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSettings:
    """State how a network is built and trained.

    Parameters
    ----------
    encoder_hidden, encoder_out
        Widths of the encoders.
    decision_hidden, scenario_hidden, pool_out
        Widths of the networks after the means.
    head_hidden
        Width of V.
    epochs
        Most epochs.
    batch
        Problems in a step; each brings all its labels.
    learning_rate
        First step size of Adam; it falls to a hundredth along a cosine.
    evaluate_every
        Epochs between two evaluations.
    patience
        Evaluations without a better validation MAE after which to stop.
    validation_share
        Share of the problems that validate.
    difference_weight
        Weight of the errors' spread within a problem: what all its labels have in
        common changes no comparison of decisions or scenarios.

    Raises
    ------
    InputError
        If a value is out of range.
    """

    encoder_hidden: int = 32
    encoder_out: int = 16
    decision_hidden: int = 64
    scenario_hidden: int = 32
    pool_out: int = 8
    head_hidden: int = 8
    epochs: int = 100
    batch: int = 8
    learning_rate: float = 2e-3
    evaluate_every: int = 5
    patience: int = 12
    validation_share: float = 0.2
    difference_weight: float = 4.0

    def __post_init__(self) -> None:
        """Validate every field."""
        for name, value in asdict(self).items():
            if name == "difference_weight":
                number: float = as_number(name, value, at_least=0)
            elif name in ("learning_rate", "validation_share"):
                number = as_number(name, value, above=0, below=1)
            else:
                number = as_count(name, value)
            object.__setattr__(self, name, number)

    def widths(self) -> dict[str, int]:
        """Return the widths of the network."""
        return {
            name: value
            for name, value in asdict(self).items()
            if name.endswith(("hidden", "out"))
        }


@dataclass(slots=True)
class _State:
    """What a checkpoint holds."""

    parameters: dict[str, Any]
    optimizer: Any
    best: dict[str, Any]
    epoch: int
    history: list[list[float]]


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """What training gave.

    Parameters
    ----------
    parameters
        Weights with the best validation MAE.
    history
        Rows (epoch, training loss, validation MAE, validation MAE of differences).
    """

    parameters: dict[str, Any]
    history: list[list[float]]

    @property
    def best_maes(self) -> tuple[float, float]:
        """Validation MAE, and MAE of differences, of the best weights."""
        row = min(self.history, key=lambda row: row[3])
        return row[2], row[3]


def fit(
    training: Dataset,
    validation: Dataset,
    settings: TrainingSettings,
    *,
    joint: bool,
    seed: int = 0,
    checkpoint: str | os.PathLike[str] | None = None,
    stop: Callable[[], bool] = lambda: False,
    progress: bool = False,
) -> Fitted:
    """Train a network (extra ``learn``).

    Parameters
    ----------
    training, validation
        Scaled data; no problem may be in both.
    settings
        How.
    joint
        Whether scenario elements see x.
    seed
        Seed of the weights and of the order.
    checkpoint
        File to save to and to go on from; none if None.
    stop
        Asked after each epoch; training ends with what it has when it returns true.
    progress
        Show a progress bar.

    Returns
    -------
    Fitted
        The best weights and the curve.

    Raises
    ------
    InputError
        If the checkpoint is of other settings, or training diverges.
    NotAvailableError
        If the extra is missing.
    """
    jax = require("jax", extra="learn")
    optax = require("optax", extra="learn")
    steps = math.ceil(len(training) / settings.batch) * settings.epochs
    schedule = optax.cosine_decay_schedule(settings.learning_rate, steps, 0.01)
    optimizer = optax.adam(schedule)
    step, evaluate = _compiled(jax, optax, optimizer, joint, settings.difference_weight)
    state = _start(training, settings, optimizer, joint, seed)
    file = _CheckpointFile(checkpoint, settings, seed, jax)
    file.read_into(state)
    bar = progress_bar(
        settings.epochs, "training", "epoch", shown=progress, done=state.epoch
    )
    with bar:
        while state.epoch < settings.epochs and not _stalled(state, settings):
            loss = _epoch(step, state, training, settings.batch, seed)
            state.epoch += 1
            bar.update()
            if state.epoch % settings.evaluate_every == 0 or (
                state.epoch == settings.epochs
            ):
                maes = _maes(evaluate, state.parameters, validation, settings.batch)
                if not math.isfinite(maes[1]):
                    raise InputError(
                        f"learning_rate {settings.learning_rate:g} makes the training "
                        "diverge."
                    )
                if all(maes[1] < row[3] for row in state.history):
                    state.best = dict(state.parameters)
                state.history.append([float(state.epoch), loss, *maes])
                bar.set_postfix(loss=f"{loss:.3g}", mae=f"{maes[0]:.3g}")
                file.write(state)
            if stop():
                break
    if not state.history:
        maes = _maes(evaluate, state.parameters, validation, settings.batch)
        state.history.append([float(state.epoch), math.nan, *maes])
        state.best = dict(state.parameters)
    best = {name: np.asarray(value) for name, value in state.best.items()}
    return Fitted(best, state.history)


def _compiled(
    jax: Any, optax: Any, optimizer: Any, joint: bool, difference_weight: float
) -> tuple[Any, Any]:
    jnp = jax.numpy

    def errors(parameters: Any, batch: Any) -> tuple[Any, Any, Any]:
        """Return errors, those less the mean of their problem, and which count."""
        *inputs, labels = batch
        known = jnp.isfinite(labels)
        error = predictions(parameters, tuple(inputs), joint)
        error = jnp.where(known, error - jnp.where(known, labels, 0.0), 0.0)
        count = jnp.maximum(known.sum((1, 2), keepdims=True), 1)
        centred = jnp.where(
            known, error - error.sum((1, 2), keepdims=True) / count, 0.0
        )
        return error, centred, jnp.maximum(known.sum(), 1)

    def loss(parameters: Any, batch: Any) -> Any:
        error, centred, count = errors(parameters, batch)
        return ((error**2).sum() + difference_weight * (centred**2).sum()) / count

    def step(parameters: Any, state: Any, batch: Any) -> Any:
        value, slope = jax.value_and_grad(loss)(parameters, batch)
        change, state = optimizer.update(slope, state)
        return optax.apply_updates(parameters, change), state, value

    def absolute(parameters: Any, batch: Any) -> Any:
        error, centred, count = errors(parameters, batch)
        return jnp.stack([jnp.abs(error).sum(), jnp.abs(centred).sum(), 1.0 * count])

    return jax.jit(step), jax.jit(absolute)


def _start(
    training: Dataset,
    settings: TrainingSettings,
    optimizer: Any,
    joint: bool,
    seed: int,
) -> _State:
    features = (
        training.decision.shape[2] + 1,
        training.elements.shape[3] + int(joint),
    )
    rng = np.random.default_rng([seed, 0])
    parameters = initial_parameters(rng, features, settings.widths())
    return _State(parameters, optimizer.init(parameters), dict(parameters), 0, [])


def _epoch(step: Any, state: _State, data: Dataset, batch: int, seed: int) -> float:
    """Run one epoch and return the mean loss."""
    order = np.random.default_rng([seed, 1, state.epoch]).permutation(len(data))
    losses = []
    for arrays in _batches(data, order, batch):
        state.parameters, state.optimizer, value = step(
            state.parameters, state.optimizer, arrays
        )
        losses.append(value)
    return float(np.mean([float(value) for value in losses]))


def _maes(
    evaluate: Any, parameters: Any, data: Dataset, batch: int
) -> tuple[float, float]:
    """Return the MAE, and that of the errors less the mean of their problem."""
    total = np.zeros(3)
    for arrays in _batches(data, np.arange(len(data)), batch):
        total += np.asarray(evaluate(parameters, arrays), dtype=np.float64)
    return float(total[0] / total[2]), float(total[1] / total[2])


def _batches(data: Dataset, order: Any, size: int) -> Iterator[tuple[Any, ...]]:
    """Yield batches of one shape; the last one is filled up without labels."""
    size = min(size, len(order))
    for at in range(0, len(order), size):
        rows = order[at : at + size]
        filled = np.concatenate([rows, np.repeat(rows[:1], size - len(rows))])
        part = data.part(filled)
        part.labels[len(rows) :] = np.nan
        yield part.decision, part.decisions, part.elements, part.sizes, part.labels


def _stalled(state: _State, settings: TrainingSettings) -> bool:
    if not state.history:
        return False
    maes = [row[3] for row in state.history]
    return len(maes) - 1 - int(np.argmin(maes)) >= settings.patience


class _CheckpointFile:
    """Save and restore the state of a run, if there is a file for it."""

    def __init__(
        self,
        path: str | os.PathLike[str] | None,
        settings: TrainingSettings,
        seed: int,
        jax: Any,
    ) -> None:
        self._path = None if path is None else Path(path)
        self._key = {"settings": asdict(settings), "seed": seed}
        self._jax = jax

    def write(self, state: _State) -> None:
        if self._path is None:
            return
        leaves = self._jax.tree.leaves((state.parameters, state.optimizer, state.best))
        document = self._key | {"epoch": state.epoch, "history": state.history}
        text = np.frombuffer(json.dumps(document).encode(), dtype=np.uint8)
        arrays = {f"leaf{i:03d}": np.asarray(leaf) for i, leaf in enumerate(leaves)}
        with atomic_write(self._path, "wb") as stream:
            np.savez(stream, **({"json": text} | arrays))

    def read_into(self, state: _State) -> None:
        if self._path is None or not self._path.exists():
            return
        tree = (state.parameters, state.optimizer, state.best)
        leaves, shape = self._jax.tree.flatten(tree)
        try:
            with (
                self._path.open("rb") as stream,
                np.load(stream, allow_pickle=False) as archive,
            ):
                document = json.loads(archive["json"].tobytes())
                stored = [archive[f"leaf{i:03d}"] for i in range(len(leaves))]
        except Exception as error:
            raise InputError(
                f"checkpoint {str(self._path)!r} cannot be read ({error}); remove it "
                "to start anew."
            ) from error
        same = all(
            np.shape(mine) == found.shape
            for mine, found in zip(leaves, stored, strict=True)
        )
        if not same or any(document.get(key) != self._key[key] for key in self._key):
            raise InputError(
                f"checkpoint {str(self._path)!r} is of other settings; remove it or "
                "use another folder."
            )
        state.parameters, state.optimizer, state.best = self._jax.tree.unflatten(
            shape, stored
        )
        state.epoch, state.history = document["epoch"], document["history"]
