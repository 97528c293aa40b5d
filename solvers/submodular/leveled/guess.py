"""One guess under updates: insert, delete, the triggers of rebuilds, catching up.

    insert e: the last level l <= T+1 with f(e | G_{l-1}) >= tau, by binary search;
        rebuild the first level that has doubled, or append a level if l = T+1
    delete e: unlink it; a pick stays in G, dead, for conditioning. Rebuild level j if
        value:  f(G - dead) < (1-eps_d) f(G) and j is the first level that lost more
                than eps_d of its gain
        count:  j is the first level that lost more than eps_d of its bucket

A guess that was not looked at for a while catches up with what has changed since:
insertion and deletion of the same element cancel.
"""

from boundwise.solvers.submodular.compiled import compiled
from boundwise.solvers.submodular.leveled.construct import construct, forget, remembered
from boundwise.solvers.submodular.leveled.fields import (
    arrivals,
    changed,
    do,
    elements,
    guess,
    levels,
    links,
    now,
    pending_address,
    pendings,
    picks,
    recorded,
    rules,
    shares,
    singles,
    worth,
)
from boundwise.solvers.submodular.leveled.lists import count_from, put, take
from boundwise.solvers.submodular.leveled.permute import (
    construct_single,
    insert_single,
    reach,
)
from boundwise.solvers.submodular.leveled.state import (
    ALL,
    BUCKET_SIZE,
    BUILT,
    CALLS_PLACE,
    CALLS_VALUE,
    COUNT_TRIGGER,
    DEAD,
    DEATHS,
    DELETED,
    DO_INSERT,
    DO_REBUILD,
    DO_REPAIR,
    DO_VALUE,
    FRESH,
    GAMMA,
    INSERTED,
    LEVEL,
    LIVE,
    MODE,
    N_DEAD,
    NEWEST,
    NONE,
    OLDER,
    ONE_PER_LEVEL,
    PLACE,
    SIZE,
    START,
    SYNCED,
    TAU,
    TIME,
    TOP,
    TOTAL,
    TRIGGER,
    WHO,
    K,
)


def rebuild(state: int, s: int, i: int, _c: int, _d: int) -> float:
    """Rebuild guess s from level i on."""
    construct(state, s, i)
    return 0.0


def rebuild_single(state: int, s: int, i: int, _c: int, _d: int) -> float:
    """Rebuild guess s from level i on, with one element a level."""
    construct_single(state, s, i, NONE)
    return 0.0


@compiled(internal=True)
def _pick_of(state: int, s: int, e: int, begin: int, end: int) -> int:
    """Return the position of a pick in a range, or -1."""
    for p in range(begin, end):
        if picks(state, s, WHO)[p] == e:
            return p
    return NONE


@compiled(internal=True)
def _revived(state: int, s: int, e: int) -> bool:
    """Bring a dead pick that was inserted again back to life."""
    if guess(state, s)[N_DEAD] == 0:
        return False
    p = _pick_of(state, s, e, 0, guess(state, s)[SIZE])
    if p == NONE:
        return False
    picks(state, s, DEAD)[p] = 0
    guess(state, s)[N_DEAD] -= 1
    guess(state, s)[FRESH] = 0
    i = 1
    while levels(state, s, START)[i + 1] <= p:
        i += 1
    put(state, s, e, i)
    return True


def insert(state: int, s: int, e: int, _c: int, _d: int) -> float:
    """Insert an element with f(e) >= tau into guess s."""
    if not _revived(state, s, e):
        _insert(state, s, e)
    return 0.0


def insert_into_single(state: int, s: int, e: int, _c: int, _d: int) -> float:
    """Insert an element with f(e) >= tau into guess s, with one element a level."""
    insert_single(state, s, e)
    return 0.0


@compiled(internal=True)
def _insert(state: int, s: int, e: int) -> None:
    if rules(state)[TRIGGER] == COUNT_TRIGGER:
        forget(state, s, e, 0)
    i = reach(state, s, e, CALLS_PLACE)
    put(state, s, e, i)
    doubled = NONE
    for j in range(1, min(i, guess(state, s)[TOP]) + 1):
        levels(state, s, INSERTED)[j] += 1
        if (
            doubled == NONE
            and levels(state, s, INSERTED)[j] >= levels(state, s, BUILT)[j]
        ):
            doubled = j
    if doubled != NONE:
        do(state, DO_REBUILD, s, doubled)
    elif i > guess(state, s)[TOP] and guess(state, s)[SIZE] < rules(state)[K]:
        do(state, DO_REBUILD, s, i)


