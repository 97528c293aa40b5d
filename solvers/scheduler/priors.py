"""What arms have earned on earlier problems, for the next one of the same kind.

A file holds, for each arm, a number of calls and a mean reward. A new solve tries the
arms in the order of these, and its policy starts as if each had been called a few times
with that reward; the number is bounded, so that what does not fit the new problem is
outweighed after as many real calls. What is saved after a solve is the old evidence,
discounted, and the new.
"""

import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from boundwise.core.arguments import as_number
from boundwise.core.errors import InputError
from boundwise.core.files import write_json
from boundwise.heuristics.protocols import Policy
from boundwise.heuristics.scheduling.arm import ArmStatistics

_FORMAT = "boundwise arm priors"
#: Factor on the evidence of earlier problems with each new one.
_DISCOUNT = 0.7
#: Calls of an arm that a prior may stand for at most.
_MOST_CALLS = 5
#: Largest number of calls that a file may hold.
_MOST_EVIDENCE = 1e9


@dataclass(frozen=True, slots=True)
class ArmPrior:
    """What is known of one arm.

    Parameters
    ----------
    calls
        Evidence, in calls; discounted, so not whole.
    mean_reward
        Mean reward of a call, in [0, 1].
    """

    calls: float
    mean_reward: float

    def __post_init__(self) -> None:
        """Validate the numbers."""
        for name, most in (("calls", _MOST_EVIDENCE), ("mean_reward", 1.0)):
            as_number(name, getattr(self, name), at_least=0, at_most=most)


Priors = Mapping[str, ArmPrior]


def read_priors(path: str | os.PathLike[str]) -> dict[str, ArmPrior]:
    """Read the priors that `write_priors` wrote.

    Raises
    ------
    InputError
        If the file is missing or holds something else.
    """
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
        if document["format"] != _FORMAT:
            raise ValueError(f"its format is {document['format']!r}")
        return {
            str(name): ArmPrior(entry["calls"], entry["mean_reward"])
            for name, entry in document["arms"].items()
        }
    except (
        OSError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        RecursionError,
    ) as error:
        raise InputError(f"{path!r} holds no arm priors: {error}.") from error


def write_priors(path: str | os.PathLike[str], priors: Priors) -> None:
    """Write priors as JSON, atomically.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    arms = {
        name: {"calls": prior.calls, "mean_reward": prior.mean_reward}
        for name, prior in sorted(priors.items())
    }
    write_json(path, {"format": _FORMAT, "arms": arms})


def updated(
    priors: Priors, statistics: Iterable[ArmStatistics], discount: float = _DISCOUNT
) -> dict[str, ArmPrior]:
    """Return priors with the evidence of a solve added to the discounted old.

    Examples
    --------
    >>> seen = ArmStatistics("rins", calls=2, rewards=1.0)
    >>> updated({"rins": ArmPrior(10.0, 0.0)}, [seen], discount=0.2)
    {'rins': ArmPrior(calls=4.0, mean_reward=0.25)}
    """
    result = {
        name: ArmPrior(discount * prior.calls, prior.mean_reward)
        for name, prior in priors.items()
    }
    for known in statistics:
        old = result.get(known.name, ArmPrior(0.0, 0.0))
        calls = min(_MOST_EVIDENCE, old.calls + known.calls)
        if calls > 0:
            total = old.calls * old.mean_reward + known.rewards
            mean = min(1.0, total / calls)
            result[known.name] = ArmPrior(calls, mean)
    return result


def teach(policy: Policy, names: Sequence[str], priors: Priors) -> list[str]:
    """Let a policy start as if arms had been called before.

    Parameters
    ----------
    policy
        Learns.
    names
        The arms in the policy's order.
    priors
        What is known; arms without a prior are left as they are.

    Returns
    -------
    list of str
        The arms to try first, the best before; unknown ones count as average, and
        those that earned nothing in `_MOST_CALLS` calls are left to the policy.
    """
    known = {name: priors[name] for name in names if name in priors}
    if not known:
        return list(names)
    # Halfway to the average of all: an arm that never earned anything must not stay
    # behind for ever.
    level = sum(prior.mean_reward for prior in known.values()) / len(known)
    # In turns, as a policy would see them: some weigh later rewards more.
    for turn in range(_MOST_CALLS):
        for place, name in enumerate(names):
            if name in known and turn < math.floor(known[name].calls):
                policy.update(place, 0.5 * (known[name].mean_reward + level))
    average = ArmPrior(0.0, level)
    promising = [
        name
        for name in names
        if known.get(name, average).calls < _MOST_CALLS or known[name].mean_reward > 0.0
    ]
    return sorted(promising, key=lambda name: -known.get(name, average).mean_reward)
