"""What `attach` returns: statistics, priors, and the way back."""

import os
from typing import Any

import numpy as np

from boundwise.core.arguments import as_count
from boundwise.core.optional import require
from boundwise.heuristics.scheduling.arm import TunedArm
from boundwise.heuristics.scheduling.scheduler import PLUGIN, Scheduler
from boundwise.heuristics.scip.plugin import set_active
from boundwise.solvers.scheduler.native import NativeHeuristics
from boundwise.solvers.scheduler.priors import (
    Priors,
    expected_rewards,
    read_priors,
    updated,
    write_priors,
)
from boundwise.solvers.scheduler.restarts import RootRestarts

#: Choices after which what arms earn on the new problem counts as much as priors.
_PRIOR_CHOICES = 10.0


class BanditHeuristics:
    """Watch and control the heuristics attached to one model.

    Made by `boundwise.solvers.scheduler.attach.attach`.

    Parameters
    ----------
    model
        The ``pyscipopt.Model``.
    scheduler
        Calls the arms.
    natives
        SCIP's own heuristics that are switched off.
    restarts
        When SCIP may restart at the root.
    seed
        Seed of all random choices.
    """

    def __init__(
        self,
        model: Any,
        scheduler: Scheduler,
        natives: NativeHeuristics,
        restarts: RootRestarts,
        seed: int,
    ) -> None:
        self._model = model
        self._scheduler = scheduler
        self._natives = natives
        self._restarts = restarts
        self._priors: Priors = {}
        self.seed = seed

    @property
    def arms(self) -> tuple[str, ...]:
        """Names of the arms."""
        return tuple(arm.name for arm in self._scheduler.arms)

    @property
    def replaced(self) -> tuple[str, ...]:
        """SCIP's own heuristics that the arms replace."""
        return self._natives.names

    @property
    def spent(self) -> float:
        """What all calls have cost: seconds of SCIP's clock, or work units."""
        return self._scheduler.account.spent

    def statistics(self) -> list[dict[str, Any]]:
        """Return what each arm did.

        Returns
        -------
        list of dict
            For each arm ``arm``, ``calls``, ``noops`` (calls with nothing to do),
            ``solutions`` (that SCIP took), ``improvements`` (calls with a new
            incumbent), ``effort``, ``mean_reward``, ``setting`` (present fixing rate
            or LP threshold, None if it has none) and ``error`` (None, or why it is
            disabled).
        """
        return [
            {
                "arm": known.name,
                "calls": known.calls,
                "noops": known.noops,
                "solutions": known.solutions,
                "improvements": known.improvements,
                "effort": known.effort,
                "mean_reward": known.mean_reward,
                "setting": arm.setting if isinstance(arm, TunedArm) else None,
                "error": known.error,
            }
            for arm, known in zip(
                self._scheduler.arms, self._scheduler.statistics, strict=True
            )
        ]

    def to_frame(self) -> Any:
        """Return the statistics as a pandas data frame (extra ``report``)."""
        pandas = require("pandas", extra="report")
        return pandas.DataFrame(self.statistics()).set_index("arm")

    def calls(self) -> list[dict[str, Any]]:
        """Return the calls one by one: ``at, arm, effort, reward, improved``."""
        return [
            {
                "at": call.at,
                "arm": call.arm,
                "effort": call.effort,
                "reward": call.reward,
                "improved": call.improved,
            }
            for call in self._scheduler.log
        ]

    def plot(self, axes: Any = None, bins: int = 20) -> Any:
        """Draw each arm's share of the effort over the solve (extra ``report``).

        Parameters
        ----------
        axes
            Matplotlib axes to draw on; new ones if None.
        bins
            Number of equal parts of the solve.

        Returns
        -------
        matplotlib.axes.Axes
            The axes.
        """
        bins = as_count("bins", bins)
        pyplot = require("matplotlib.pyplot", extra="report")
        if axes is None:
            _, axes = pyplot.subplots(layout="constrained")
        edges, shares = self._shares(bins)
        used = [k for k in range(len(shares)) if shares[k].any()]
        colours = pyplot.get_cmap("tab20")
        bottom = np.zeros(bins)
        for k in used:
            axes.bar(
                edges[:-1],
                shares[k],
                width=np.diff(edges),
                bottom=bottom,
                align="edge",
                label=self.arms[k],
                color=colours(k % colours.N),
            )
            bottom += shares[k]
        if used:
            axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize="small")
        timed = self._scheduler.account.share.is_timed
        axes.set_xlabel("seconds" if timed else "work units")
        axes.set_ylabel("share of the effort of all arms")
        axes.set_ylim(0.0, 1.0)
        return axes

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write what the arms have earned, for the next problem of the same kind.

        What `load` has read is included, discounted.

        Raises
        ------
        InputError
            If the file cannot be written.
        """
        write_priors(path, updated(self._priors, self._scheduler.statistics))

    def load(self, path: str | os.PathLike[str]) -> None:
        """Start with what `save` has written after other problems.

        To be called before the solve. After the first calls, arms are drawn by what
        they earned before, and more and more by what they earn on this problem.

        Raises
        ------
        InputError
            If the file is missing or damaged.
        """
        self._priors = read_priors(path)
        self._scheduler.prefer(
            expected_rewards(self.arms, self._priors), _PRIOR_CHOICES
        )

    def detach(self) -> None:
        """Call no arm any more, and give SCIP its own heuristics and restarts back."""
        self._scheduler.is_enabled = False
        set_active(self._model, PLUGIN, False)
        self._natives.restore()
        self._restarts.restore()

    def _shares(self, bins: int) -> tuple[np.ndarray, np.ndarray]:
        calls = self._scheduler.log
        end = max((call.at for call in calls), default=1.0) or 1.0
        edges = np.linspace(0.0, end, bins + 1)
        efforts = np.zeros((len(self.arms), bins))
        place = {name: index for index, name in enumerate(self.arms)}
        for call in calls:
            part = min(bins - 1, int(bins * call.at / end))
            efforts[place[call.arm], part] += call.effort
        totals = efforts.sum(axis=0)
        return edges, efforts / np.where(totals > 0.0, totals, 1.0)
