"""Fit ideals to data: choose between shared moments and Gram blocks."""

from collections.abc import Sequence
from dataclasses import dataclass

from boundwise.solvers.vanishing.gram import GramSource
from boundwise.solvers.vanishing.grow import grow_all
from boundwise.solvers.vanishing.ideal import Ideal
from boundwise.solvers.vanishing.moment_fit import MomentFitter
from boundwise.solvers.vanishing.settings import Settings


@dataclass(frozen=True, slots=True)
class Task:
    """Ask for one ideal.

    Parameters
    ----------
    psi
        Largest mean squared error that vanishes.
    parts
        Indices of the sources whose rows it is fitted to, all together.
    """

    psi: float
    parts: tuple[int, ...] = (0,)


def fit_ideals(
    settings: Settings, tasks: Sequence[Task], sources: Sequence[GramSource]
) -> list[Ideal]:
    """Fit several ideals, sharing sweeps over the data.

    Parameters
    ----------
    settings
        Everything but psi.
    tasks
        The ideals.
    sources
        Disjoint sets of rows of the same variables.

    Returns
    -------
    list of Ideal
        In the order of ``tasks``.
    """
    n_variables = sources[0].n_variables
    shared = settings.is_plain and MomentFitter.suits(n_variables, settings.max_degree)
    if shared:
        ideals = _by_moments(settings, tasks, sources)
        if ideals is not None:
            return ideals
    growths = [settings.growth(n_variables, task.parts, task.psi) for task in tasks]
    return grow_all(growths, sources)


def _by_moments(
    settings: Settings, tasks: Sequence[Task], sources: Sequence[GramSource]
) -> list[Ideal] | None:
    fitter = MomentFitter(
        sources, settings.max_degree, sparse=settings.oracle == "wihb"
    )
    ideals: dict[int, Ideal] = {}
    # The smallest psi goes first: it needs nearly all that the others need.
    for i in sorted(range(len(tasks)), key=lambda i: tasks[i].psi):
        ideal = fitter.fit(tasks[i].psi, tasks[i].parts)
        if ideal is None:
            return None
        ideals[i] = ideal
    return [ideals[i] for i in range(len(tasks))]
