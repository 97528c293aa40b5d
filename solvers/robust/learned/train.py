"""Train a value network for a class of problems, from one command.

    draw and label problems -> split by problem -> fit -> save the network and its curve

``python -m boundwise.solvers.robust.learned.train knapsack --out FOLDER`` writes
``FOLDER/RobustKnapsack.npz``. Started again, it goes on where it was stopped.
"""

import os
from pathlib import Path
from typing import Any

import click
import numpy as np

from boundwise.core.errors import BoundwiseError, InputError
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline
from boundwise.core.optional import require
from boundwise.core.rng import make_rng
from boundwise.heuristics.networks.mlp import Layer, Mlp
from boundwise.solvers.robust.learned.dataset import Dataset, generate
from boundwise.solvers.robust.learned.distributions import (
    DISTRIBUTIONS,
    Distribution,
    distribution_of,
)
from boundwise.solvers.robust.learned.storage import save_network
from boundwise.solvers.robust.learned.trainer import Fitted, TrainingSettings, fit
from boundwise.solvers.robust.learned.value_network import Branch, ValueNetwork


def train(
    problem_class: str | Distribution,
    n_instances: int = 1500,
    *,
    n_decisions: int = 8,
    n_scenarios: int = 16,
    settings: TrainingSettings | None = None,
    joint: bool | None = None,
    seed: int = 0,
    n_jobs: int = 1,
    folder: str | os.PathLike[str] | None = None,
    time_limit: float | None = None,
    progress: bool = False,
) -> ValueNetwork:
    """Train a value network (extra ``learn``).

    Parameters
    ----------
    problem_class
        ``"knapsack"``, ``"capital-budgeting"``, ``"facility-location"``, or a
        `Distribution` of your own.
    n_instances
        Number of problems, a share of which validate.
    n_decisions, n_scenarios
        Decisions and scenarios of each; all pairs are labelled.
    settings
        How the network is built and trained.
    joint
        Whether scenario element i sees x_i; as the distribution says if None.
    seed
        Seed of data and weights.
    n_jobs
        Processes that label.
    folder
        Where data, checkpoint, network and curve are stored, and from where a stopped
        training goes on; nothing is stored if None.
    time_limit
        Seconds after which training ends with what it has; None for no limit.
    progress
        Show progress bars.

    Returns
    -------
    ValueNetwork
        The network with the best validation MAE.

    Raises
    ------
    InputError
        If an argument is out of range or ``folder`` belongs to another training.
    NotAvailableError
        If JAX or optax is missing.

    References
    ----------
    Dumouchelle, Julien, Kurtz, Khalil (2024), Neur2RO, ICLR 2024, arXiv:2310.04345.
    """
    require("jax", extra="learn")
    require("optax", extra="learn")
    chosen = (
        distribution_of(problem_class)
        if isinstance(problem_class, str)
        else problem_class
    )
    settings = settings or TrainingSettings()
    _, seed = make_rng(seed)
    sees_x = chosen.joint if joint is None else joint
    home = None if folder is None else Path(folder)
    deadline = Deadline(float("inf") if time_limit is None else time_limit)
    data = generate(
        chosen,
        n_instances,
        n_decisions=n_decisions,
        n_scenarios=n_scenarios,
        seed=seed,
        n_jobs=n_jobs,
        folder=None if home is None else home / "data",
        progress=progress,
    )
    raw, checks = data.split(settings.validation_share)
    scaling = _Scaling(raw)
    with Interrupter(deadline) as interrupter:
        fitted = fit(
            scaling.apply(raw),
            scaling.apply(checks),
            settings,
            joint=sees_x,
            seed=seed,
            checkpoint=None if home is None else home / "checkpoint.npz",
            stop=lambda: interrupter.requested or deadline.expired(),
            progress=progress,
        )
    network = _assembled(chosen.problem_class, fitted, scaling, sees_x, len(data), seed)
    if home is not None:
        save_network(network, home / f"{chosen.problem_class}.npz")
    return network


def plot_curve(network: ValueNetwork, axes: Any = None) -> Any:
    """Draw training and validation error over the epochs (extra ``report``).

    Parameters
    ----------
    network
        A trained network.
    axes
        Matplotlib axes to draw on; new ones if None.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.

    Raises
    ------
    InputError
        If the network does not know how it was trained.
    """
    history = network.facts.get("history")
    if not history:
        raise InputError("network must have a training history.")
    pyplot = require("matplotlib.pyplot", extra="report")
    if axes is None:
        _, axes = pyplot.subplots(layout="constrained")
    epochs, loss, mae, differences = np.array(history, dtype=np.float64).T
    axes.semilogy(epochs, np.sqrt(loss), label="root of the training loss")
    axes.semilogy(epochs, mae, label="validation MAE")
    axes.semilogy(epochs, differences, label="validation MAE within problems")
    axes.set_xlabel("epoch")
    axes.set_ylabel("error, in spreads of the labels")
    axes.set_title(network.problem_class)
    axes.legend()
    return axes


