"""Measure what the dynamic maximizer promises: guarantee, streams, growth with n.

guarantee   value >= (1/2 - eps) OPT and lower <= OPT <= upper against brute force,
at random and against an adversary that deletes the best of the solution
stream      calls, CPU time and value against lazy greedy on a graph's stream
scaling     calls per update over n at fixed k
"""

import time
from collections.abc import Iterator
from itertools import combinations
from typing import Any, NamedTuple

import click
import numpy as np
import numpy.typing as npt

from boundwise.core.tolerances import OBJ_TOL
from boundwise.instances.edgelist import find_graph, read_edge_list
from boundwise.instances.generators.streams import (
    Stream,
    delete_by_key,
    random_updates,
    sliding_window,
)
from boundwise.solvers.submodular.maximizer import DynamicMaximizer
from boundwise.solvers.submodular.objectives import (
    ConcaveOverModular,
    Coverage,
    FacilityLocation,
    FeatureBased,
    GraphCut,
    Influence,
    LogDeterminant,
    Mixture,
)
from boundwise.solvers.submodular.objectives.base import CompiledObjective
from boundwise.solvers.submodular.static.maximize import maximize

#: Modes that promise (1/2 - eps) for certain.
CERTAIN: tuple[dict[str, Any], ...] = (
    {},
    {"bucket": "largest"},
    {"bucket": "highest"},
    {"strict": False},
    {"refresh_budget": 5.0},
    {"top_up": False},
    {"mode": "one_per_level"},
    {"mode": "all"},
    {"mode": "all", "bucket": "largest", "top_up": False},
)


def random_objectives(n: int, seed: int) -> dict[str, CompiledObjective]:
    """Return one small random objective of each monotone kind."""
    rng = np.random.default_rng(seed)
    sets = (rng.random((n, 20)) < 0.25) * rng.integers(1, 9, size=20)
    points = rng.normal(size=(n, 3))
    weights = rng.random((n, n)) * (rng.random((n, n)) < 0.4)
    coverage = Coverage(sets, weights=rng.integers(1, 9, size=20))
    facility = FacilityLocation.from_points(points)
    return {
        "coverage": coverage,
        "facility location": facility,
        "sparse facility location": FacilityLocation(_sparse(weights)),
        "log-determinant": LogDeterminant(points @ points.T),
        "feature-based": FeatureBased(rng.random((n, 6))),
        "concave over modular": ConcaveOverModular(
            rng.random(n), rng.integers(0, 4, size=n), concave="log"
        ),
        "graph cut, monotone": GraphCut(weights + weights.T, redundancy=0.5),
        "mixture": Mixture([coverage, facility], weights=[0.3, 1.0]),
        "influence": Influence(weights, n_sets=60, seed=seed),
    }


def _sparse(matrix: npt.NDArray[np.float64]) -> Any:
    from scipy.sparse import csr_array

    return csr_array(matrix)


class BruteForce:
    """Know the value of every set of at most k elements.

    Parameters
    ----------
    objective, k
        A small problem.
    """

    def __init__(self, objective: CompiledObjective, k: int) -> None:
        sets = [
            list(chosen)
            for size in range(k + 1)
            for chosen in combinations(range(objective.n), size)
        ]
        self._masks = np.array([sum(1 << e for e in chosen) for chosen in sets])
        self._values = np.array([objective.value(chosen) for chosen in sets])

    def best(self, alive: set[int]) -> float:
        """Return the optimum over the alive elements."""
        outside = ~sum(1 << e for e in alive)
        return float(self._values[(self._masks & outside) == 0].max())


class Check(NamedTuple):
    """Hold one comparison with the optimum."""

    ratio: float
    kept: bool
    bracketed: bool


def checks(
    objective: CompiledObjective,
    k: int,
    eps: float,
    options: dict[str, Any],
    *,
    updates: int,
    adaptive: bool,
    seed: int,
) -> Iterator[Check]:
    """Toggle elements and compare with brute force after every update.

    An adaptive adversary, once half of the elements are alive, deletes the element of
    the solution that is worth most alone, and brings a dead one back in turn.
    """
    rng = np.random.default_rng(seed)
    truth = BruteForce(objective, k)
    maximizer = DynamicMaximizer(objective, k, eps=eps, seed=seed, **options)
    alive: set[int] = set()
    for step in range(updates):
        e = int(rng.integers(objective.n))
        chosen = maximizer.solution()
        if adaptive and len(alive) > objective.n // 2 and chosen and step % 2:
            e = max(chosen, key=lambda other: objective.value([other]))
        elif adaptive and len(alive) < objective.n:
            e = int(rng.choice(sorted(set(range(objective.n)) - alive)))
        maximizer.update([("delete" if e in alive else "insert", e)])
        alive ^= {e}
        best = truth.best(alive)
        slack = OBJ_TOL * max(1.0, best)
        lower, upper = maximizer.certificate()
        value = objective.value(maximizer.solution())
        honest = abs(value - lower) <= slack and set(maximizer.solution()) <= alive
        yield Check(
            value / best if best > 0 else 1.0,
            honest and value >= (0.5 - eps) * best - slack,
            lower <= best + slack and best <= upper + slack,
        )


