"""What arms have earned on earlier problems, for the next one of the same kind.

A file holds, for each arm, a number of calls and a mean reward. In a new solve arms
have their first calls as ever; then they are drawn by what they earned before, and more
and more by what they earn on the new problem: priors that do not fit it cannot hurt for
long. What is saved after a solve is the old evidence, discounted, and the new.
"""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from boundwise.core.arguments import as_number
from boundwise.core.errors import InputError
from boundwise.core.files import write_json
from boundwise.heuristics.scheduling.arm import ArmStatistics

_FORMAT = "boundwise arm priors"
#: Factor on the evidence of earlier problems with each new one.
_DISCOUNT = 0.7
#: Calls after which the mean reward of an arm counts as much as that of all arms.
_HALF_TRUST = 5.0
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


def expected_rewards(names: Iterable[str], priors: Priors) -> dict[str, float]:
    """Return what each arm may be expected to earn, in [0, 1].

    Parameters
    ----------
    names
        The arms.
    priors
        What is known. An arm without a prior counts as average, and one with little
        evidence nearly so.

    Examples
    --------
    >>> priors = {"rins": ArmPrior(15.0, 0.1), "rens": ArmPrior(5.0, 0.3)}
    >>> expected_rewards(["rins", "dins", "rens"], priors)
    {'rins': 0.125, 'dins': 0.2, 'rens': 0.25}
    """
    names = list(names)
    known = [priors[name] for name in names if name in priors]
    level = sum(prior.mean_reward for prior in known) / max(1, len(known))
    result = {}
    for name in names:
        prior = priors.get(name, ArmPrior(0.0, level))
        trust = prior.calls / (prior.calls + _HALF_TRUST)
        result[name] = level + trust * (prior.mean_reward - level)
    return result
