"""Print the tables behind the claims.

Run ``python -m boundwise.benchmarks.dag.bars`` with one of

``table``     scores, distances and CPU time of solvers on data sets, means over seeds
``loop``      the plain published search and the exact neighbourhood from one start
``optimum``   the search against the subset dynamic program, gap and time
"""

import math
import re
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import click
import numpy as np
from threadpoolctl import threadpool_limits

from boundwise.benchmarks.dag.baselines import baseline_order
from boundwise.benchmarks.dag.datasets import expand, make, read, write
from boundwise.benchmarks.dag.evaluate import measures, order_score
from boundwise.benchmarks.dag.plain import plain_search
from boundwise.benchmarks.solvers.base import Recorder, Task
from boundwise.benchmarks.solvers.registry import load
from boundwise.core.errors import NotAvailableError
from boundwise.core.limits import Deadline

#: Solvers of `table` by label: adapter and settings.
SOLVERS: dict[str, tuple[str, dict[str, Any]]] = {
    "topo ls": ("topological-dag", {}),
    "topo ls x20": ("topological-dag", {"restarts": 20}),
    "topo l1 .03": ("topological-dag", {"score": "l1", "lam": 0.03}),
    "topo l1 .1": ("topological-dag", {"score": "l1", "lam": 0.1}),
    "topo colide_ev": ("topological-dag", {"score": "colide_ev", "lam": 0.05}),
    "topo colide_nv": ("topological-dag", {"score": "colide_nv", "lam": 0.05}),
    "topo bic": ("topological-dag", {"score": "bic"}),
    "notears .1": ("dag-continuous", {"method": "notears"}),
    "dagma .03": ("dag-continuous", {"method": "dagma"}),
    "golem ev": ("dag-continuous", {"method": "golem-ev"}),
    "golem nv": ("dag-continuous", {"method": "golem-nv"}),
    "colide ev .05": ("dag-continuous", {"method": "colide-ev"}),
    "colide nv .05": ("dag-continuous", {"method": "colide-nv"}),
    "dagma peer .03": ("dagma", {}),
    "notears-pytorch": ("notears-pytorch", {}),
    "boss": ("causal-learn", {"method": "boss"}),
    "grasp": ("causal-learn", {"method": "grasp"}),
    "direct lingam": ("direct-lingam", {}),
    "true order": ("dag-baseline", {"order": "true"}),
    "var-sort": ("dag-baseline", {"order": "var-sort"}),
    "r2-sort": ("dag-baseline", {"order": "r2-sort"}),
    "random": ("dag-baseline", {"order": "random"}),
    "min-pivot": ("dag-baseline", {"order": "min-pivot"}),
    "exact": ("dag-baseline", {"order": "exact"}),
}


@click.group()
@click.pass_context
def bars(context: click.Context) -> None:
    """Measure the claims of the documentation of DAG learning."""
    # Idle BLAS threads spin, which counts as CPU time.
    context.with_resource(threadpool_limits(1))


@bars.command()
@click.argument("specifications", nargs=-1, required=True)
@click.option("--solvers", help="Labels, separated by commas; a * stands for any end.")
@click.option("--time-limit", default=60.0, help="Seconds of a run.")
def table(
    specifications: tuple[str, ...], solvers: str | None, time_limit: float
) -> None:
    """Run solvers one after the other in this process, the same data for all."""
    labels = _labels(solvers)
    for specification in specifications:
        rows: dict[str, list[dict[str, float]]] = defaultdict(list)
        with tempfile.TemporaryDirectory() as scratch:
            paths = [write(name, Path(scratch)) for name in expand(specification)]
            for label in labels:
                for seed, path in enumerate(paths):
                    found = _run(label, path, seed, time_limit)
                    if found is not None:
                        rows[label].append(found)
        _print_table(specification, len(paths), rows)


