"""Recompute what the levels of every guess must satisfy, from the objective alone."""

import numpy as np

from boundwise.solvers.submodular.leveled.state import (
    ALIVE,
    ALL,
    BUCKETS,
    DEAD,
    GAMMA,
    HEAD,
    LEVEL,
    LOG_BASE,
    MODE,
    N_ALIVE,
    N_DEAD,
    NEXT,
    NONE,
    ONE_PER_LEVEL,
    SIZE,
    START,
    SYNCED,
    TAU,
    TIME,
    TOP,
    TOTAL,
    WHO,
    K,
)

SLACK = 1e-9


def assert_invariants(maximizer):
    """Check I1 to I4 and the recorded gains in every guess that is up to date."""
    state, objective = maximizer._state, maximizer._objective
    alive = state.element[ALIVE, : state.now[N_ALIVE]].tolist()
    checked = 0
    for s in range(len(state.guess)):
        if state.guess[s, SYNCED] != state.now[TIME]:
            continue
        if len(alive) <= state.rules[K] and state.rules[MODE] != ALL:
            continue
        _assert_guess(state, objective, s, alive)
        checked += 1
    return checked


def _assert_guess(state, objective, s, alive):
    tau, gamma = state.worth[s, TAU], state.worth[s, GAMMA]
    top, size = state.guess[s, TOP], state.guess[s, SIZE]
    level, starts = state.link[s, LEVEL], state.level[s, START]
    singles = np.array([objective.value([e]) for e in range(objective.n)])
    members = {e for e in alive if singles[e] >= tau * (1 - SLACK)}
    if state.rules[MODE] == ALL:
        members = {e for e in members if singles[e] <= gamma * (1 + SLACK)}
    assert {e for e in range(objective.n) if level[e] > 0} == members  # I1
    picks = state.pick[s, WHO, :size].tolist()
    gains = state.gain[s, :size]
    stack = objective.stack(max(1, size))
    for p, e in enumerate(picks):
        gain = stack.gains(np.array([e]))[0]
        assert abs(gain - gains[p]) <= SLACK * max(1.0, gain)
        stack.push(e)
    assert np.isclose(state.worth[s, TOTAL], objective.value(picks))
    for e in members:
        if e in picks:
            p = picks.index(e)
            assert starts[level[e]] <= p < starts[level[e] + 1]
            assert not state.pick[s, DEAD, p]
            continue
        for i in range(1, top + 1):  # I2: e is in R_{i+1} exactly if it passes G_i
            gain = stack.gains(np.array([e]), int(starts[i + 1]))[0]
            if level[e] > i:
                assert gain >= tau * (1 - SLACK)
            elif level[e] == i:
                assert gain <= tau * (1 + SLACK)
    if size < state.rules[K]:  # I3
        assert all(level[e] <= top for e in members)
    if state.rules[MODE] != ONE_PER_LEVEL:  # I4
        _assert_edges(state, s, top, tau)
    assert state.guess[s, N_DEAD] == sum(p not in alive for p in picks)
    _assert_lists(state, s, members)


def _assert_edges(state, s, top, tau):
    base = np.exp(state.shares[LOG_BASE])
    highest = tau * base ** (state.rules[BUCKETS] - 1)
    for i in range(1, top + 1):
        theta = state.edge[s, i]
        assert theta >= tau * (1 - SLACK)
        begin, end = state.level[s, START, i], state.level[s, START, i + 1]
        assert begin < end
        for p in range(begin, end):
            assert state.gain[s, p] >= theta * (1 - SLACK)
            if theta < highest * (1 - SLACK):
                assert state.gain[s, p] <= base * theta * (1 + SLACK)


def _assert_lists(state, s, members):
    found = []
    for i in range(state.guess[s, TOP] + 2):
        e = state.level[s, HEAD, i]
        while e != NONE:
            assert state.link[s, LEVEL, e] == i
            found.append(int(e))
            e = state.link[s, NEXT, e]
    assert sorted(found) == sorted(members)
