"""Policies by name, for the command line and keyword arguments."""

from collections.abc import Callable

from boundwise.core.errors import InputError
from boundwise.heuristics.bandits.epsilon_greedy import EpsilonGreedy
from boundwise.heuristics.bandits.exp3 import Exp3
from boundwise.heuristics.bandits.exp3ix import Exp3IX
from boundwise.heuristics.bandits.round_robin import RoundRobin
from boundwise.heuristics.bandits.sliding_window_ucb import SlidingWindowUCB
from boundwise.heuristics.bandits.softmax import Softmax
from boundwise.heuristics.bandits.streaming import Streaming
from boundwise.heuristics.bandits.thompson import Thompson
from boundwise.heuristics.bandits.ucb import UCB
from boundwise.heuristics.bandits.uniform import Uniform
from boundwise.heuristics.protocols import Policy

POLICIES: dict[str, Callable[[int], Policy]] = {
    "exp3ix": Exp3IX,
    "exp3": Exp3,
    "epsilon-greedy": EpsilonGreedy,
    "modified-epsilon-greedy": lambda n_arms: EpsilonGreedy(n_arms, weighted=True),
    "thompson": Thompson,
    "ucb1": UCB,
    "discounted-ucb": lambda n_arms: UCB(n_arms, 0.6, discount=0.98),
    "sliding-window-ucb": SlidingWindowUCB,
    "softmax": Softmax,
    "discounted-softmax": lambda n_arms: Softmax(n_arms, discount=0.98),
    "streaming": Streaming,
    "round-robin": RoundRobin,
    "uniform": Uniform,
}


def make_policy(policy: str | Policy, n_arms: int) -> Policy:
    """Return a policy for ``n_arms`` arms.

    Parameters
    ----------
    policy
        A name in `POLICIES`, or a policy that was made for ``n_arms`` arms.
    n_arms
        Number of arms.

    Raises
    ------
    InputError
        If the name is unknown, or the policy has another number of arms.

    Examples
    --------
    >>> make_policy("exp3ix", 3).n_arms
    3
    """
    if isinstance(policy, str):
        if policy not in POLICIES:
            raise InputError(
                f"policy must be one of {', '.join(POLICIES)}, got {policy!r}."
            )
        return POLICIES[policy](n_arms)
    if not isinstance(policy, Policy):
        raise InputError(
            "policy must be a name or have n_arms, choose and update, "
            f"got {type(policy).__name__}."
        )
    if policy.n_arms != n_arms:
        raise InputError(
            f"policy must have {n_arms} arms, one for each neighbourhood, "
            f"got {policy.n_arms}."
        )
    return policy
