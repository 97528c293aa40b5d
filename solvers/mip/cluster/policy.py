"""A bandit policy that also learns from the pulls of other runs.

What others have pulled since the last time is replayed before the next choice: their
mean reward for each arm, as often as they pulled it, at most ``most`` times, so that a
run's own experience is never drowned.
"""

import threading
from collections.abc import Sequence

import numpy as np

from boundwise.core.arguments import as_count
from boundwise.heuristics.protocols import Policy
from boundwise.solvers.mip.cluster.hub import Experience


class SharedPolicy:
    """Choose with a policy of one's own, and let others' pulls teach it.

    Parameters
    ----------
    policy
        The policy.
    most
        Foreign pulls of one arm that are replayed at a time.
    """

    def __init__(self, policy: Policy, most: int = 5) -> None:
        self._policy = policy
        self._most = as_count("most", most)
        self._own: dict[int, tuple[int, float]] = {}
        self._foreign: dict[int, tuple[int, float]] = {}
        self._replayed: dict[int, tuple[int, float]] = {}
        self._lock = threading.Lock()

    @property
    def n_arms(self) -> int:
        """Number of arms."""
        return self._policy.n_arms

    def choose(
        self, rng: np.random.Generator, available: Sequence[int] | None = None
    ) -> int:
        """Return the arm to pull next."""
        self._replay()
        return self._policy.choose(rng, available)

    def update(self, arm: int, reward: float) -> None:
        """Learn from an own pull."""
        self._policy.update(arm, reward)
        with self._lock:
            pulls, rewards = self._own.get(arm, (0, 0.0))
            self._own[arm] = (pulls + 1, rewards + reward)

    def experience(self) -> Experience:
        """Return all own pulls, from any thread."""
        with self._lock:
            return dict(self._own)

    def learn(self, experience: Experience) -> None:
        """Take all pulls of all others, from any thread.

        Parameters
        ----------
        experience
            Totals since the beginning. Less than before means that the others have
            begun anew: then it counts from here.
        """
        with self._lock:
            for arm, total in experience.items():
                if not 0 <= arm < self.n_arms:
                    continue
                if total[0] < self._foreign.get(arm, (0, 0.0))[0]:
                    self._replayed[arm] = total
                self._foreign[arm] = total

    def _replay(self) -> None:
        with self._lock:
            lessons = {
                arm: _difference(total, self._replayed.get(arm, (0, 0.0)))
                for arm, total in self._foreign.items()
            }
            self._replayed = dict(self._foreign)
        for arm, (pulls, rewards) in lessons.items():
            if pulls > 0:
                mean = min(1.0, max(0.0, rewards / pulls))
                for _ in range(min(pulls, self._most)):
                    self._policy.update(arm, mean)


def _difference(
    total: tuple[int, float], before: tuple[int, float]
) -> tuple[int, float]:
    return total[0] - before[0], total[1] - before[1]
