r"""Print a table of methods on instances, all measured in this process.

    python -m boundwise.benchmarks.submodular.table --out table.json \
        --methods dynamic-maximizer,lattanzi,sieve-streaming:plus_plus=1 \
        --seeds 0,1,2 Email-Enron:stream=window,k=50

Times are CPU times of one process; run nothing beside it. Each line is written as soon
as it is there, and a line that the file has already is not measured again. A specified
seed of the instance is replaced by the seeds asked for.
"""

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import numpy as np

from boundwise.benchmarks.submodular.instances import objective_of
from boundwise.benchmarks.submodular.measures import figures, greedy_values
from boundwise.benchmarks.submodular.methods import METHODS, check_settings, maker
from boundwise.benchmarks.submodular.play import play
from boundwise.benchmarks.submodular.specification import make
from boundwise.core.errors import InputError
from boundwise.core.files import write_json
from boundwise.core.limits import Deadline

_COLUMNS = ("calls", "microseconds", "mean_ratio", "worst_ratio", "changes", "done")


def parse_method(text: str) -> tuple[str, dict[str, Any]]:
    """Return the name and the settings of ``name:setting=value;setting=value``.

    Raises
    ------
    InputError
        If the method or a setting is unknown.

    Examples
    --------
    >>> parse_method("periodic-greedy:period=100;method=lazy")
    ('periodic-greedy', {'period': 100, 'method': 'lazy'})
    """
    name, _, rest = text.partition(":")
    if name not in METHODS:
        raise InputError(f"method must be one of {', '.join(METHODS)}, got {name!r}.")
    settings: dict[str, Any] = {}
    for part in filter(None, rest.split(";")):
        key, _, value = part.partition("=")
        try:
            settings[key] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            settings[key] = value
    check_settings(name, settings)
    return name, settings


def measure(
    specification: str, method: str, seed: int, time_limit: float
) -> dict[str, Any]:
    """Play one instance with one method; return figures and the course."""
    name, settings = parse_method(method)
    problem = make(f"{specification},seed={seed}")
    objective = objective_of(problem)
    made = maker(name, objective, problem.k, problem.eps, seed, settings)
    clocks: list[Deadline] = []

    def is_over() -> bool:
        # The clock starts at the first checkpoint, when all is compiled.
        if not clocks:
            clocks.append(Deadline(time_limit))
        return clocks[0].expired()

    course = play(problem, made, is_over)
    reference = greedy_values(objective, problem.k, course)
    return {
        "instance": specification,
        "method": method,
        "seed": seed,
        "counts": course.counts,
        "values": course.values,
        "greedy": reference,
        "calls_so_far": course.calls,
        **asdict(figures(course, reference)),
    }


def rows(lines: list[dict[str, Any]]) -> Iterator[str]:
    """Yield a Markdown table: means over the seeds, the worst ratio of all."""
    yield "| instance | method | " + " | ".join(_COLUMNS) + " | seeds |"
    yield "|---" * (len(_COLUMNS) + 3) + "|"
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for line in lines:
        groups.setdefault((line["instance"], line["method"]), []).append(line)
    for (instance, method), group in groups.items():
        cells = []
        for column in _COLUMNS:
            values = [line[column] for line in group]
            mean = min(values) if column == "worst_ratio" else float(np.mean(values))
            cells.append(f"{mean:.3f}" if column.endswith("ratio") else f"{mean:.3g}")
        yield f"| {instance} | {method} | {' | '.join(cells)} | {len(group)} |"


@click.command()
@click.argument("specifications", nargs=-1, required=True)
@click.option("--methods", default=",".join(METHODS), help="Methods: a,b:setting=1.")
@click.option("--seeds", default="0", help="Seeds: 0,1,2.")
@click.option("--time-limit", default=60.0, help="Seconds a run.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="JSON.")
def main(
    specifications: tuple[str, ...],
    methods: str,
    seeds: str,
    time_limit: float,
    out: Path,
) -> None:
    """Measure SPECIFICATIONS and print a table."""
    lines = json.loads(out.read_text(encoding="utf-8")) if out.is_file() else []
    known = {(line["instance"], line["method"], line["seed"]) for line in lines}
    for specification in specifications:
        for seed in (int(text) for text in seeds.split(",")):
            for method in methods.split(","):
                if (specification, method, seed) in known:
                    continue
                line = measure(specification, method, seed, time_limit)
                lines.append(line)
                write_json(out, lines)
                click.echo(
                    f"{specification} {method} {seed}: "
                    + " ".join(f"{c}={line[c]:.4g}" for c in _COLUMNS),
                    err=True,
                )
    for row in rows(lines):
        click.echo(row)


if __name__ == "__main__":
    main()
