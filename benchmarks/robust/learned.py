"""What the learned part buys: the loop with and without its network, and its rivals.

    python -m boundwise.benchmarks.robust.learned run --out learned.jsonl --seconds 5
    python -m boundwise.benchmarks.robust.learned show learned.jsonl

On generated problems of the shipped classes, equal limits for all:

    neur2ro          the loop with its network, then neighbours in the network's order
    sampling         the loop with sampled scenarios, then neighbours in random order
    ranked           from the static decision, neighbours in the network's order
    shuffled         from the static decision, neighbours in random order
    static           the static decision, evaluated with recourse
    auto             what `solve_robust` does by default

A relative error is against the best of the six. Decisions are evaluated anew: knapsacks
and locations exactly, capital budgeting in the scenarios that any of the six has found
and 2,000 uniform ones. Runs are appended to a file as they end, and instances in the
file are not run again. With ``BOUNDWISE_CLOCK=cpu`` limits are CPU seconds.
"""

import json
import statistics
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click
import numpy as np

from boundwise.benchmarks.robust.instances import make, problem_of
from boundwise.benchmarks.robust.tables import read_rows, warm_up
from boundwise.core.errors import InputError
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Limits
from boundwise.core.rng import make_rng
from boundwise.core.trace import Trace
from boundwise.solvers.robust import RobustCapitalBudgeting, solve_robust
from boundwise.solvers.robust.clock import Clock
from boundwise.solvers.robust.learned.neur2ro import (
    Neur2roSettings,
    network_view,
    neur2ro,
)
from boundwise.solvers.robust.learned.polish import Ranking, polish
from boundwise.solvers.robust.problem import RobustResult
from boundwise.solvers.robust.result import make_result
from boundwise.solvers.robust.run import PATIENCE_SHARE, Run

_UNIFORM_SCENARIOS = 2_000

#: Instances by default, a few of each class.
INSTANCES = (
    *(
        f"robust_knapsack:n={n},correlation={kind},seed={900 + n}"
        for n in (20, 40, 60, 80)
        for kind in ("UN", "SC")
    ),
    *(
        f"robust_budgeting:n={n},seed={seed}"
        for n in (10, 20, 30)
        for seed in (901, 902)
    ),
    *(
        f"robust_location:facilities={n},customers={2 * n},seed=901"
        for n in (8, 12, 16)
    ),
)

Competitor = Callable[[Any, float], RobustResult]


def _loop(problem: Any, seconds: float) -> RobustResult:
    return solve_robust(problem, method="neur2ro", time_limit=seconds)


def _sampling(problem: Any, seconds: float) -> RobustResult:
    settings = Neur2roSettings(adversary="blind", ranking="random")
    return neur2ro(problem, settings=settings, time_limit=seconds)


def _static(problem: Any, seconds: float) -> RobustResult:
    return solve_robust(problem, method="static", time_limit=seconds)


def _auto(problem: Any, seconds: float) -> RobustResult:
    return solve_robust(problem, time_limit=seconds)


def _ordered(problem: Any, seconds: float, ranking: Ranking) -> RobustResult:
    """Search the neighbours of the static decision, in one order or the other."""
    deadline = Limits(time_limit=seconds).start()
    start = _static(problem, 0.5 * seconds)
    if start.x is None:
        return start
    rng, seed = make_rng(0)
    with Interrupter(deadline) as interrupter:
        clock = Clock(deadline, interrupter)
        run = Run(problem=problem, clock=clock, trace=Trace(deadline), rng=rng)
        run.patience = PATIENCE_SHARE * seconds
        run.evaluate(start.x, "static")
        view = network_view(problem, None)
        polish(run, view, [], patience=10**6, ranking=ranking)
    return make_result(run, seed, ranking)


#: The competitors by name.
COMPETITORS: Mapping[str, Competitor] = MappingProxyType(
    {
        "neur2ro": _loop,
        "sampling": _sampling,
        "ranked": lambda problem, seconds: _ordered(problem, seconds, "network"),
        "shuffled": lambda problem, seconds: _ordered(problem, seconds, "random"),
        "static": _static,
        "auto": _auto,
    }
)


