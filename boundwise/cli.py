"""The command line of boundwise: thin layers over the functions of the package.

Exit codes: 0 a solution or a proven status, 1 no solution found, 2 usage or input
error, 3 the checker rejected a solution.
"""

import sys
from importlib import import_module
from typing import Any

import click

import boundwise
from boundwise.core.errors import BoundwiseError, InputError, NotAvailableError

#: name -> module, attribute, one line of help
_COMMANDS = {
    "bench": (
        "boundwise.benchmarks.commands",
        "bench",
        "Run, resume, compare and report benchmark campaigns.",
    ),
    "demo": (
        "boundwise.solvers.mip.commands",
        "demo",
        "Solve an embedded hard instance, beside plain SCIP.",
    ),
    "instances": (
        "boundwise.instances.commands",
        "instances",
        "List, fetch, generate and check instances.",
    ),
    "solve": (
        "boundwise.solvers.mip.commands",
        "solve_command",
        "Solve a mixed-integer program from a file or by name.",
    ),
}


class _LazyGroup(click.Group):
    """Import a command only when it is called: help and version need no solver."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, attribute, _ = _COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name][2]) for name in _COMMANDS])


@click.command(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(boundwise.__version__, prog_name="boundwise")
def cli() -> None:
    """Mixed-integer and combinatorial optimization around SCIP."""


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; errors of the package end with one line and code 2."""
    try:
        code = cli.main(args=arguments, prog_name="boundwise", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.exceptions.Abort:
        click.echo("interrupted", err=True)
        sys.exit(130)
    except (InputError, NotAvailableError) as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
    except BoundwiseError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)
