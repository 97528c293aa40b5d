"""The baselines: true values, equal accounting, and what each is known for."""

import itertools

import networkx as nx
import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.instances.generators.adversary import Adversary
from boundwise.instances.generators.set_systems import heavy_tailed_sets
from boundwise.instances.generators.streams import (
    delete_by_key,
    random_updates,
    sliding_window,
)
from boundwise.solvers.submodular.baselines import (
    IncrementalGreedy,
    LattanziMaximizer,
    PeriodicGreedy,
    RandomSubset,
    SieveStreaming,
)
from boundwise.solvers.submodular.objectives import (
    Coverage,
    FacilityLocation,
    GraphCut,
    LogDeterminant,
)
from boundwise.solvers.submodular.static import maximize

MAKERS = {
    "lattanzi": LattanziMaximizer,
    "sieve": SieveStreaming,
    "sieve++": lambda f, k, **o: SieveStreaming(f, k, plus_plus=True, **o),
    "periodic": lambda f, k, **o: PeriodicGreedy(f, k, period=7, **o),
    "stochastic": lambda f, k, **o: PeriodicGreedy(
        f, k, period=7, method="stochastic", **o
    ),
    "incremental": IncrementalGreedy,
    "random": RandomSubset,
}
#: What takes long to compile is tested before a release.
_SLOW = ("lattanzi", "sieve", "sieve++", "periodic", "stochastic")


def each(names):
    """Return the names as parameters, the slow ones marked."""
    return [
        pytest.param(name, marks=[pytest.mark.slow] if name in _SLOW else [])
        for name in names
    ]


#: Share of the optimum that a method keeps: (1 - eps) / 2 over the ratio of guesses.
SHARES = {"lattanzi": 0.8 / 2.6, "sieve": 1 / 2.6, "sieve++": 1 / 2.6}


def small(n=11, seed=0):
    rng = np.random.default_rng(seed)
    factor = rng.random((n, 4))
    return [
        Coverage(rng.random((n, 18)) < 0.25, rng.random(18)),
        FacilityLocation(rng.random((n, 6))),
        LogDeterminant(factor @ factor.T),
    ]


def optimum(objective, alive, k):
    sets = itertools.combinations(alive, min(k, len(alive)))
    return max(objective.value(list(chosen)) for chosen in sets)


@pytest.mark.parametrize("name", each(MAKERS))
def test_values_are_true_and_shares_are_kept_at_every_update(name):
    for objective in small():
        method = MAKERS[name](objective, 3)
        stream = random_updates(objective.n, 90, seed=2)
        alive = set()
        for word, element in stream:
            method.update([(word, element)])
            (alive.add if word == "insert" else alive.remove)(element)
            chosen = method.solution()
            assert set(chosen) <= alive
            assert len(chosen) == len(set(chosen)) <= 3
            assert len(method) == len(alive)
            assert method.value() == pytest.approx(objective.value(chosen), abs=1e-9)
            if alive and name in SHARES:
                best = optimum(objective, sorted(alive), 3)
                assert method.value() >= SHARES[name] * best - 1e-9


@pytest.mark.parametrize("name", each(SHARES))
def test_shares_are_kept_against_an_adversary(name):
    objective = small(n=12, seed=5)[0]
    method = MAKERS[name](objective, 4)
    alive = set()
    for word, element in Adversary(12, 150, seed=1).play(method.solution):
        method.update([(word, element)])
        (alive.add if word == "insert" else alive.remove)(element)
        best = optimum(objective, sorted(alive), 4)
        assert method.value() >= SHARES[name] * best - 1e-9


@pytest.mark.parametrize("name", each(MAKERS))
def test_one_batch_does_what_single_updates_do(name):
    objective = Coverage(heavy_tailed_sets(150, seed=1))
    stream = random_updates(150, 400, seed=3)
    whole, single = MAKERS[name](objective, 8), MAKERS[name](objective, 8)
    whole.update(stream)
    for word, element in stream:
        getattr(single, word)(element)
    assert whole.solution() == single.solution()
    assert whole.stats == single.stats
    assert whole.value() == single.value()


