"""The result of a MIP run: a `Result` that also knows the arms and the check."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from boundwise.core.optional import require
from boundwise.core.result import Result


@dataclass(frozen=True, kw_only=True, eq=False)
class MipResult(Result):
    """Hold what a MIP run found; see `Result` for the fields."""

    @property
    def arms(self) -> Sequence[Mapping[str, Any]]:
        """Statistics of each arm: name, pulls, improvements, mean_reward, effort."""
        arms: Sequence[Mapping[str, Any]] = self.stats.get("arms", ())
        return arms

    @property
    def check(self) -> Mapping[str, Any] | None:
        """Report of the exact checker on ``x``, or None without a solution."""
        report: Mapping[str, Any] | None = self.stats.get("check")
        return report

    def plot(self, axes: Any = None) -> Any:
        """Draw incumbent and bound over time, and below them the share of each arm.

        Parameters
        ----------
        axes
            Two matplotlib axes to draw on, or one for the first part only; new ones
            if None.

        Returns
        -------
        matplotlib.axes.Axes or array of them
            The axes.
        """
        pulls = self.stats.get("pulls", ())
        if axes is None and pulls:
            pyplot = require("matplotlib.pyplot", extra="report")
            _, axes = pyplot.subplots(2, 1, sharex=True, layout="constrained")
        if not hasattr(axes, "__len__"):
            return super().plot(axes)
        super().plot(axes[0])
        axes[0].set_xlabel("")
        self._plot_shares(axes[1], pulls)
        return axes

    def _plot_shares(self, axes: Any, pulls: Sequence[Any]) -> None:
        names = [arm["name"] for arm in self.arms]
        counts = dict.fromkeys(names, 0)
        seconds: list[float] = []
        shares: list[list[float]] = []
        for total, (second, name, _) in enumerate(pulls, start=1):
            counts[name] += 1
            seconds.append(second)
            shares.append([counts[arm] / total for arm in names])
        axes.stackplot(seconds, list(zip(*shares, strict=True)), labels=names)
        axes.set_xlabel("seconds")
        axes.set_ylabel("share of pulls")
        axes.set_ylim(0.0, 1.0)
        axes.legend(loc="upper left", ncols=len(names), fontsize="small")
