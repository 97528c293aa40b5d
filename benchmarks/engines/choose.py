"""Make the engine that the command line names."""

from pathlib import Path

from boundwise.benchmarks.engines.base import Engine
from boundwise.benchmarks.plan import Plan
from boundwise.core.errors import InputError


def make_engine(
    plan: Plan, folder: Path, name: str, scheduler: str | None, slurm: str | None
) -> Engine:
    """Return an engine for a plan.

    Parameters
    ----------
    plan
        The plan.
    folder
        Folder of the campaign.
    name
        ``"local"`` or ``"dask"``.
    scheduler
        Address of a Dask scheduler.
    slurm
        Options of a Dask cluster on SLURM, ``queue=NAME,...``.

    Raises
    ------
    InputError
        If the options do not go together.
    """
    if name == "local":
        from boundwise.benchmarks.engines.local import LocalEngine

        if scheduler or slurm:
            raise InputError("--scheduler and --slurm need --engine dask.")
        return LocalEngine(folder, plan.references, plan.slots, pin=plan.pin)
    from boundwise.benchmarks.engines.dask import DaskEngine, connect

    client, cluster = connect(scheduler, slurm, plan)
    return DaskEngine(folder, plan.references, client, cluster)
