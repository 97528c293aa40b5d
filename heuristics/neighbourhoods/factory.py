"""Neighbourhoods by name, for the command line and keyword arguments."""

from collections.abc import Callable, Sequence

from boundwise.core.errors import InputError
from boundwise.heuristics.neighbourhoods.crossover import Crossover
from boundwise.heuristics.neighbourhoods.graph_ball import GraphBall
from boundwise.heuristics.neighbourhoods.mutation import Mutation
from boundwise.heuristics.neighbourhoods.rins import Rins
from boundwise.heuristics.protocols import Neighbourhood

NEIGHBOURHOODS: dict[str, Callable[[], Neighbourhood]] = {
    "rins": Rins,
    "crossover": Crossover,
    "mutation": Mutation,
    "graph-ball": GraphBall,
}


def make_neighbourhoods(
    arms: Sequence[str | Neighbourhood] | None,
) -> tuple[Neighbourhood, ...]:
    """Return the neighbourhoods that ``arms`` names.

    Parameters
    ----------
    arms
        Names in `NEIGHBOURHOODS` or objects with ``name`` and ``propose``; None for
        all that are shipped.

    Raises
    ------
    InputError
        If a name is unknown, an object is no neighbourhood, two have the same name,
        or there is none.

    Examples
    --------
    >>> [arm.name for arm in make_neighbourhoods(["rins", "mutation"])]
    ['rins', 'mutation']
    """
    if isinstance(arms, str):
        raise InputError(f"arms must be a sequence of names, got {arms!r}.")
    chosen = tuple(NEIGHBOURHOODS) if arms is None else tuple(arms)
    made = []
    for arm in chosen:
        if isinstance(arm, str):
            if arm not in NEIGHBOURHOODS:
                raise InputError(
                    f"arms must be among {', '.join(NEIGHBOURHOODS)}, got {arm!r}."
                )
            made.append(NEIGHBOURHOODS[arm]())
        elif isinstance(arm, Neighbourhood) and not isinstance(arm, type):
            made.append(arm)
        else:
            raise InputError(
                "an arm must be a name or have name and propose, "
                f"got {type(arm).__name__}."
            )
    names = [arm.name for arm in made]
    if not names or len(set(names)) != len(names):
        raise InputError(f"arms must be at least one, of distinct names, got {names}.")
    return tuple(made)
