"""The methods of the comparison by name, with their settings."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from boundwise.benchmarks.submodular.play import Maintainer
from boundwise.core.errors import InputError
from boundwise.solvers.submodular.baselines import (
    IncrementalGreedy,
    LattanziMaximizer,
    PeriodicGreedy,
    RandomSubset,
    SieveStreaming,
)
from boundwise.solvers.submodular.maximizer import DynamicMaximizer
from boundwise.solvers.submodular.objectives import Coverage, Objective

#: Name -> class whose first arguments are the objective and k.
METHODS: Mapping[str, Callable[..., Maintainer]] = {
    "dynamic-maximizer": DynamicMaximizer,
    "lattanzi": LattanziMaximizer,
    "sieve-streaming": SieveStreaming,
    "periodic-greedy": PeriodicGreedy,
    "incremental-greedy": IncrementalGreedy,
    "random-subset": RandomSubset,
}


def parameters_of(name: str) -> tuple[str, ...]:
    """Return the names of a method's settings."""
    known = inspect.signature(METHODS[name]).parameters.values()
    keywords = [p.name for p in known if p.kind is inspect.Parameter.KEYWORD_ONLY]
    return tuple(keyword for keyword in keywords if keyword != "seed")


def check_settings(name: str, settings: Mapping[str, Any]) -> None:
    """Refuse settings that a method would not take.

    Raises
    ------
    InputError
        If a setting is unknown or out of range.
    """
    known = parameters_of(name)
    for setting in settings:
        if setting not in known:
            raise InputError(
                f"settings of {name} must be among {', '.join(known) or 'none'}, got "
                f"{setting!r}."
            )
    METHODS[name](Coverage([[1.0]]), 1, **settings)


def maker(
    name: str,
    objective: Objective,
    k: int,
    eps: float,
    seed: int,
    settings: Mapping[str, Any],
) -> Callable[[], Maintainer]:
    """Return a function that makes a method for an instance.

    The instance's eps goes to methods of guesses that are not given one; stochastic
    greedy keeps its own.
    """
    arguments = dict(settings)
    if "eps" in parameters_of(name) and name != "periodic-greedy":
        arguments.setdefault("eps", eps)
    return lambda: METHODS[name](objective, k, seed=seed, **arguments)
