"""Compare methods with published results, instance by instance, and print tables.

    python -m boundwise.benchmarks.robust.tables knapsack --out kp.jsonl --per-cell 8
    python -m boundwise.benchmarks.robust.tables budgeting --out cb.jsonl --per-cell 10
    python -m boundwise.benchmarks.robust.tables budgeting --out cb.jsonl --true-budget
    python -m boundwise.benchmarks.robust.tables show kp.jsonl
    python -m boundwise.benchmarks.robust.tables certify kp.jsonl

Instances and published results are read from the folder that ``BOUNDWISE_ROBUST``
names. A relative error is 100 (best - objective) / best against the best published
value; it is negative where a better decision was found. Runs are appended to a file as
they end, and those in the file are not run again. With ``BOUNDWISE_CLOCK=cpu`` times
are CPU seconds.

Knapsack decisions are evaluated exactly, anew and from scratch. Capital budgeting is
evaluated as published: the budget cut to an integer (``floored``; with the option
``--true-budget`` that of the instance, ``true``), the worst of pooled scenarios and
10,000 uniform ones. The pool is the published one and what the method has found; the
published decisions are evaluated anew on the same pool, since a method that finds
worse scenarios would else be judged by them alone. The column ``without own`` has the
median error where the method's own scenarios are left out of the pool.
"""

import json
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import click
import numpy as np

from boundwise.instances.robust.collection import (
    published_budgeting,
    published_knapsack,
    published_results,
    published_scenarios,
)

#: Objectives are the same within this (relative): published ones have six digits.
_SAME = 1e-5
_UNIFORM_SCENARIOS = 10_000
#: Classes of capital budgeting in the tables.
_BUDGETS = ("floored", "true")

Row = dict[str, Any]


@click.group()
def main() -> None:
    """Run methods on published robust instances and print tables."""


@main.command()
@click.option("--out", required=True, type=click.Path(path_type=Path))
@click.option("--per-cell", default=8, help="Instances for each size and class.")
@click.option("--time-limit", default=15.0, help="Seconds a run.")
@click.option("--method", default="auto")
@click.option("--sizes", default="20,40,50,60,80")
@click.option("--seed", default=0)
def knapsack(
    out: Path, per_cell: int, time_limit: float, method: str, sizes: str, seed: int
) -> None:
    """Run knapsacks, spread over all parameters."""
    results = published_results("kp")
    wanted = [int(size) for size in sizes.split(",")]
    names = [
        name
        for size in wanted
        for name in spread(
            {k: v for k, v in results.items() if int(v["n"]) == size}, "corr", per_cell
        )
    ]
    run_all(out, names, method, lambda name: _knapsack(name, method, time_limit, seed))


@main.command()
@click.option("--out", required=True, type=click.Path(path_type=Path))
@click.option("--per-cell", default=10, help="Instances for each size.")
@click.option("--time-limit", default=60.0, help="Seconds a run.")
@click.option("--method", default="auto")
@click.option("--true-budget", is_flag=True, help="Do not cut budgets to integers.")
@click.option("--sizes", default="10,20,30,50")
@click.option("--seed", default=0)
def budgeting(
    out: Path,
    per_cell: int,
    time_limit: float,
    method: str,
    true_budget: bool,
    sizes: str,
    seed: int,
) -> None:
    """Run capital budgeting, spread over all sizes."""
    label = "true" if true_budget else "floored"
    wanted = set(sizes.split(","))
    results = {k: v for k, v in published_results("cb").items() if v["n"] in wanted}
    names = spread(results, "n", per_cell)
    run_all(
        out,
        [f"{label}:{name}" for name in names],
        method,
        lambda name: _budgeting(name, method, time_limit, seed),
    )


@main.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True))
def show(files: tuple[Path, ...]) -> None:
    """Print the tables of finished runs."""
    rows = [row for path in files for row in read_rows(path)]
    click.echo(table(rows))


@main.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True))
def certify(files: tuple[Path, ...]) -> None:
    """Prove the profits of knapsack decisions that are better than published ones."""
    from boundwise.benchmarks.robust.certificate import certified_profit

    proven: dict[int, int] = defaultdict(int)
    for row in (row for path in files for row in read_rows(path)):
        if row["error"] >= -100 * _SAME:
            continue
        x = np.array([float(bit) for bit in row["x"]])
        profit = certified_profit(published_knapsack(row["instance"]), x)
        best = float(published_results("kp")[row["instance"]]["best_known"])
        error = relative_error(profit, best)
        proven[row["n"]] += error < -100 * _SAME
        click.echo(f"{row['instance']}  {profit:.3f}  {best:.3f}  {error:8.3f} %")
    for n in sorted(proven):
        click.echo(f"n = {n}: {proven[n]} better than published, proven")


def spread(
    results: Mapping[str, Mapping[str, str]], column: str, per_cell: int
) -> list[str]:
    """Return so many names for each value of a column, evenly spread over the rest."""
    cells: dict[str, list[str]] = defaultdict(list)
    for name in sorted(results):
        cells[results[name][column]].append(name)
    chosen = []
    for names in cells.values():
        count = min(per_cell, len(names))
        places = np.linspace(0, len(names) - 1, count).round().astype(int)
        chosen += [names[k] for k in np.unique(places)]
    return chosen


def run_all(
    out: Path, names: Iterable[str], method: str, run: Callable[[str], Row]
) -> None:
    """Run what the file does not have yet, appending each row as it ends."""
    warm_up()
    done = {(row["instance"], row["method"]) for row in read_rows(out)}
    for name in names:
        if (name, method) in done:
            continue
        row = run(name)
        with out.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row) + "\n")
        click.echo(f"{name}  {row['error']:8.3f} %  {row['seconds']:7.2f} s")