class _Scaling:
    """Scale features by their largest magnitude, labels to mean 0 and spread 1.

    Features are not shifted: a row of zeros must stay one.
    """

    def __init__(self, data: Dataset) -> None:
        self.decision = _largest(data.decision)
        self.scenario = _largest(data.elements)
        labels = data.labels[np.isfinite(data.labels)]
        if not len(labels):
            raise InputError("problem_class gives no feasible recourse to learn from.")
        self.offset = float(labels.mean())
        self.spread = float(labels.std()) or 1.0

    def apply(self, data: Dataset) -> Dataset:
        return Dataset(
            (data.decision / self.decision).astype(np.float32),
            data.decisions,
            (data.elements / self.scenario).astype(np.float32),
            ((data.labels - self.offset) / self.spread).astype(np.float32),
            data.sizes,
        )


def _largest(features: Any) -> Any:
    largest = np.abs(features).reshape(-1, features.shape[-1]).max(axis=0)
    return np.where(largest > 0.0, largest, 1.0).astype(np.float64)


def _assembled(
    problem_class: str,
    fitted: Fitted,
    scaling: _Scaling,
    joint: bool,
    n_instances: int,
    seed: int,
) -> ValueNetwork:
    weights = fitted.parameters
    parts = ("encoder_in", "encoder_out", "pool_in", "pool_out")
    decision, scenario = (
        Branch(*(weights[f"{side}_{part}"] for part in parts))
        for side in ("decision", "scenario")
    )
    head = Mlp(
        (
            Layer(weights["head_0_weights"], weights["head_0_bias"]),
            Layer(weights["head_1_weights"], weights["head_1_bias"], relu=False),
        )
    )
    return ValueNetwork(
        problem_class=problem_class,
        decision=decision,
        scenario=scenario,
        head=head,
        joint=joint,
        decision_scale=scaling.decision,
        scenario_scale=scaling.scenario,
        label_offset=scaling.offset,
        label_spread=scaling.spread,
        facts={
            "seed": seed,
            "n_instances": n_instances,
            "validation_mae": fitted.best_maes[0],
            "validation_mae_of_differences": fitted.best_maes[1],
            "history": [[_short(value) for value in row] for row in fitted.history],
        },
    )


def _short(value: float) -> float | None:
    return float(f"{value:.4g}") if np.isfinite(value) else None


@click.command("train")
@click.argument("problem_class", type=click.Choice(sorted(DISTRIBUTIONS)))
@click.option("--out", required=True, help="Folder for data, checkpoint, network.")
@click.option("--instances", default=1500, show_default=True)
@click.option("--decisions", default=8, show_default=True)
@click.option("--scenarios", default=16, show_default=True)
@click.option("--epochs", default=100, show_default=True)
@click.option("--jobs", default=1, show_default=True, help="Processes that label.")
@click.option("--seed", default=0, show_default=True)
@click.option("--time-limit", type=float, help="Seconds of training.")
@click.option("--plot", is_flag=True, help="Draw the curve as curve.png.")
def train_command(
    problem_class: str,
    out: str,
    instances: int,
    decisions: int,
    scenarios: int,
    epochs: int,
    jobs: int,
    seed: int,
    time_limit: float | None,
    plot: bool,
) -> None:
    """Train the value network of PROBLEM_CLASS; started again, it goes on."""
    network = train(
        problem_class,
        instances,
        n_decisions=decisions,
        n_scenarios=scenarios,
        settings=TrainingSettings(epochs=epochs),
        seed=seed,
        n_jobs=jobs,
        folder=out,
        time_limit=time_limit,
        progress=True,
    )
    mae = network.facts["validation_mae"]
    click.echo(f"{out}/{network.problem_class}.npz: validation MAE {mae:.4g} spreads")
    if plot:
        plot_curve(network).figure.savefig(Path(out) / "curve.png", dpi=120)


if __name__ == "__main__":
    try:
        train_command()
    except BoundwiseError as error:
        raise SystemExit(f"error: {error}") from None