@click.group()
def main() -> None:
    """Compare what uses the network with what does not."""


@main.command()
@click.option("--out", required=True, type=click.Path(path_type=Path))
@click.option("--seconds", default=5.0, help="Limit of each run.")
@click.option("--instances", default=",,".join(INSTANCES), help="Split by two commas.")
def run(out: Path, seconds: float, instances: str) -> None:
    """Run all competitors on each instance that the file does not have."""
    warm_up()
    done = {row["instance"] for row in read_rows(out)}
    for name in instances.split(",,"):
        if name in done:
            continue
        row = compare(name, seconds)
        with out.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row) + "\n")
        errors = "  ".join(f"{k} {v:.3f}" for k, v in row["errors"].items())
        click.echo(f"{name}  {errors}")


@main.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True))
def show(files: tuple[Path, ...]) -> None:
    """Print the table of finished runs."""
    click.echo(table([row for path in files for row in read_rows(path)]))


def compare(specification: str, seconds: float) -> dict[str, Any]:
    """Run all competitors on one instance.

    Parameters
    ----------
    specification
        The instance, see `boundwise.benchmarks.robust.instances`.
    seconds
        Limit of each run.

    Returns
    -------
    dict
        ``objectives`` as evaluated here, ``errors`` in percent against the best, and
        what each run took; a competitor that found nothing has the error infinity.
    """
    problem = problem_of(make(specification))
    results = {name: solve(problem, seconds) for name, solve in COMPETITORS.items()}
    values = evaluate(problem, results)
    sign = -1.0 if problem.sense == "maximize" else 1.0
    best = min(sign * value for value in values.values())
    return {
        "instance": specification,
        "cell": specification.split("=")[0] + "=" + _size(specification),
        "seconds": seconds,
        "objectives": values,
        "errors": {
            name: 100.0 * (sign * value - best) / abs(best)
            for name, value in values.items()
        },
        "times": {name: result.wall_time for name, result in results.items()},
        "evaluations": {
            name: result.stats["evaluations"] for name, result in results.items()
        },
    }


def evaluate(problem: Any, results: Mapping[str, RobustResult]) -> dict[str, float]:
    """Return the worst-case objectives of the results' decisions, evaluated anew.

    Parameters
    ----------
    problem
        The problem.
    results
        Results by name.
    """
    sign = -1.0 if problem.sense == "maximize" else 1.0
    uniform = problem.uncertainty.sample(np.random.default_rng(0), _UNIFORM_SCENARIOS)
    known = [result.scenarios for result in results.values()]
    pool = np.vstack([uniform, *(found for found in known if found is not None)])
    values = {}
    for name, result in results.items():
        if result.x is None:
            values[name] = sign * np.inf
        elif isinstance(problem, RobustCapitalBudgeting):
            costs = problem.recourse_costs(result.x, pool)
            first = float(problem.first_stage.cost @ result.x)
            values[name] = sign * (first + float(costs.max()))
        else:
            values[name] = sign * problem.worst_case(result.x).cost
    return values


def table(rows: list[dict[str, Any]]) -> str:
    """Return mean relative errors (%) by cell and over all, as text."""
    if not rows:
        raise InputError("there are no finished runs.")
    cells: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        cells[row["cell"]].append(row)
    cells["all"] = rows
    names = list(rows[0]["errors"])
    lines = [f"{'mean error (%)':<34}{'':>5}" + "".join(f"{n:>10}" for n in names)]
    for cell, members in cells.items():
        means = [
            statistics.mean(row["errors"][name] for row in members) for name in names
        ]
        lines.append(
            f"{cell:<34}{len(members):>5}" + "".join(f"{mean:>10.3f}" for mean in means)
        )
    return "\n".join(lines)


def _size(specification: str) -> str:
    return specification.partition("=")[2].partition(",")[0]


if __name__ == "__main__":
    main()
