"""CONSTRUCT(i): rebuild the levels of one guess from i on.

    A = R_i
    loop:
        gains f(e | G_{i-1}) of A; those below tau stay at level i-1
        stop if A is empty or |G| = k
        choose a bucket of A by powers of 1+eps; theta_i = its lower edge
        draw from it uniformly, without replacement: accept what still gains theta_i,
            until k is reached, the bucket is empty, or too many draws are rejected
        i = i + 1

Whether to draw again is decided before the draw, so each accepted element is uniform
over that part of the bucket that still passes.
"""

import math

import numpy as np

from boundwise.solvers.submodular.compiled import compiled
from boundwise.solvers.submodular.leveled.fields import (
    candidates,
    edges,
    guess,
    levels,
    now,
    picks,
    promises,
    recorded,
    rules,
    shares,
    singles,
    snapshots,
    worth,
)
from boundwise.solvers.submodular.leveled.lists import gather, put
from boundwise.solvers.submodular.leveled.oracle import marginal, marginals, pop, push
from boundwise.solvers.submodular.leveled.random import below
from boundwise.solvers.submodular.leveled.state import (
    BUCKET_RULE,
    BUCKET_SIZE,
    BUCKETS,
    BUILT,
    CALLS_REBUILD,
    COUNT_TRIGGER,
    DEAD,
    DELETED,
    FRESH,
    HIGHEST,
    INSERTED,
    LARGEST,
    LOG_BASE,
    N_DEAD,
    REBUILDS,
    REJECTIONS,
    SIZE,
    SNAPSHOTS,
    START,
    TAU,
    TOP,
    TOTAL,
    TRIGGER,
    WHO,
    K,
)

#: A level does not end before so many draws are rejected.
_PATIENCE = 4
#: Slack for the rounding of a bucket's edge.
_EDGE = 1.0 - 1e-12


@compiled(internal=True)
def undo(state: int, s: int, i: int) -> None:
    """Remove the picks of level i and above from guess s."""
    kept = levels(state, s, START)[i]
    for p in range(guess(state, s)[SIZE] - 1, kept - 1, -1):
        e = picks(state, s, WHO)[p]
        pop(state, s + 1, e, p)
        guess(state, s)[N_DEAD] -= picks(state, s, DEAD)[p]
    guess(state, s)[SIZE] = kept
    total = 0.0
    for p in range(kept):
        total += recorded(state, s)[p]
    worth(state, s)[TOTAL] = total
    guess(state, s)[FRESH] = 0


@compiled(internal=True)
def accept(state: int, s: int, i: int, e: int, value: float) -> None:
    """Push an element with a gain on the stack of guess s, at level i."""
    p = guess(state, s)[SIZE]
    push(state, s + 1, e, p)
    picks(state, s, WHO)[p] = e
    picks(state, s, DEAD)[p] = 0
    recorded(state, s)[p] = value
    guess(state, s)[SIZE] = p + 1
    worth(state, s)[TOTAL] += value
    put(state, s, e, i)


@compiled(internal=True)
def _promising(state: int, s: int, i: int, count: int) -> int:
    """Compute the gains of the candidates; leave those below tau at level i-1."""
    if i == 1:
        for c in range(count):
            promises(state)[c] = singles(state)[candidates(state)[c]]
    else:
        size = guess(state, s)[SIZE]
        marginals(state, s + 1, count, size)
        now(state)[CALLS_REBUILD] += count
    tau = worth(state, s)[TAU]
    kept = 0
    for c in range(count):
        e = candidates(state)[c]
        if promises(state)[c] >= tau:
            candidates(state)[kept] = e
            promises(state)[kept] = promises(state)[c]
            kept += 1
        elif i > 1:
            put(state, s, e, i - 1)
    return kept


@compiled(internal=True)
def _bucket(state: int, s: int, value: float) -> int:
    """Return the bucket of a gain of at least tau; the last one has no upper edge."""
    b = int(math.log(value / worth(state, s)[TAU]) / shares(state)[LOG_BASE])
    return int(max(0, min(b, rules(state)[BUCKETS] - 1)))


