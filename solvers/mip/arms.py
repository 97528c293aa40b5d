"""What is counted for each arm of a run."""

from dataclasses import dataclass, field
from typing import Any

from boundwise.heuristics.protocols import Neighbourhood, Outcome
from boundwise.heuristics.sizes import AdaptiveRate


@dataclass(slots=True)
class ArmRecord:
    """Statistics of one arm.

    Parameters
    ----------
    neighbourhood
        The arm.
    """

    neighbourhood: Neighbourhood
    rate: AdaptiveRate = field(default_factory=AdaptiveRate)
    pulls: int = 0
    improvements: int = 0
    noops: int = 0
    rewards: float = 0.0
    effort: float = 0.0

    def count(self, outcome: Outcome, reward: float) -> None:
        """Count one pull."""
        self.pulls += 1
        self.improvements += outcome.improved
        self.noops += outcome.is_noop
        self.rewards += reward
        self.effort += outcome.effort

    def to_dict(self) -> dict[str, Any]:
        """Return the statistics as JSON holds them."""
        return {
            "name": self.neighbourhood.name,
            "pulls": self.pulls,
            "improvements": self.improvements,
            "noops": self.noops,
            "mean_reward": self.rewards / self.pulls if self.pulls else 0.0,
            "effort": self.effort,
            "fixing_rate": self.rate.value,
        }
