"""SCIP with the heuristics of ``boundwise.attach``, all else as in the adapter of SCIP.

Settings are arguments of ``attach``, ``priors`` (a file that its ``save`` wrote) and
SCIP's parameters. What differs from ``scip`` in a campaign is the heuristics alone.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boundwise.benchmarks.solvers.base import Answer, Recorder, SettingError, Task
from boundwise.benchmarks.solvers.boundwise import Adapter as BoundwiseAdapter
from boundwise.benchmarks.solvers.scip import Adapter as ScipAdapter
from boundwise.benchmarks.solvers.scip import apply_settings
from boundwise.core.errors import InputError

if TYPE_CHECKING:
    from boundwise.solvers.scheduler.bandit_heuristics import BanditHeuristics

_PRIORS = "priors"
_OWN = ("arms", "policy", "reward", "budget", "replace_scip_heuristics", _PRIORS)
_KEPT = ("arm", "calls", "noops", "improvements", "effort", "mean_reward", "error")


class Adapter(ScipAdapter):
    """Solve with SCIP and attached heuristics."""

    _heuristics: "BanditHeuristics | None" = None

    def version(self) -> str:
        """Return the versions of the package and of SCIP, with all of it imported."""
        import boundwise.solvers.scheduler.attach  # noqa: F401 (no part of a run)

        return f"{BoundwiseAdapter().version()}, SCIP {super().version()}"

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Attach to an empty model."""
        from pyscipopt import Model

        model = Model()
        model.hideOutput()
        _prepare(model, settings, Path.cwd(), seed=0)

    def prepare(self, model: Any, task: Task) -> None:
        """Set SCIP's parameters, then attach."""
        self._heuristics = _prepare(model, task.settings, task.folder, task.seed)

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Solve, and add what the arms did."""
        answer = super().solve(task, recorder)
        heuristics = self._heuristics
        assert heuristics is not None
        stats = {
            "spent": heuristics.spent,
            "replaced": list(heuristics.replaced),
            "arms": [
                {name: row[name] for name in _KEPT} for row in heuristics.statistics()
            ],
        }
        return replace(answer, stats=dict(answer.stats) | stats)


def _prepare(
    model: Any, settings: Mapping[str, Any], folder: Path, seed: int
) -> "BanditHeuristics":
    from boundwise.solvers.scheduler.attach import attach

    own = {name: value for name, value in settings.items() if name in _OWN}
    priors = own.pop(_PRIORS, None)
    rest = {name: value for name, value in settings.items() if name not in _OWN}
    apply_settings(model, rest, folder)
    try:
        heuristics = attach(model, seed=seed, **own)
        if priors is not None:
            heuristics.load(priors)
    except (InputError, TypeError) as error:
        raise SettingError(str(error)) from error
    return heuristics