@compiled(internal=True)
def delete(state: int, s: int, e: int) -> None:
    """Delete an element of guess s; `repair` decides about rebuilds."""
    i = links(state, s, LEVEL)[e]
    take(state, s, e)
    if rules(state)[TRIGGER] == COUNT_TRIGGER:
        for j in range(1, min(i, guess(state, s)[TOP]) + 1):
            levels(state, s, DELETED)[j] += remembered(state, s, e, j)
    if i > guess(state, s)[TOP]:
        return
    p = _pick_of(
        state, s, e, levels(state, s, START)[i], levels(state, s, START)[i + 1]
    )
    if p != NONE:
        picks(state, s, DEAD)[p] = 1
        guess(state, s)[N_DEAD] += 1
        guess(state, s)[FRESH] = 0
        if rules(state)[MODE] == ONE_PER_LEVEL:
            do(state, DO_REBUILD, s, i)


@compiled(internal=True)
def survivors(state: int, s: int) -> float:
    """Return the sum of the gains of the picks that are alive: at most f of them."""
    if guess(state, s)[N_DEAD] == 0:
        return float(worth(state, s)[TOTAL])
    total = 0.0
    for p in range(guess(state, s)[SIZE]):
        if not picks(state, s, DEAD)[p]:
            total += recorded(state, s)[p]
    return total


@compiled(internal=True)
def live_value(state: int, s: int) -> float:
    """Return f(G without the dead): known without dead picks, else one call."""
    if guess(state, s)[N_DEAD] == 0:
        return float(worth(state, s)[TOTAL])
    if not guess(state, s)[FRESH]:
        count = 0
        for p in range(guess(state, s)[SIZE]):
            if not picks(state, s, DEAD)[p]:
                pendings(state)[count] = picks(state, s, WHO)[p]
                count += 1
        worth(state, s)[LIVE] = do(state, DO_VALUE, pending_address(state), count)
        now(state)[CALLS_VALUE] += 1
        guess(state, s)[FRESH] = 1
    return float(worth(state, s)[LIVE])


def repair(state: int, s: int, _b: int, _c: int, _d: int) -> float:
    """Rebuild guess s from the level that a trigger names, if one does."""
    i = _damaged(state, s)
    if i != NONE:
        do(state, DO_REBUILD, s, i)
    return 0.0


@compiled(internal=True)
def _damaged(state: int, s: int) -> int:
    """Return the level that a trigger names, or -1."""
    share = shares(state)[DEATHS]
    if rules(state)[TRIGGER] == COUNT_TRIGGER:
        for i in range(1, guess(state, s)[TOP] + 1):
            if levels(state, s, DELETED)[i] > share * levels(state, s, BUCKET_SIZE)[i]:
                return i
        return NONE
    if guess(state, s)[N_DEAD] == 0:
        return NONE
    target = (1.0 - share) * worth(state, s)[TOTAL]
    # The gains of the survivors are a lower bound: often enough to save a call.
    if survivors(state, s) >= target or live_value(state, s) >= target:
        return NONE
    for i in range(1, guess(state, s)[TOP] + 1):
        whole = dead = 0.0
        for p in range(levels(state, s, START)[i], levels(state, s, START)[i + 1]):
            whole += recorded(state, s)[p]
            dead += recorded(state, s)[p] * picks(state, s, DEAD)[p]
        if dead > share * whole:
            return i
    return NONE


@compiled(internal=True)
def belongs(state: int, s: int, e: int) -> bool:
    """Tell whether an alive element is one for guess s."""
    value = singles(state)[e]
    if rules(state)[MODE] == ALL and value > worth(state, s)[GAMMA]:
        return False
    return bool(value >= worth(state, s)[TAU])


def catch_up(state: int, s: int, _b: int, _c: int, _d: int) -> float:
    """Bring guess s up to date with the alive elements."""
    since = guess(state, s)[SYNCED]
    guess(state, s)[SYNCED] = now(state)[TIME]
    inserted = 0
    e = now(state)[NEWEST]
    while e != NONE and changed(state)[e] > since:
        alive, inside = elements(state, PLACE)[e] != NONE, links(state, s, LEVEL)[e] > 0
        if inside and not alive:
            delete(state, s, e)
        elif alive and not inside and belongs(state, s, e):
            arrivals(state)[inserted] = e
            inserted += 1
        e = elements(state, OLDER)[e]
    do(state, DO_REPAIR, s, 0)
    if inserted > count_from(state, s, 1, guess(state, s)[TOP] + 1):
        for c in range(inserted):
            put(state, s, arrivals(state)[c], 1)
        do(state, DO_REBUILD, s, 1)
    else:
        for c in range(inserted - 1, -1, -1):
            do(state, DO_INSERT, s, arrivals(state)[c])
    do(state, DO_REPAIR, s, 0)
    return 0.0