def warm_up() -> None:
    """Compile the kernels, so that no run counts it."""
    from boundwise.instances.generators.robust import generate_robust
    from boundwise.solvers.robust import (
        RobustCapitalBudgeting,
        RobustKnapsack,
        solve_robust,
    )

    knapsack: Any = generate_robust("robust_knapsack:n=15")
    solve_robust(RobustKnapsack.from_instance(knapsack), rounds=1)
    budgeting: Any = generate_robust("robust_budgeting:n=5")
    problem = RobustCapitalBudgeting.from_instance(budgeting)
    problem.recourse_costs(np.zeros(5), np.zeros((1, 4)))
    solve_robust(problem, method="search", time_limit=2.0)


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a file; none if there is no file."""
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def table(rows: list[Row]) -> str:
    """Return relative errors (%) and times by cell and method, as text."""
    cells: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        cells[row["n"], row["cell"], row["method"]].append(row)
        if row["cell"] not in _BUDGETS:
            cells[row["n"], "all", row["method"]].append(row)
    lines = [
        f"{'n':>4} {'class':>6} {'method':>10} {'runs':>5} {'median':>8} {'mean':>8} "
        f"{'worst':>8} {'new best':>8} {'seconds':>8}  published median"
    ]
    for key in sorted(cells):
        cell = cells[key]
        errors = [row["error"] for row in cell]
        published = "  ".join(
            f"{name} {statistics.median(row['published'][name] for row in cell):.3f}"
            for name in cell[0]["published"]
        )
        if "without_own" in cell[0]:
            alone = statistics.median(row["without_own"] for row in cell)
            published += f"  without own {alone:.3f}"
        better = sum(error < -100 * _SAME for error in errors)
        lines.append(
            f"{key[0]:>4} {key[1]:>6} {key[2]:>10} {len(cell):>5} "
            f"{statistics.median(errors):>8.3f} {statistics.mean(errors):>8.3f} "
            f"{max(errors):>8.3f} {better:>8} "
            f"{statistics.mean(row['seconds'] for row in cell):>8.2f}  {published}"
        )
    return "\n".join(lines)


def _knapsack(name: str, method: str, time_limit: float, seed: int) -> Row:
    from boundwise.solvers.robust import RobustKnapsack, solve_robust

    problem = RobustKnapsack.from_instance(published_knapsack(name))
    result = solve_robust(problem, method=method, time_limit=time_limit, seed=seed)
    assert result.x is not None
    published = published_results("kp")[name]
    fresh = RobustKnapsack.from_instance(problem.instance).worst_case(result.x)
    return _row(
        name,
        published["corr"],
        method,
        problem.instance.n,
        -fresh.cost,
        fresh.is_exact,
        result,
        published,
        {"Neur2RO": "n2ro_obj", "B&P": "bp_obj"},
    )


def _budgeting(name: str, method: str, time_limit: float, seed: int) -> Row:
    from boundwise.solvers.robust import RobustCapitalBudgeting, solve_robust

    label, _, name = name.partition(":")
    data = published_budgeting(name, floored=label == "floored")
    problem = RobustCapitalBudgeting.from_instance(data)
    result = solve_robust(problem, method=method, time_limit=time_limit, seed=seed)
    assert result.x is not None
    rng = np.random.default_rng(0)
    uniform = rng.uniform(-1.0, 1.0, (_UNIFORM_SCENARIOS, data.n_factors))
    outer = np.vstack([published_scenarios(name), uniform])
    own = (
        np.zeros((0, data.n_factors)) if result.scenarios is None else result.scenarios
    )

    def profit(x: Any, pool: Any) -> float:
        costs = problem.recourse_costs(x, pool)
        worst = float(costs.max()) if len(costs) else -np.inf
        return -(float(problem.first_stage.cost @ x) + worst)

    row = published_results("cb")[name]
    keys = {"Neur2RO": "n2ro", "k=2": "k2", "k=5": "k5", "k=10": "k10"}
    decisions = {
        who: np.array([float(bit) for bit in row[f"{key}_x"]])
        for who, key in keys.items()
    }
    outside = {who: profit(x, outer) for who, x in decisions.items()}
    profits = {who: min(outside[who], profit(x, own)) for who, x in decisions.items()}
    published = {who: str(value) for who, value in profits.items()}
    published["best_known"] = str(max(profits.values()))
    found = profit(result.x, outer)
    objective = min(found, profit(result.x, own))
    same = {who: who for who in keys}
    entry = _row(
        f"{label}:{name}",
        label,
        method,
        data.n,
        objective,
        False,
        result,
        published,
        same,
    )
    entry["without_own"] = relative_error(found, max(outside.values()))
    return entry


def _row(
    name: str,
    cell: str,
    method: str,
    n: int,
    objective: float,
    exact: bool,
    result: Any,
    published: Mapping[str, str],
    keys: Mapping[str, str],
) -> Row:
    best = float(published["best_known"])
    return {
        "instance": name,
        "cell": cell,
        "n": n,
        "method": method,
        "objective": objective,
        "exact": exact,
        "claimed": result.objective,
        "guarantee": result.guarantee if np.isfinite(result.guarantee) else None,
        "error": relative_error(objective, best),
        "seconds": result.wall_time,
        "last_improvement": result.trace[-1].seconds if result.trace else None,
        "iterations": result.iterations,
        "x": "".join("1" if v > 0.5 else "0" for v in result.x),
        "published": {
            label: relative_error(float(published[key]), best)
            for label, key in keys.items()
        },
    }


def relative_error(objective: float, best: float) -> float:
    """Return 100 (best - objective) / best for a profit, in percent."""
    return 100.0 * (best - objective) / abs(best)


if __name__ == "__main__":
    main()