@pytest.mark.parametrize("name", each(MAKERS))
def test_every_insertion_costs_one_call_for_the_element(name):
    objective = Coverage(heavy_tailed_sets(150, seed=1))
    stream = random_updates(150, 400, seed=3)
    method = MAKERS[name](objective, 8)
    method.update(stream)
    stats = method.stats
    assert stats["singleton_calls"] == int(stream.is_insertion.sum())
    assert stats["updates"] == 400
    kinds = ("singleton_calls", "gain_calls", "value_calls")
    assert stats["oracle_calls"] == sum(stats[kind] for kind in kinds)
    assert stats["solution_changes"] >= len(method.solution())


class PlainSieve:
    """Sieve-streaming with deletions, written out."""

    def __init__(self, objective, k, ratio=1.3):
        self.f, self.k, self.calls, self.alive = objective, k, 0, []
        singles = [objective.value([e]) for e in range(objective.n)]
        low, high = min(s for s in singles if s > 0), k * max(singles)
        self.gammas = [low]
        while self.gammas[-1] <= high:
            self.gammas.append(self.gammas[-1] * ratio)
        self.sets = [[] for _ in self.gammas]

    def offer(self, g, element):
        chosen, tau = self.sets[g], self.gammas[g] / (2 * self.k)
        if len(chosen) == self.k or self.f.value([element]) < tau:
            return
        gain = self.f.value([*chosen, element]) - self.f.value(chosen)
        self.calls += len(chosen) > 0
        if gain >= tau:
            chosen.append(element)

    def update(self, word, element):
        if word == "insert":
            self.calls += 1
            self.alive.append(element)
            for g in range(len(self.gammas)):
                self.offer(g, element)
            return
        self.alive.remove(element)
        for g, chosen in enumerate(self.sets):
            if element in chosen:
                chosen.clear()
                for other in self.alive:
                    self.offer(g, other)


@pytest.mark.slow
def test_the_sieve_does_what_it_does_by_hand():
    objective = Coverage(heavy_tailed_sets(60, seed=4))
    method, plain = SieveStreaming(objective, 5), PlainSieve(objective, 5)
    for word, element in random_updates(60, 250, seed=1):
        method.update([(word, element)])
        plain.update(word, element)
        best = max(objective.value(chosen) for chosen in plain.sets)
        assert method.value() == best
        assert method.stats["oracle_calls"] == plain.calls


@pytest.mark.slow
def test_the_plus_plus_thresholds_cost_less_for_about_the_same():
    objective = Coverage(heavy_tailed_sets(600, seed=4))
    stream = sliding_window(600, seed=1)
    both = [SieveStreaming(objective, 10, plus_plus=p) for p in (False, True)]
    values = []
    for count in range(50, 1100, 50):
        piece = slice(count - 50, count)
        for method in both:
            method.update((stream.is_insertion[piece], stream.elements[piece]))
        values.append([method.value() for method in both])
    ratio = np.array(values)[:, 1] / np.array(values)[:, 0]
    assert ratio.mean() > 0.9
    calls = [method.stats["oracle_calls"] for method in both]
    assert calls[1] < calls[0] / 3


@pytest.mark.parametrize(
    "make",
    [
        IncrementalGreedy,
        pytest.param(
            lambda f, k: PeriodicGreedy(f, k, period=1), marks=pytest.mark.slow
        ),
    ],
)
def test_what_is_exact_at_every_update_is_greedy_from_scratch(make):
    objective = Coverage(heavy_tailed_sets(80, seed=2))
    method = make(objective, 6)
    alive = set()
    for word, element in random_updates(80, 300, seed=5):
        method.update([(word, element)])
        (alive.add if word == "insert" else alive.remove)(element)
        wanted = maximize(objective, 6, elements=sorted(alive))
        assert method.solution() == sorted(wanted.solution.tolist())
        assert method.value() == pytest.approx(wanted.value)


@pytest.mark.slow
def test_incremental_greedy_asks_for_less_than_greedy_at_every_update():
    objective = Coverage(heavy_tailed_sets(80, seed=2))
    stream = random_updates(80, 300, seed=5)
    both = IncrementalGreedy(objective, 6), PeriodicGreedy(objective, 6, period=1)
    for method in both:
        method.update(stream)
    calls = [method.stats["oracle_calls"] for method in both]
    assert calls[0] < calls[1]