@bars.command()
@click.argument("specifications", nargs=-1, required=True)
@click.option("--cpu-limit", default=300.0, help="CPU seconds of the plain search.")
def loop(specifications: tuple[str, ...], cpu_limit: float) -> None:
    """Compare with the plain search from the same random order."""
    from boundwise.solvers.dag.engines import Neighbourhood
    from boundwise.solvers.dag.estimator import TopologicalDAG

    click.echo(
        f"{'data':28} {'plain s':>8} {'fits':>7} {'plain':>10} {'descent ms':>10} "
        f"{'descent':>10} {'ratio':>8} {'fit ms':>8} {'fit':>10} {'ratio':>8}"
    )
    for specification in specifications:
        for name in expand(specification):
            X = make(name).X
            start = np.random.default_rng(0).permutation(X.shape[1])
            found = plain_search(X, start, cpu_limit)
            seconds = found.history[-1][0]
            models = [
                TopologicalDAG(
                    init=start, random_state=0, neighbourhood=Neighbourhood(kicks=0)
                ),
                TopologicalDAG(init=start, random_state=0),
            ]
            line = f"{name:28} {seconds:8.2f} {found.n_fits:7} {found.score:10.5f} "
            for model in models:
                cpu = _seconds(lambda model=model, X=X: model.fit(X))
                line += f"{1e3 * cpu:10.2f} {model.score_:10.5f} {seconds / cpu:8.0f} "
            click.echo(line + ("" if found.finished else "  (plain search stopped)"))


@bars.command()
@click.argument("specifications", nargs=-1, required=True)
@click.option("--restarts", default="1,20")
def optimum(specifications: tuple[str, ...], restarts: str) -> None:
    """Compare with the best order of all."""
    from boundwise.solvers.dag.estimator import TopologicalDAG

    for count in (int(part) for part in restarts.split(",")):
        for specification in specifications:
            gaps, times = [], []
            for name in expand(specification):
                data = make(name)
                best = order_score(data.X, baseline_order("exact", data))
                model = TopologicalDAG(restarts=count, random_state=0)
                times.append(_seconds(lambda m=model, d=data: m.fit(d.X)))
                gaps.append(model.score_ / best - 1.0)
            hits = sum(gap <= 1e-9 for gap in gaps)
            click.echo(
                f"{specification:48} restarts {count:3}: {hits}/{len(gaps)} optimal, "
                f"worst gap {max(gaps):.2e}, median {1e3 * np.median(times):.1f} ms, "
                f"slowest {1e3 * max(times):.1f} ms"
            )


def _labels(text: str | None) -> list[str]:
    if text is None:
        return list(SOLVERS)
    patterns = [
        re.escape(part.strip()).replace(r"\*", ".*") for part in text.split(",")
    ]
    chosen = [
        label
        for label in SOLVERS
        if any(re.fullmatch(pattern, label) for pattern in patterns)
    ]
    if not chosen:
        raise click.BadParameter(f"no label matches {text!r}.")
    return chosen


def _run(label: str, path: Path, seed: int, limit: float) -> dict[str, float] | None:
    """Run one solver on one file; None if it is not installed."""
    name, settings = SOLVERS[label]
    adapter = load(name)
    try:
        adapter.version()
    except NotAvailableError:
        return None
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(Path(folder) / "trace", Deadline(limit))
        task = Task(instance=path, time_limit=limit, settings=settings, seed=seed)
        answer = adapter.solve(task, recorder)
        recorder.close()
    data = read(path)
    W = np.zeros_like(data.W)
    for key, value in (answer.solution or {}).items():
        i, j = key.removeprefix("w:").split(",")
        W[int(i), int(j)] = value
    figures = measures(data, W) | {"fit": answer.measures["fit"]}
    return {key: math.nan if v is None else v for key, v in figures.items()}


def _print_table(
    specification: str, count: int, rows: dict[str, list[dict[str, float]]]
) -> None:
    if not rows:
        return
    first = next(iter(rows.values()))
    click.echo(
        f"\n{specification}: {count} data sets, var-sortability "
        f"{_mean(first, 'var_sortability'):.2f}, true order "
        f"{_mean(first, 'true_score'):.5f}"
    )
    click.echo(
        f"{'':16} {'score W':>10} {'order score':>11} {'SHD':>7} {'TPR':>5} {'FDR':>5} "
        f"{'edges':>6} {'CPU s':>9}"
    )
    for label, found in rows.items():
        click.echo(
            f"{label:16} {_mean(found, 'score'):10.4f} "
            f"{_mean(found, 'order_score'):11.5f} {_mean(found, 'shd'):7.1f} "
            f"{_mean(found, 'tpr'):5.2f} {_mean(found, 'fdr'):5.2f} "
            f"{_mean(found, 'edges'):6.1f} {_mean(found, 'fit'):9.4f}"
        )


def _mean(rows: list[dict[str, float]], name: str) -> float:
    return float(np.mean([row[name] for row in rows]))


def _seconds(action: Any) -> float:
    """Return the CPU seconds of the faster of two runs after one that warms up."""
    action()
    times = []
    for _ in range(2):
        begun = time.process_time()
        action()
        times.append(time.process_time() - begun)
    return max(min(times), 1e-9)


if __name__ == "__main__":
    bars()
