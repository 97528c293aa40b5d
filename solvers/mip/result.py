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
    def partners(self) -> Mapping[str, Mapping[str, float]]:
        """Of each partner of the portfolio: turns, spent, gain; see `Account`."""
        partners: Mapping[str, Mapping[str, float]] = self.stats.get("partners", {})
        return partners

    @property
    def check(self) -> Mapping[str, Any] | None:
        """Report of the exact checker on ``x``, or None without a solution."""
        report: Mapping[str, Any] | None = self.stats.get("check")
        return report

    def plot(self, axes: Any = None) -> Any:
        """Draw incumbent and bound over time, the partners' and the arms' shares.

        Parameters
        ----------
        axes
            Three matplotlib axes to draw on, or one for the first part only; new ones
            if None.

        Returns
        -------
        matplotlib.axes.Axes or array of them
            The axes.
        """
        turns = self.stats.get("turns", ())
        if axes is None and turns:
            pyplot = require("matplotlib.pyplot", extra="report")
            size = (6.4, 7.2)
            _, axes = pyplot.subplots(
                3, 1, sharex=True, layout="constrained", figsize=size
            )
        if not hasattr(axes, "__len__"):
            return super().plot(axes)
        super().plot(axes[0])
        axes[0].set_xlabel("")
        _plot_shares(axes[1], turns, "share of time")
        pulls = [(second, name, 1.0) for second, name, _ in self.stats["pulls"]]
        _plot_shares(axes[2], pulls, "share of pulls")
        axes[1].set_xlabel("")
        return axes


def _plot_shares(
    axes: Any, entries: Sequence[tuple[float, str, float]], label: str
) -> None:
    """Draw how much of a running sum is whose."""
    names = list(dict.fromkeys(name for _, name, _ in entries))
    sums = dict.fromkeys(names, 0.0)
    seconds: list[float] = []
    shares: list[list[float]] = []
    for second, name, amount in entries:
        sums[name] += amount
        total = sum(sums.values())
        if total > 0.0:
            seconds.append(second)
            shares.append([sums[other] / total for other in names])
    if shares:
        axes.stackplot(seconds, list(zip(*shares, strict=True)), labels=names)
        axes.legend(loc="upper left", ncols=4, fontsize="small")
    axes.set_xlabel("seconds")
    axes.set_ylabel(label)
    axes.set_ylim(0.0, 1.0)
