"""The command ``boundwise instances``: list, show, get, generate and check."""

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from boundwise.core.errors import BoundwiseError, InputError
from boundwise.instances.reference import KnownInstance, benchmark_set, read_solu

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from boundwise.instances.instance import Instance
    from boundwise.instances.reference import Reference

_COLUMNS = (
    "name",
    "variables",
    "binaries",
    "integers",
    "continuous",
    "constraints",
    "nonzeros",
    "status",
    "kind",
    "best_known",
    "local",
)
_REJECTED = 3


@click.group()
def instances() -> None:
    """Known instances: list, show, get, generate, check."""


@instances.command("list")
@click.option(
    "--set",
    "which",
    type=click.Choice(["benchmark", "local"]),
    default="benchmark",
    show_default=True,
    help="All of the MIPLIB 2017 benchmark set, or those on this machine.",
)
@click.option("--solu", type=click.Path(path_type=Path), help="Reference file to use.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(which: str, solu: Path | None, as_json: bool) -> None:
    """List known instances with sizes, status and best-known values."""
    references = read_solu(solu) if solu else {}
    rows = [_row(known, references) for known in benchmark_set().values()]
    if which == "local":
        rows = [row for row in rows if row["local"]]
    if as_json:
        click.echo(json.dumps(rows, indent=1, allow_nan=False))
    else:
        _print_table(_COLUMNS, rows)


@instances.command("show")
@click.argument("name_or_file")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show_command(name_or_file: str, as_json: bool) -> None:
    """Show what is known of an instance, or what a file holds.

    A name is not downloaded for this.
    """
    from boundwise.instances.library import find_local, is_name

    known = benchmark_set().get(name_or_file)
    document: dict[str, Any] = {} if known is None else _row(known, {})
    path: Path | None = Path(name_or_file)
    if known is not None or (not Path(name_or_file).exists() and is_name(name_or_file)):
        path = find_local(name_or_file)
    if path is not None:
        from boundwise.instances.reader import read

        document |= _describe(read(path))
    elif known is None:
        raise InputError(f"{name_or_file!r} is neither a file nor a known instance.")
    if as_json:
        click.echo(json.dumps(document, indent=1, allow_nan=False))
        return
    width = max(map(len, document))
    for key, value in document.items():
        click.echo(f"{key:{width}}  {_text(value)}")


@instances.command("get")
@click.argument("names", nargs=-1, required=True)
def get_command(names: "Sequence[str]") -> None:
    """Download instances into the user's cache and print their paths."""
    from boundwise.instances.library import find, is_name

    failed = False
    for name in names:
        if not is_name(name):
            raise InputError(f"not the name of an instance: {name!r}.")
        try:
            click.echo(str(find(name)))
        except BoundwiseError as error:
            click.echo(f"error: {error}", err=True)
            failed = True
    if failed:
        click.get_current_context().exit(2)


@instances.command("generate")
@click.argument("spec")
@click.argument("output", type=click.Path(path_type=Path))
def generate_command(spec: str, output: Path) -> None:
    """Write a random instance, such as set_cover:rows=500,cols=1000,seed=3."""
    from boundwise.instances.generators import generate

    if not output.name.lower().endswith((".mps", ".mps.gz")):
        raise InputError(f"OUTPUT must end with .mps or .mps.gz, got {str(output)!r}.")
    instance = generate(spec)
    instance.write_mps(output)
    click.echo(
        f"{output}: {instance.n_variables} variables, {instance.n_rows} rows, "
        f"{instance.n_nonzeros} nonzeros"
    )


@instances.command("check")
@click.argument("problem")
@click.argument("solution", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check_command(problem: str, solution: Path, as_json: bool) -> None:
    """Check a solution file exactly; exit with 3 if it fails at 1e-6."""
    from boundwise.instances.checker import check
    from boundwise.instances.reader import read

    report = check(read(problem), solution)
    document = report.to_dict()
    if as_json:
        click.echo(json.dumps(document, indent=1, allow_nan=False))
    else:
        for key, value in document.items():
            click.echo(f"{key:22}{_text(value)}")
    if not report.strict:
        click.get_current_context().exit(_REJECTED)


def _row(known: KnownInstance, references: "Mapping[str, Reference]") -> dict[str, Any]:
    from boundwise.instances.library import find_local

    reference = references.get(known.name, known.reference)
    try:
        local = find_local(known.name) is not None
    except InputError:
        local = False
    return {
        "name": known.name,
        "variables": known.variables,
        "binaries": known.binaries,
        "integers": known.integers,
        "continuous": known.continuous,
        "constraints": known.constraints,
        "nonzeros": known.nonzeros,
        "status": known.status,
        "kind": str(reference.kind),
        "best_known": reference.value,
        "local": local,
    }


def _describe(instance: "Instance") -> dict[str, Any]:
    return {
        "name": instance.name,
        **instance.sizes(),
        "sense": instance.sense,
        "offset": instance.offset,
        "sos": len(instance.sos),
        "indicators": len(instance.indicators),
        "semicontinuous": len(instance.semicontinuous),
        "unchecked": list(instance.unchecked),
        "file": str(instance.path),
    }


def _text(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.12g}" if math.isfinite(value) else str(value)
    if isinstance(value, list):
        return "; ".join(map(str, value)) or "-"
    return str(value)


def _print_table(columns: "Sequence[str]", rows: list[dict[str, Any]]) -> None:
    """Print a rich table on a terminal, tab-separated lines elsewhere."""
    if not sys.stdout.isatty():
        click.echo("\t".join(columns))
        for row in rows:
            click.echo("\t".join(_text(row[c]) for c in columns))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold")
    for column in columns:
        numeric = column not in ("name", "status", "kind", "local")
        table.add_column(column, justify="right" if numeric else "left")
    for row in rows:
        table.add_row(*(_text(row[c]) for c in columns))
    Console().print(table)
