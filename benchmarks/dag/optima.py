"""Print how the order search compares with exact optima, at size, and under a penalty.

Run ``python -m boundwise.benchmarks.dag.optima`` with one of

``exact``      200 problems of at most 16 nodes against the subset dynamic program
``large``      1000 nodes, 5000 rows
``penalised``  100 nodes with an l1 penalty
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import click
import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from boundwise.benchmarks.dag.datasets import make
from boundwise.solvers.dag import Moments, TopologicalDAG, best_order

Floats = npt.NDArray[np.float64]

KINDS = ("raw EV", "raw NV", "standardised", "random covariance")
#: Score relative to the optimum up to which an answer counts as optimal.
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Gap:
    """How one search ended.

    Parameters
    ----------
    kind
        Kind of problem, one of `KINDS`.
    d
        Number of nodes.
    gap
        Score relative to the optimum, minus 1.
    seconds
        CPU seconds of the fit.
    """

    kind: str
    d: int
    gap: float
    seconds: float


def small_problems(count: int, seed: int = 0) -> Iterator[tuple[str, Floats]]:
    """Yield problems of 10 to 16 nodes: kind and rows.

    Random covariances are those of 60 rows of mixed normal columns.
    """
    rng = np.random.default_rng(seed)
    for number in range(count):
        kind, d = KINDS[number % 4], int(rng.integers(10, 17))
        if kind == "random covariance":
            yield kind, rng.normal(size=(60, d)) @ rng.normal(size=(d, d))
            continue
        variances = "equal" if kind == "raw EV" or number % 8 == 2 else "unequal"
        standardised = int(kind == "standardised")
        text = f"er:d={d},k={2 + 2 * (number // 4 % 2)},variances={variances}"
        yield kind, make(f"{text},standardize={standardised},seed={number}").X


def gaps_to_optimum(count: int, restarts: int, seed: int = 0) -> list[Gap]:
    """Fit the problems and compare with the best of all orders.

    Parameters
    ----------
    count
        Number of problems.
    restarts
        Starts of each fit.
    seed
        Seed of the problems.
    """
    answers = []
    for kind, X in small_problems(count, seed):
        best = best_order(Moments.of_data(X)).score
        model = TopologicalDAG(restarts=restarts, random_state=0)
        seconds = cpu_seconds(partial(model.fit, X))
        answers.append(Gap(kind, X.shape[1], model.score_ / best - 1.0, seconds))
    return answers


def cpu_seconds(action: Callable[[], Any]) -> float:
    """Return the CPU seconds of one call."""
    begun = time.process_time()
    action()
    return time.process_time() - begun


@click.group()
@click.pass_context
def optima(context: click.Context) -> None:
    """Measure the order search against optima, at size, and under a penalty."""
    # Idle BLAS threads spin, which counts as CPU time.
    context.with_resource(threadpool_limits(1))
    TopologicalDAG(restarts=2).fit(np.random.default_rng(0).normal(size=(50, 5)))


@optima.command()
@click.option("--count", default=200)
@click.option("--restarts", default="1,10")
def exact(count: int, restarts: str) -> None:
    """Count optimal answers by kind of problem."""
    for number in (int(part) for part in restarts.split(",")):
        answers = gaps_to_optimum(count, number)
        for kind in (*KINDS, ""):
            chosen = [a for a in answers if kind in a.kind]
            hits = sum(a.gap <= _SAME for a in chosen)
            times = [1e3 * a.seconds for a in chosen]
            click.echo(
                f"restarts {number:3} {kind or 'all':18}: {hits}/{len(chosen)} "
                f"optimal, worst gap {max(a.gap for a in chosen):.1e}, CPU median "
                f"{np.median(times):.1f} ms, slowest {max(times):.1f} ms"
            )


@optima.command()
@click.option("--d", default=1000)
@click.option("--n", default=5000)
@click.option("--seeds", default=1)
def large(d: int, n: int, seeds: int) -> None:
    """Fit graphs of many nodes; the scores of the start and of the true order too."""
    for seed in range(seeds):
        data = make(f"er:d={d},k=4,n={n},seed={seed}")
        begun = time.perf_counter()
        model = TopologicalDAG(random_state=0)
        seconds = cpu_seconds(partial(model.fit, data.X))
        wall = time.perf_counter() - begun
        true = TopologicalDAG(time_limit=1e-9).improve(data.W, data.X).history_[0][1]
        wrong = int(((model.adjacency_matrix_ != 0) != (data.W != 0)).sum())
        click.echo(
            f"d={d} n={n} seed={seed}: {seconds:.2f} CPU s, {wall:.2f} s; min-pivot "
            f"{model.history_[0][1]:.4f}, found {model.score_:.4f}, true order "
            f"{true:.4f}; {wrong} wrong entries of {np.count_nonzero(data.W)} edges"
        )


@optima.command()
@click.option("--d", default=100)
@click.option("--lam", default=0.1)
@click.option("--seeds", default=3)
def penalised(d: int, lam: float, seeds: int) -> None:
    """Fit with an l1 penalty."""
    for seed in range(seeds):
        data = make(f"er:d={d},k=4,seed={seed}")
        TopologicalDAG("l1", lam, time_limit=1e-9).fit(data.X)
        model = TopologicalDAG("l1", lam, random_state=0)
        seconds = cpu_seconds(partial(model.fit, data.X))
        true = TopologicalDAG("l1", lam, time_limit=1e-9).improve(data.W, data.X)
        click.echo(
            f"d={d} lam={lam} seed={seed}: {seconds:.2f} CPU s, objective "
            f"{model.score_:.5f}, min-pivot {model.history_[0][1]:.5f}, true order "
            f"{true.history_[0][1]:.5f}, KKT residual {model.kkt_residual_:.1e}"
        )


if __name__ == "__main__":
    optima()
