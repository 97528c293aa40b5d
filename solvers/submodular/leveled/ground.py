"""The alive elements: a compact list, their singletons, and who changed last.

Elements are chained by the time of their last change, so that a guess that was not
looked at for a while reads exactly what has changed since, each element once.
"""

import math

from boundwise.solvers.submodular.compiled import compiled
from boundwise.solvers.submodular.leveled.fields import (
    changed,
    elements,
    now,
    rules,
    shares,
    singles,
    singles_in,
)
from boundwise.solvers.submodular.leveled.oracle import marginal
from boundwise.solvers.submodular.leveled.state import (
    ALIVE,
    CALLS_SINGLETON,
    LARGEST_BUCKET,
    LOG_BASE,
    N_ALIVE,
    NEWER,
    NEWEST,
    NONE,
    OFFSET,
    OLDER,
    PLACE,
    TIME,
)


@compiled(internal=True)
def _bucket(state: int, value: float) -> int:
    """Return the row of ``singles_in`` for a singleton with (1+eps)^j <= f(e)."""
    j = math.floor(math.log(value) / shares(state)[LOG_BASE])
    # Subnormal numbers share the first row.
    return int(max(0, j + rules(state)[OFFSET]))


@compiled(internal=True)
def _touch(state: int, e: int) -> None:
    """Make an element the one that changed last."""
    now(state)[TIME] += 1
    if changed(state)[e] != NONE:
        older, newer = elements(state, OLDER)[e], elements(state, NEWER)[e]
        if newer == NONE:
            now(state)[NEWEST] = older
        else:
            elements(state, OLDER)[newer] = older
        if older != NONE:
            elements(state, NEWER)[older] = newer
    changed(state)[e] = now(state)[TIME]
    elements(state, OLDER)[e] = now(state)[NEWEST]
    elements(state, NEWER)[e] = NONE
    if now(state)[NEWEST] != NONE:
        elements(state, NEWER)[now(state)[NEWEST]] = e
    now(state)[NEWEST] = e


@compiled(internal=True)
def compute_single(state: int, e: int) -> None:
    """Ask for f(e): one call."""
    singles(state)[e] = marginal(state, 0, e, 0)
    now(state)[CALLS_SINGLETON] += 1


@compiled(internal=True)
def add(state: int, e: int) -> None:
    """Make an element alive, its singleton known."""
    _touch(state, e)
    elements(state, PLACE)[e] = now(state)[N_ALIVE]
    elements(state, ALIVE)[now(state)[N_ALIVE]] = e
    now(state)[N_ALIVE] += 1
    if singles(state)[e] > 0.0:
        b = _bucket(state, singles(state)[e])
        singles_in(state)[b] += 1
        now(state)[LARGEST_BUCKET] = max(now(state)[LARGEST_BUCKET], b)


@compiled(internal=True)
def remove(state: int, e: int) -> None:
    """Make an element dead."""
    _touch(state, e)
    last = elements(state, ALIVE)[now(state)[N_ALIVE] - 1]
    elements(state, ALIVE)[elements(state, PLACE)[e]] = last
    elements(state, PLACE)[last] = elements(state, PLACE)[e]
    elements(state, PLACE)[e] = NONE
    now(state)[N_ALIVE] -= 1
    if singles(state)[e] > 0.0:
        singles_in(state)[_bucket(state, singles(state)[e])] -= 1
        b = now(state)[LARGEST_BUCKET]
        while b >= 0 and singles_in(state)[b] == 0:
            b -= 1
        now(state)[LARGEST_BUCKET] = b