@compiled(internal=True)
def _chosen_bucket(state: int, s: int, count: int) -> int:
    """Apply the bucket rule to the gains of the candidates."""
    sizes = np.zeros(rules(state)[BUCKETS], dtype=np.int64)
    filled = 0
    for c in range(count):
        b = _bucket(state, s, promises(state)[c])
        filled += sizes[b] == 0
        sizes[b] += 1
    rule = rules(state)[BUCKET_RULE]
    b = len(sizes) - 1
    if rule == LARGEST:
        for other in range(len(sizes)):
            b = other if sizes[other] > sizes[b] else b
        return b
    # Balanced: at least half of the average, so that a rebuild is still paid for.
    while sizes[b] == 0 or (rule != HIGHEST and 2 * filled * sizes[b] < count):
        b -= 1
    return b


@compiled(internal=True)
def _swap(state: int, a: int, b: int) -> None:
    e, value = candidates(state)[a], promises(state)[a]
    candidates(state)[a], promises(state)[a] = candidates(state)[b], promises(state)[b]
    candidates(state)[b], promises(state)[b] = e, value


@compiled(internal=True)
def _draw(state: int, s: int, i: int, count: int, theta: float) -> None:
    """Sample level i from the first ``count`` candidates; mark who is accepted."""
    first = guess(state, s)[SIZE]
    drawn = rejected = 0
    while drawn < count and guess(state, s)[SIZE] < rules(state)[K]:
        if rejected >= _PATIENCE and rejected >= shares(state)[REJECTIONS] * drawn:
            break
        _swap(state, drawn, drawn + below(state, count - drawn))
        e, value = candidates(state)[drawn], promises(state)[drawn]
        # Nothing was accepted yet: the gain is the one that chose the bucket.
        if guess(state, s)[SIZE] > first:
            value = marginal(state, s + 1, e, guess(state, s)[SIZE])
            now(state)[CALLS_REBUILD] += 1
        if value >= theta * _EDGE:
            accept(state, s, i, e, value)
            promises(state)[drawn] = -1.0
        else:
            rejected += 1
        drawn += 1


@compiled(internal=True)
def _sample(state: int, s: int, i: int, count: int) -> int:
    """Build level i from the candidates; return how many are left."""
    b = _chosen_bucket(state, s, count)
    inside = 0
    for c in range(count):
        if _bucket(state, s, promises(state)[c]) == b:
            _swap(state, inside, c)
            inside += 1
    theta = worth(state, s)[TAU] * math.exp(b * shares(state)[LOG_BASE])
    edges(state, s)[i] = theta
    levels(state, s, START)[i] = guess(state, s)[SIZE]
    levels(state, s, INSERTED)[i] = 0
    levels(state, s, BUILT)[i] = count
    levels(state, s, DELETED)[i] = 0
    levels(state, s, BUCKET_SIZE)[i] = inside
    if rules(state)[TRIGGER] == COUNT_TRIGGER:
        for c in range(inside):
            _remember(state, s, candidates(state)[c], i)
    _draw(state, s, i, inside, theta)
    left = 0
    for c in range(count):
        if promises(state)[c] >= 0.0:
            candidates(state)[left] = candidates(state)[c]
            left += 1
    return left


@compiled(internal=True)
def _remember(state: int, s: int, e: int, i: int) -> None:
    """Note that an element is in the bucket of level i."""
    snapshots(state, s, i >> 5)[e] |= 1 << (i & 31)


@compiled(internal=True)
def remembered(state: int, s: int, e: int, i: int) -> bool:
    """Tell whether an element was in the bucket of level i when it was built."""
    return bool((snapshots(state, s, i >> 5)[e] >> (i & 31)) & 1)


@compiled(internal=True)
def forget(state: int, s: int, e: int, i: int) -> None:
    """Forget that an element was in buckets of level i and above."""
    for w in range(rules(state)[SNAPSHOTS]):
        kept = max(0, min(32, i - 32 * w))
        snapshots(state, s, w)[e] &= (1 << kept) - 1


@compiled(internal=True)
def construct(state: int, s: int, i: int) -> None:
    """Rebuild guess s from level i on."""
    undo(state, s, i)
    count = gather(state, s, i, guess(state, s)[TOP] + 1)
    if rules(state)[TRIGGER] == COUNT_TRIGGER:
        for c in range(count):
            forget(state, s, candidates(state)[c], i)
    now(state)[REBUILDS] += 1
    count = _promising(state, s, i, count)
    while count > 0 and guess(state, s)[SIZE] < rules(state)[K]:
        count = _sample(state, s, i, count)
        i += 1
        count = _promising(state, s, i, count)
    for c in range(count):
        put(state, s, candidates(state)[c], i)
    guess(state, s)[TOP] = i - 1
    levels(state, s, START)[i] = guess(state, s)[SIZE]
