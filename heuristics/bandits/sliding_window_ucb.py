r"""Upper confidence bounds over the latest rounds only.

With n_i pulls of arm i among the last w rounds, and their mean reward m_i, the arm
pulled is that of the largest m_i + sqrt(exploration * ln(min(t, w)) / n_i); an arm that
was not pulled in the window comes first.

Garivier and Moulines (2011), arXiv:0805.3415.
"""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from boundwise.core.arguments import as_count, as_number
from boundwise.core.errors import InputError
from boundwise.heuristics.bandits.arms import check_pull, restrict
from boundwise.heuristics.bandits.means import largest


class SlidingWindowUCB:
    """Forget what was more than a window ago.

    Parameters
    ----------
    n_arms
        Number of arms, at least 1.
    window
        Number of rounds that count.
    exploration
        Factor under the root, positive.
    """

    def __init__(
        self, n_arms: int, window: int = 200, exploration: float = 0.6
    ) -> None:
        self.n_arms = as_count("n_arms", n_arms)
        self._window = as_count("window", window)
        self._exploration = as_number("exploration", exploration, above=0)
        self._latest: list[tuple[int, float]] = []

    def choose(
        self, rng: np.random.Generator, available: Sequence[int] | None = None
    ) -> int:
        """Return the arm of the largest upper confidence bound."""
        arms = restrict(self.n_arms, available)
        pulled = np.array([arm for arm, _ in self._latest], dtype=np.int64)
        rewards = np.array([reward for _, reward in self._latest])
        pulls = np.bincount(pulled, minlength=self.n_arms)[arms]
        if not pulls.all():
            return int(rng.choice(arms[pulls == 0]))
        sums = np.bincount(pulled, weights=rewards, minlength=self.n_arms)[arms]
        width = np.sqrt(self._exploration * np.log(len(pulled)) / pulls)
        return largest(arms, sums / pulls + width, rng)

    def update(self, arm: int, reward: float) -> None:
        """Count the reward and forget the round that leaves the window."""
        check_pull(self.n_arms, arm, reward)
        self._latest.append((int(arm), float(reward)))
        del self._latest[: -self._window]

    def to_dict(self) -> dict[str, Any]:
        """Return what is in the window, as JSON holds it."""
        return {
            "policy": type(self).__name__,
            "n_arms": self.n_arms,
            "latest": [list(pull) for pull in self._latest],
        }

    def restore(self, state: dict[str, Any]) -> Self:
        """Go on from what another policy of this kind has seen.

        Raises
        ------
        InputError
            If the state is of another kind of policy or number of arms, or damaged;
            the policy is then left as it was.
        """
        if (
            not isinstance(state, dict)
            or state.get("policy") != type(self).__name__
            or state.get("n_arms") != self.n_arms
            or not isinstance(state.get("latest"), list)
        ):
            raise InputError(
                f"state must be of a {type(self).__name__} of {self.n_arms} arms."
            )
        latest = []
        for pull in state["latest"]:
            try:
                arm, reward = pull
                check_pull(self.n_arms, arm, reward)
            except (TypeError, ValueError) as error:
                raise InputError(f"state['latest'] is damaged: {error}.") from error
            latest.append((int(arm), float(reward)))
        self._latest = latest[-self._window :]
        return self
