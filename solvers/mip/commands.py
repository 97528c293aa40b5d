"""The commands ``boundwise solve`` and ``boundwise demo``."""

import contextlib
import math
import os
from pathlib import Path
from typing import Any

import click

from boundwise.core.errors import InputError
from boundwise.core.files import write_json
from boundwise.core.trace import JsonLines, TraceEvent
from boundwise.heuristics.bandits.factory import POLICIES
from boundwise.heuristics.neighbourhoods.factory import NEIGHBOURHOODS
from boundwise.instances.solutions import write_solution
from boundwise.solvers.mip.result import MipResult
from boundwise.solvers.mip.solve import METHODS, solve
from boundwise.solvers.mip.team import ENGINES

#: Methods of the demo.
_COMPARED = ("lns", "scip")
#: Exit codes, see `boundwise.cli`.
_OK, _NOTHING_FOUND, _CHECK_FAILED = 0, 1, 3


@click.command("solve")
@click.argument("problem", metavar="FILE")
@click.option("--time-limit", type=float, help="Wall-clock seconds.")
@click.option("--memory-limit", type=float, help="MiB of this process.")
@click.option("--work-limit", type=float, help="Work units; makes runs reproducible.")
@click.option("--threads", type=int, default=1, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--gap", type=float, default=0.0, show_default=True, help="Fraction.")
@click.option("--method", type=click.Choice(METHODS), default="lns", show_default=True)
@click.option(
    "--policy", type=click.Choice(list(POLICIES)), default="exp3ix", show_default=True
)
@click.option(
    "--arms",
    metavar="A,B,...",
    help=f"Neighbourhoods among {', '.join(NEIGHBOURHOODS)}; all by default.",
)
@click.option(
    "--engines",
    metavar="A,B,...",
    help=f"Solvers among scip, {', '.join(ENGINES)}; all by default.",
)
@click.option("--cluster", metavar="ADDRESS", help="Scheduler of a Dask cluster.")
@click.option("--start", type=click.Path(), help="A .sol file to start from.")
@click.option("--json", "json_path", type=click.Path(), help="Write the result here.")
@click.option("--solution", type=click.Path(), help="Write the solution (.sol) here.")
@click.option(
    "--log", "log_path", type=click.Path(), help="Stream the trace here, JSON lines."
)
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def solve_command(
    problem: str,
    arms: str | None,
    engines: str | None,
    json_path: str | None,
    solution: str | None,
    log_path: str | None,
    quiet: bool,
    **options: Any,
) -> int:
    """Solve the mixed-integer program in FILE (MPS, LP, CIP; .gz) or of that name.

    Exit code 0: a solution, or a proof that there is none; 1: no solution found;
    2: usage or input error; 3: the exact checker refused every solution.
    """
    for path in (json_path, solution, log_path):
        require_writable(path)
    with contextlib.ExitStack() as stack:
        sink = stack.enter_context(JsonLines(log_path)) if log_path else None
        result = solve(
            problem,
            arms=arms.split(",") if arms else None,
            engines=engines.split(",") if engines else "auto",
            callback=_streaming(sink),
            verbose=not quiet,
            **options,
        )
    if json_path:
        write_json(json_path, result_document(problem, result))
    if solution and result.x is not None:
        write_solution(solution, result.names, result.x, result.objective)
    if not quiet:
        click.echo(describe(result))
    return exit_code(result)


@click.command("demo")
@click.option("--time-limit", type=float, default=30.0, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--json", "json_path", type=click.Path(), help="Write both results here.")
def demo(time_limit: float, seed: int, json_path: str | None) -> int:
    """Solve an embedded hard instance with adaptive LNS and with plain SCIP."""
    from boundwise.instances.generators.demo import demo_instance

    require_writable(json_path)
    instance = demo_instance()
    click.echo(
        f"{instance.name}: {instance.n_variables} variables, "
        f"{instance.n_rows} constraints, {instance.sense}; "
        f"{time_limit:g} s for each method\n"
    )
    results = {}
    for method in _COMPARED:
        click.echo(f"method {method}")
        results[method] = solve(
            instance, time_limit=time_limit, seed=seed, method=method, verbose=True
        )
        click.echo("")
    click.echo(_comparison(results))
    if json_path:
        documents = {
            method: result_document(instance.name, result)
            for method, result in results.items()
        }
        write_json(json_path, documents)
    return max(exit_code(result) for result in results.values())


def result_document(problem: str, result: MipResult) -> dict[str, Any]:
    """Return a result as the JSON output of the command line."""
    document = result.to_dict()
    stats = document.pop("stats")
    return {
        "instance": problem,
        **document,
        "arms": stats.pop("arms", []),
        "check": stats.pop("check", None),
        "stats": stats,
    }


def describe(result: MipResult) -> str:
    """Return the closing lines of a run."""
    lines = [result.summary()]
    if result.check is not None:
        verdict = "passed" if result.check["strict"] else "FAILED"
        violation = result.check["max_violation"]
        lines.append(f"exact check  {verdict} (largest violation {violation:.3g})")
        if result.check["unchecked"]:
            count = len(result.check["unchecked"])
            lines.append(f"             {count} constraints checked by SCIP only")
    lines.extend(
        f"{name:<16} {account['turns']:5.0f} turns  {account['spent']:8.1f} s  "
        f"closed {account['gain']:.3f} of the gap"
        for name, account in result.partners.items()
        if account["turns"]
    )
    for arm in result.arms:
        if not arm["pulls"]:
            continue
        rate = arm["fixing_rate"]
        lines.append(
            f"arm {arm['name']:<18} {arm['pulls']:5d} pulls  "
            f"{arm['improvements']:4d} improved  mean reward {arm['mean_reward']:.3f}"
            + (f"  fixes {100 * rate:.0f} %" if rate is not None else "")
        )
    return "\n".join(lines)


def exit_code(result: MipResult) -> int:
    """Return the exit code that tells how a run ended."""
    if result.check is not None and not result.check["strict"]:
        return _CHECK_FAILED
    if result.x is not None or result.status.is_proven:
        return _OK
    return _CHECK_FAILED if result.stats["rejected_solutions"] else _NOTHING_FOUND


def require_writable(path: str | None) -> None:
    """Refuse an output path that could not be written after a long run.

    Raises
    ------
    InputError
        If the folder is missing or not writable, or the path is a folder.
    """
    if path is None:
        return
    folder = Path(path).absolute().parent
    if Path(path).is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise InputError(f"cannot write {path!r}: no such folder, or not writable.")


def _streaming(sink: JsonLines | None) -> Any:
    if sink is None:
        return None

    def callback(event: TraceEvent) -> None:
        sink(event)

    return callback


def _comparison(results: dict[str, MipResult]) -> str:
    lines = ["method    objective           bound               gap"]
    for method, result in results.items():
        gap = f"{100 * result.gap:.2f} %" if math.isfinite(result.gap) else "-"
        lines.append(
            f"{method:<8}  {result.objective:<18.10g}  {result.bound:<18.10g}  {gap}"
        )
    return "\n".join(lines)
