"""The MIP methods of this package; ``settings`` are the arguments of ``solve``."""

import hashlib
import importlib.metadata
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from boundwise.benchmarks.solvers.base import (
    Answer,
    ReadError,
    Recorder,
    SettingError,
    Task,
    counts_cpu,
    refuse_settings,
)
from boundwise.core.errors import InputError
from boundwise.core.trace import TraceEvent

_VALIDATION_SECONDS = 5.0
_MAX_PULLS = 500
_KNOWN = ("method", "policy", "arms", "engines", "work_limit", "solver_options")


class Adapter:
    """Solve with ``boundwise.solve``."""

    def version(self) -> str:
        """Return the version, with the commit if this is a checkout."""
        version = importlib.metadata.version("boundwise")
        commit = _commit()
        return f"{version}+{commit}" if commit else version

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Refuse what ``solve`` would not take, by solving a problem of one row."""
        from boundwise.solvers.mip.solve import solve

        refuse_settings(settings, _KNOWN, "boundwise")
        try:
            solve(_tiny(), time_limit=_VALIDATION_SECONDS, **settings)
        except (InputError, TypeError) as error:
            raise SettingError(str(error)) from error

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Read the instance, solve it, and hand the result over."""
        from boundwise.core.status import Termination
        from boundwise.instances.reader import read
        from boundwise.solvers.mip.solve import solve

        try:
            instance = read(task.instance)
        except InputError as error:
            raise ReadError(str(error)) from error

        def stream(event: TraceEvent) -> None:
            recorder.improved(
                objective=event.objective, bound=event.bound, who=event.who
            )

        result = solve(
            instance,
            time_limit=max(0.01, recorder.clock.remaining()),
            memory_limit=task.memory_limit,
            threads=task.threads,
            gap=task.gap,
            # Each permutation of the rows is one more seed here.
            seed=task.seed + 1_000_003 * task.permutation,
            callback=stream,
            **_on_clock(task.settings),
        )
        if result.termination is Termination.ERROR and result.x is None:
            raise RuntimeError(f"solve failed: {result.summary()}")
        solution = None
        if result.x is not None:
            solution = dict(zip(result.names, result.x.tolist(), strict=True))
        return Answer(
            status=result.status,
            termination=result.termination,
            raw_status=f"{result.status} ({result.termination})",
            sense=result.sense,
            objective=result.objective,
            bound=result.bound,
            nodes=_nodes(result.stats),
            solution=solution,
            stats={
                "partners": result.partners,
                "absent": result.stats.get("absent"),
                "arms": result.stats.get("arms"),
                "pulls": _thinned(result.stats.get("pulls", ())),
            },
        )


def _on_clock(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings, with SCIP's clock set to the one of the limits."""
    options = dict(settings.get("solver_options") or {})
    if counts_cpu():
        options = {"timing/clocktype": 1} | options
    return dict(settings) | {"solver_options": options}


def _tiny() -> Any:
    import numpy as np
    from scipy.sparse import csr_array

    from boundwise.instances.instance import Instance

    return Instance(
        name="tiny",
        objective=np.array([1.0, 1.0]),
        matrix=csr_array(np.array([[1.0, 2.0]])),
        row_lower=np.array([1.0]),
        row_upper=np.array([np.inf]),
        lower=np.zeros(2),
        upper=np.ones(2),
        is_integer=np.array([True, True]),
        names=("x", "y"),
        row_names=("row",),
    )


def _nodes(stats: Mapping[str, Any]) -> int | None:
    nodes = stats.get("nodes")
    return None if nodes is None else int(nodes)


def _thinned(pulls: Sequence[Any]) -> list[list[Any]]:
    """Return (seconds, arm) of at most 500 pulls: counts over time keep their shape."""
    step = max(1, -(-len(pulls) // _MAX_PULLS))
    return [[round(float(pull[0]), 3), str(pull[1])] for pull in pulls[::step]]


def _commit() -> str:
    """Return the commit of the checkout this package lies in, and whether it is dirty.

    Code that changes must not hide behind one version: the run key would not change.
    """
    described = _git("describe", "--always", "--dirty", "--abbrev=10")
    if described.endswith("-dirty"):
        changes = hashlib.sha256(_git("diff", "HEAD", "--", ":/*.py").encode())
        described += f"-{changes.hexdigest()[:8]}"
    return described


def _git(*words: str) -> str:
    home = Path(__file__).resolve().parent
    try:
        done = subprocess.run(
            ["git", "-C", str(home), *words],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
