"""The command ``boundwise bench``: thin layers over the functions of this folder."""

import contextlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from boundwise.benchmarks.campaign import Campaign, SolverChoice
from boundwise.benchmarks.campaign_file import permutation_seeds, read_campaign
from boundwise.benchmarks.job import RunLimits
from boundwise.benchmarks.suites.base import PLANNED, available_suites, load_suite
from boundwise.core.clock import CLOCKS
from boundwise.core.errors import InputError

_DEFAULT_OUT = "results"
#: Exit code of a runner that was interrupted, as of a shell.
_INTERRUPTED = 130
_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)


def _list(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _patterns(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Split at commas, except in a generator's specification, which has its own."""
    found: list[str] = []
    for text in texts:
        found += [text] if ":" in text and "/" not in text else _list(text)
    return tuple(found)


def _integers(text: str | None, name: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in _list(text))
    except ValueError as error:
        raise InputError(f"{name} must be integers, got {text!r}.") from error


_INSTANCES_HELP = "Sets, names, files or globs: a,b; can be repeated."


def _run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    options = [
        click.option("--solvers", help="Solvers of the campaign, or adapters: a,b."),
        click.option("--instances", multiple=True, help=_INSTANCES_HELP),
        click.option("--time-limit", type=float, help="Seconds a run."),
        click.option(
            "--clock",
            type=click.Choice(CLOCKS),
            help="What limits, times and traces count: wall-clock or CPU seconds.",
        ),
        click.option("--memory-limit", type=float, help="MiB a run."),
        click.option("--threads", type=int, help="Threads a run."),
        click.option("--gap", type=float, help="Relative gap at which to stop."),
        click.option("--seeds", help="Seeds: 0,1,2."),
        click.option("--permutations", type=int, help="Number of permutations."),
        click.option("--jobs", type=int, help="Runs at a time."),
        click.option("--pin", is_flag=True, help="Pin runs to cores of their own."),
        click.option("--out", type=_FOLDER, help="Campaign folder."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _engine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    options = [
        click.option("--engine", type=click.Choice(["local", "dask"]), default="local"),
        click.option("--scheduler", help="Address of a Dask scheduler."),
        click.option("--slurm", help="Dask on SLURM: queue=NAME,account=...,jobs=4."),
        click.option("--retry-failed", is_flag=True, help="Run failed runs again."),
        click.option("--quiet", is_flag=True, help="Write failures only."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


class _BenchGroup(click.Group):
    """Commands, and one more for every suite that is known."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *available_suites()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        command = super().get_command(ctx, cmd_name)
        if command is None and cmd_name in {*PLANNED, *available_suites()}:
            command = _suite_command(cmd_name)
        return command


@click.group(cls=_BenchGroup)
def bench() -> None:
    """Compare solvers: campaigns that are isolated, resumable and checked."""


def _suite_command(suite: str) -> click.Command:
    title = load_suite(suite).title if suite in available_suites() else "not installed"

    @click.command(name=suite, help=f"Run the suite {suite!r} ({title}).")
    @click.option("--suite", "sets", multiple=True, help="The same as --instances.")
    @_run_options
    @_engine_options
    def command(sets: tuple[str, ...], **options: Any) -> int:
        load_suite(suite)
        options["instances"] = (*sets, *options["instances"])
        return _run(None, suite, options)

    return command


@bench.command()
@click.argument("campaign", type=_FILE, required=False)
@click.option("--suite", help="Suite, instead of or on top of a campaign file.")
@_run_options
@_engine_options
def run(campaign: Path | None, suite: str | None, **options: Any) -> int:
    """Run a CAMPAIGN file, or a suite; the same command resumes it."""
    return _run(campaign, suite, options)


@bench.command()
@click.argument("folder", type=_FOLDER)
@_engine_options
def resume(folder: Path, **options: Any) -> int:
    """Go on with the campaign in FOLDER exactly as it was planned."""
    from boundwise.benchmarks.plan import Plan

    return _carry_out(Plan.load(folder), folder, options)


@bench.command()
@click.argument("campaign", type=_FILE, required=False)
@click.option("--suite", help="Suite, instead of or on top of a campaign file.")
@click.option("--slurm", "slurm", is_flag=True, help="Write SLURM array scripts.")
@click.option("--sbatch", "extra", multiple=True, help="A #SBATCH option to add.")
@_run_options
def plan(
    campaign: Path | None,
    suite: str | None,
    slurm: bool,
    extra: tuple[str, ...],
    **options: Any,
) -> int:
    """Write the plan of a campaign, and scripts that need no engine."""
    from boundwise.benchmarks.engines.arrays import write_array_script

    made, folder = _make_plan(campaign, suite, options)
    click.echo(f"{len(made.jobs)} runs planned in {folder}")
    if slurm:
        script = write_array_script(made, folder, extra)
        click.echo(f"submit with: sbatch {script}")
    return 0


@bench.command()
@click.argument("folder", type=_FOLDER)
@click.option("--index", type=int, required=True, help="Number of the array task.")
@click.option("--tasks", type=int, required=True, help="Number of array tasks.")
def work(folder: Path, index: int, tasks: int) -> int:
    """Carry out one share of a plan; called by array scripts."""
    from boundwise.benchmarks.engines.arrays import work_on_share

    done = work_on_share(folder, index, tasks)
    click.echo(f"{done} runs recorded")
    return 0


@bench.command()
@click.argument("folder", type=_FOLDER)
def status(folder: Path) -> int:
    """Show how far the campaign in FOLDER is, also while it runs."""
    from boundwise.benchmarks.snapshot import take_snapshot

    for line in take_snapshot(folder).lines():
        click.echo(line)
    return 0


@bench.command()
@click.argument("folder", type=_FOLDER)
@click.option("--out", type=_FILE, help="HTML file; FOLDER/report.html by default.")
@click.option("--base", help="Solver that the others are compared with.")
@click.option("--allow-mixed", is_flag=True, help="Accept runs of several machines.")
def report(folder: Path, out: Path | None, base: str | None, allow_mixed: bool) -> int:
    """Write one self-contained HTML file about the campaign in FOLDER."""
    from boundwise.benchmarks.report.write import write_report

    path = write_report(folder, out, base=base, allow_mixed=allow_mixed)
    click.echo(f"report written to {path}")
    return 0


@bench.command()
@click.argument("folder", type=_FOLDER)
@click.option("--set", "sets", multiple=True, help="Only this set; can be repeated.")
@click.option("--all", "everything", is_flag=True, help="Also runs of former plans.")
def primal(folder: Path, sets: tuple[str, ...], everything: bool) -> int:
    """Print primal gaps and integrals of the campaign in FOLDER, and of its peers."""
    _print_primal(folder, sets, everything=everything)
    return 0


def _print_primal(
    folder: Path, sets: tuple[str, ...], *, everything: bool = False
) -> None:
    from boundwise.benchmarks.instance_sets import members
    from boundwise.benchmarks.report.primal import primal_table

    for name in sets or ("",):
        instances = members(name) if name else ()
        if name:
            click.echo(f"{name}:")
        for line in primal_table(folder, instances, everything=everything).lines():
            click.echo(line)


@bench.command()
@click.argument("folder_a", type=_FOLDER)
@click.argument("folder_b", type=_FOLDER)
@click.option("--out", type=_FILE, help="Write the comparison as an HTML file.")
@click.option("--shift", type=float, default=1.0, help="Shift of the means in s.")
@click.option("--allow-mixed", is_flag=True, help="Accept runs of several machines.")
def compare(
    folder_a: Path, folder_b: Path, out: Path | None, shift: float, allow_mixed: bool
) -> int:
    """Compare campaign B with campaign A: exit code 1 if B is a real loss."""
    from boundwise.benchmarks.report.compare import compare_campaigns
    from boundwise.benchmarks.report.comparison_page import write_comparison

    result = compare_campaigns(folder_a, folder_b, shift=shift, allow_mixed=allow_mixed)
    for line in result.lines():
        click.echo(line)
    if out is not None:
        write_comparison(result, out)
        click.echo(f"comparison written to {out}")
    return 1 if result.is_loss else 0


@bench.command()
@click.argument("folder", type=_FOLDER)
@click.argument("target", type=_FILE)
@click.option("--all", "everything", is_flag=True, help="Also runs of former plans.")
def export(folder: Path, target: Path, everything: bool) -> int:
    """Export the records in FOLDER to TARGET, a .csv or .parquet file."""
    from boundwise.benchmarks.export import export as write
    from boundwise.benchmarks.load import load_records
    from boundwise.benchmarks.store import Store

    records = Store(folder).records() if everything else load_records(folder).records
    click.echo(f"{write(records, target)} runs written to {target}")
    return 0


@bench.command()
def solvers() -> int:
    """List the solvers with their versions, or what is missing."""
    from boundwise.benchmarks.plan import probe
    from boundwise.benchmarks.solvers.registry import available_adapters
    from boundwise.core.errors import BoundwiseError

    for name in available_adapters():
        if name == "command":
            click.echo(f"{name:<12} any program, by a command-line template")
            continue
        try:
            found = probe(SolverChoice(label=name, adapter=name)).version
        except BoundwiseError as error:
            found = f"not available: {error}"
        click.echo(f"{name:<12} {found}")
    return 0


def _run(campaign: Path | None, suite: str | None, options: dict[str, Any]) -> int:
    made, folder = _make_plan(campaign, suite, options)
    code = _carry_out(made, folder, options)
    compared = getattr(load_suite(made.suite), "solvers_of_sets", {})
    sets = tuple(s for s in _patterns(options["instances"]) if s in compared)
    if sets and code != _INTERRUPTED and not options["quiet"]:
        _print_primal(folder, sets)
    return code


def _make_plan(
    campaign: Path | None, suite: str | None, options: dict[str, Any]
) -> tuple[Any, Path]:
    from boundwise.benchmarks.plan import make_plan

    chosen = _choose(campaign, suite, options)
    folder = options["out"] or Path(_DEFAULT_OUT) / chosen.name
    made = make_plan(chosen, folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make {str(folder)!r}: {error.strerror}.") from error
    made.save(folder)
    return made, folder


def _choose(path: Path | None, suite: str | None, options: dict[str, Any]) -> Campaign:
    """Combine campaign file, suite and options; options win."""
    if path is None:
        if suite is None:
            raise InputError("a CAMPAIGN file or --suite is needed.")
        loaded = load_suite(suite)
        campaign = Campaign(
            name=suite,
            suite=suite,
            instances=loaded.default_instances,
            solvers=_choices(loaded.default_solvers, getattr(loaded, "variants", {})),
            limits=getattr(loaded, "default_limits", RunLimits()),
        )
    else:
        campaign = read_campaign(path)
        if suite is not None:
            campaign = replace(campaign, suite=suite)
    changes: dict[str, Any] = {}
    if options["instances"]:
        changes["instances"] = _patterns(options["instances"])
    variants = getattr(load_suite(campaign.suite), "variants", {})
    if options["solvers"]:
        names = _list(options["solvers"])
        changes["solvers"] = _select(campaign, names, variants)
    elif path is None and options["instances"]:
        usual = _usual_solvers(campaign.suite, changes["instances"])
        changes["solvers"] = _select(campaign, usual, variants)
    if options["seeds"]:
        changes["seeds"] = _integers(options["seeds"], "seeds")
    if options["permutations"] is not None:
        changes["permutations"] = permutation_seeds(options["permutations"])
    if options["jobs"] is not None:
        changes["jobs"] = options["jobs"]
    if options["pin"]:
        changes["pin"] = True
    return replace(campaign, limits=_limits(campaign.limits, options), **changes)


def _limits(limits: RunLimits, options: dict[str, Any]) -> RunLimits:
    names = ("time_limit", "clock", "memory_limit", "threads", "gap")
    given = {name: options[name] for name in names if options[name] is not None}
    return replace(limits, **given)


_Variants = Mapping[str, tuple[str, Mapping[str, Any]]]


def _choices(names: tuple[str, ...], variants: _Variants) -> tuple[SolverChoice, ...]:
    return tuple(_choice(name, variants) for name in names)


def _choice(name: str, variants: _Variants) -> SolverChoice:
    adapter, settings = variants.get(name, (name, {}))
    return SolverChoice(label=_label(name), adapter=adapter, settings=settings)


def _usual_solvers(suite: str, patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the solvers that the suite names for these instance sets."""
    loaded = load_suite(suite)
    by_set = getattr(loaded, "solvers_of_sets", {})
    found = [by_set.get(pattern, loaded.default_solvers) for pattern in patterns]
    return tuple(dict.fromkeys(name for names in found for name in names))


def _label(name: str) -> str:
    return Path(name).stem if name.endswith(".py") else name


def _select(
    campaign: Campaign, names: tuple[str, ...], variants: _Variants
) -> tuple[SolverChoice, ...]:
    known = {choice.label: choice for choice in campaign.solvers}
    return tuple(known.get(name) or _choice(name, variants) for name in names)


def _carry_out(made: Any, folder: Path, options: dict[str, Any]) -> int:
    from boundwise.benchmarks.engines.choose import make_engine
    from boundwise.benchmarks.progress import (
        PlainProgress,
        RichProgress,
        count_line,
    )
    from boundwise.benchmarks.runner import failed_statuses, run_plan
    from boundwise.benchmarks.store import Writer

    with contextlib.ExitStack() as stack:
        writer = stack.enter_context(Writer(folder))
        engine = make_engine(
            made, folder, options["engine"], options["scheduler"], options["slurm"]
        )
        watcher: Any = PlainProgress(quiet=options["quiet"])
        if sys.stdout.isatty() and not options["quiet"]:
            watcher = RichProgress(lambda: getattr(engine, "current", {}))
            stack.enter_context(watcher.live())
        try:
            summary = run_plan(
                made,
                writer,
                folder,
                engine,
                watcher,
                retry_failed=options["retry_failed"],
            )
        except KeyboardInterrupt:
            click.echo("interrupted; the same command goes on from here", err=True)
            return _INTERRUPTED
    click.echo(
        f"{summary.total} runs: {summary.skipped} recorded before, "
        f"{sum(summary.statuses.values())} now "
        f"({count_line(summary.statuses) or 'none'})"
    )
    for line in summary.lost:
        click.echo(f"lost: {line}", err=True)
    failed = failed_statuses(summary)
    if failed:
        click.echo(f"{failed} runs failed; see: boundwise bench status {folder}")
    return 1 if summary.lost else 0