@pytest.mark.slow
def test_periodic_greedy_shines_on_a_window_and_collapses_under_targeted_deletion():
    A = heavy_tailed_sets(1500, seed=3)
    objective = Coverage(A)

    def ratios(stream):
        method = PeriodicGreedy(objective, 20, period=200)
        found = []
        for count in range(60, len(stream) - 60, 60):
            piece = slice(count - 60, count)
            method.update((stream.is_insertion[piece], stream.elements[piece]))
            best = maximize(
                objective, 20, elements=stream.alive_after(count), certify=False
            )
            found.append(method.value() / best.value)
        return np.array(found)

    assert ratios(sliding_window(1500, seed=0))[12:].mean() > 0.95
    targeted = ratios(delete_by_key(np.diff(A.indptr), seed=0))
    assert targeted.min() < 0.2


def test_every_subset_is_as_likely_as_any_other():
    objective = Coverage(np.eye(12))
    stream = random_updates(12, 15, fill=1.0, seed=0)
    alive = stream.alive_after(15)
    assert len(alive) > 5
    counts = np.zeros(12)
    for seed in range(600):
        method = RandomSubset(objective, 3, seed=seed)
        method.update(stream)
        counts[method.solution()] += 1
    assert counts.sum() == 1800
    expected = 1800 / len(alive)
    chi2 = ((counts[alive] - expected) ** 2 / expected).sum() / (len(alive) - 1)
    assert chi2 < 2.5


@pytest.mark.parametrize("name", each(["lattanzi", "stochastic", "random"]))
def test_a_seed_makes_the_run(name):
    objective = Coverage(heavy_tailed_sets(150, seed=1))
    stream = random_updates(150, 400, seed=3)
    runs = []
    for seed in (1, 1, 2):
        method = MAKERS[name](objective, 8, seed=seed)
        method.update(stream)
        runs.append((method.solution(), dict(method.stats)))
    assert runs[0] == runs[1] != runs[2]


@pytest.mark.parametrize("name", each(MAKERS))
def test_misuse_is_a_key_error_and_changes_nothing(name):
    method = MAKERS[name](small()[0], 3)
    method.update([("insert", 1), ("insert", 2)])
    before = method.solution(), method.stats
    for ops in (
        [("insert", 3), ("insert", 1)],
        [("delete", 5)],
        [("delete", 1), ("delete", 1)],
        [("insert", 99)],
        [("insert", "a")],
    ):
        with pytest.raises(KeyError, match="element"):
            method.update(ops)
        assert (method.solution(), method.stats) == before
    method.delete(1)
    method.insert(1)
    assert 1 in method
    assert 7 not in method
    assert "x" not in method


def test_elements_keep_their_names():
    graph = nx.Graph([("a", "b"), ("a", "c"), ("d", "e")])
    method = IncrementalGreedy(Coverage(graph), 2)
    method.update([("insert", name) for name in "abcde"])
    assert method.solution() == ["a", "d"]
    method.delete("a")
    assert method.value() == 4.0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda f: IncrementalGreedy(f, 0), "k must be"),
        (lambda f: LattanziMaximizer(f, 2, eps=1.0), "eps must be"),
        (lambda f: SieveStreaming(f, 2, ratio=1.0), "ratio must be"),
        (lambda f: PeriodicGreedy(f, 2, period=0), "period must be"),
        (lambda f: PeriodicGreedy(f, 2, method="fast"), "method must be"),
        (lambda f: PeriodicGreedy(f, 2, eps=0.0), "eps must be"),
        (lambda f: RandomSubset(f, 2, seed=-1), "seed"),
        (lambda f: RandomSubset(object(), 2), "objective must"),
        (lambda f: RandomSubset(GraphCut(1.0 - np.eye(2)), 1), "monotone"),
    ],
)
def test_arguments_out_of_range_are_named(make, message):
    with pytest.raises(InputError, match=message):
        make(small()[0])