class Run(NamedTuple):
    """Hold what a stream took and gave."""

    updates: int
    calls: float
    microseconds: float
    mean: float
    worst: float


def run_stream(
    objective: CompiledObjective,
    stream: Stream,
    k: int,
    *,
    looks: int = 60,
    **options: Any,
) -> Run:
    """Carry out a stream; compare with lazy greedy from scratch at ``looks`` points."""
    maximizer = DynamicMaximizer(objective, k, **options)
    ends = np.unique(np.linspace(0, len(stream), looks + 1).astype(int))[1:]
    begin, cpu = 0, 0.0
    ratios = []
    for end in ends.tolist():
        part = slice(begin, end)
        arrays = stream.is_insertion[part], stream.elements[part]
        started = time.process_time()
        maximizer.update(arrays)
        cpu += time.process_time() - started
        alive = stream.alive_after(end)
        best = (
            maximize(objective, k, elements=alive, certify=False).value
            if len(alive)
            else 0.0
        )
        lower, upper = maximizer.certificate()
        assert lower <= upper
        assert upper >= best * (1.0 - OBJ_TOL)
        if best > 0:
            ratios.append(lower / best)
        begin = end
    updates = len(stream)
    return Run(
        updates,
        maximizer.stats["oracle_calls"] / updates,
        1e6 * cpu / updates,
        float(np.mean(ratios)),
        float(np.min(ratios)),
    )


@click.group()
def bars() -> None:
    """Measure what the dynamic maximizer promises."""


@bars.command()
@click.option("--instances", default=2)
@click.option("--updates", default=60)
def guarantee(instances: int, updates: int) -> None:
    """Compare every monotone objective and certain mode with brute force."""
    for options in CERTAIN:
        for eps in (0.1, 0.2, 0.3):
            found: list[Check] = []
            for seed in range(instances):
                for objective in random_objectives(12, seed).values():
                    for adaptive in (False, True):
                        found += checks(
                            objective,
                            3,
                            eps,
                            options,
                            updates=updates,
                            adaptive=adaptive,
                            seed=seed,
                        )
            ratios = [check.ratio for check in found]
            click.echo(
                f"{options!s:58} eps {eps}: {len(found)} checks, "
                f"{sum(not check.kept for check in found)} below (1/2-eps), "
                f"{sum(not check.bracketed for check in found)} outside certificate, "
                f"ratio mean {np.mean(ratios):.3f} min {np.min(ratios):.3f}"
            )


@bars.command()
@click.argument("graph")
@click.option("-k", default=50)
@click.option("--eps", default=0.2)
@click.option("--mode", default="pair")
@click.option("--bucket", default="balanced")
@click.option("--refresh-budget", default=0.0)
@click.option("--seeds", default=1)
def stream(
    graph: str,
    k: int,
    eps: float,
    mode: str,
    bucket: str,
    refresh_budget: float,
    seeds: int,
) -> None:
    """Run the window and the deletion by degree on closed neighbourhoods."""
    matrix = read_edge_list(find_graph(graph)).neighbourhoods()
    objective = Coverage(matrix)
    degrees: npt.NDArray[np.float64] = np.asarray(matrix.sum(axis=1)).ravel()
    options: dict[str, Any] = {
        "eps": eps,
        "mode": mode,
        "bucket": bucket,
        "refresh_budget": refresh_budget,
    }
    # Compile before the clock runs.
    run_stream(objective, sliding_window(objective.n, 3), 2, looks=2, **options)
    for seed in range(seeds):
        for name, updates in (
            ("window", sliding_window(objective.n, seed=seed)),
            ("by degree", delete_by_key(degrees, seed=seed)),
        ):
            run = run_stream(objective, updates, k, seed=seed, **options)
            click.echo(
                f"{graph} {name}, k={k} eps={eps} {mode} {bucket} seed {seed}: "
                f"{run.updates} updates, {run.calls:.2f} calls and "
                f"{run.microseconds:.2f} us per update, ratio mean {run.mean:.4f} "
                f"min {run.worst:.4f}"
            )


@bars.command()
@click.option("-k", default=50)
@click.option("--largest", default=200_000)
def scaling(k: int, largest: int) -> None:
    """Count calls per update over n, the number of items growing with it."""
    for n in (2_000, 6_000, 20_000, 60_000, 200_000):
        if n > largest:
            break
        rng = np.random.default_rng(0)
        sizes = np.minimum(n // 10, 1 + (5 * rng.pareto(1.5, size=n)).astype(int))
        rows = np.repeat(np.arange(n), sizes)
        # A few items are in many sets: squares of uniform numbers.
        items = (n * rng.random(len(rows)) ** 2).astype(int)
        from scipy.sparse import csr_array

        sets = csr_array((np.ones(len(rows)), (rows, items)), shape=(n, n))
        objective = Coverage(sets)
        run = run_stream(objective, random_updates(n, 3 * n), k, looks=10)
        click.echo(
            f"n={n} k={k}: {run.calls:.2f} calls and {run.microseconds:.2f} us per "
            f"update, ratio mean {run.mean:.4f} min {run.worst:.4f}"
        )


if __name__ == "__main__":
    bars()
