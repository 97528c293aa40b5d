"""The dynamic maximizer: guarantee, invariants, traps, state, misuse."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boundwise.benchmarks.submodular.bars import CERTAIN, checks, random_objectives
from boundwise.core.errors import InputError
from boundwise.instances.generators.streams import delete_by_key, random_updates
from boundwise.solvers.submodular import DynamicMaximizer
from boundwise.solvers.submodular.objectives import (
    Coverage,
    FacilityLocation,
    GraphCut,
)
from tests.solvers.submodular.invariants import assert_invariants

OBJECTIVES = random_objectives(12, seed=3)
ANY_MODE = (
    *CERTAIN,
    {"mode": "all", "trigger": "count"},
    {"mode": "all", "trigger": "count", "bucket": "largest"},
)


def toggled(maximizer, elements):
    """Insert dead and delete alive elements, one after the other."""
    for e in elements:
        maximizer.update([("delete" if e in maximizer else "insert", e)])
        yield e


@pytest.mark.parametrize("options", CERTAIN, ids=str)
@pytest.mark.parametrize("adaptive", [False, True])
def test_value_and_certificate_hold_against_brute_force(options, adaptive):
    for name in ("coverage", "log-determinant"):
        for check in checks(
            OBJECTIVES[name], 3, 0.2, options, updates=30, adaptive=adaptive, seed=1
        ):
            assert check.kept
            assert check.bracketed


@pytest.mark.slow
@pytest.mark.parametrize("options", CERTAIN, ids=str)
@pytest.mark.parametrize("eps", [0.1, 0.2, 0.3])
@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_objective_and_certain_mode_holds(name, options, eps):
    for seed in (1, 2):
        objective = random_objectives(12, seed)[name]
        for adaptive in (False, True):
            for check in checks(
                objective, 4, eps, options, updates=60, adaptive=adaptive, seed=seed
            ):
                assert check.kept
                assert check.bracketed


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    elements=st.lists(st.integers(0, 11), max_size=40),
    name=st.sampled_from(sorted(OBJECTIVES)),
    options=st.sampled_from(ANY_MODE),
    k=st.integers(1, 5),
    seed=st.integers(0, 5),
)
def test_invariants_hold_after_every_update(elements, name, options, k, seed):
    objective = OBJECTIVES[name]
    maximizer = DynamicMaximizer(objective, k, seed=seed, **options)
    alive = set()
    for e in toggled(maximizer, elements):
        alive ^= {e}
        assert_invariants(maximizer)
        chosen = maximizer.solution()
        assert set(chosen) <= alive
        assert len(chosen) <= k
        assert maximizer.value() == pytest.approx(objective.value(chosen))
        assert len(maximizer) == len(alive)


def test_invariants_are_checked_in_more_than_one_guess():
    maximizer = DynamicMaximizer(OBJECTIVES["coverage"], 3, mode="all")
    maximizer.update([("insert", e) for e in range(12)])
    assert assert_invariants(maximizer) > 3


def test_at_most_k_alive_elements_are_all_returned_with_an_exact_certificate():
    maximizer = DynamicMaximizer(OBJECTIVES["coverage"], 5)
    maximizer.update([("insert", e) for e in (7, 2, 9)])
    assert maximizer.solution() == [2, 7, 9]
    lower, upper = maximizer.certificate()
    assert lower == upper == OBJECTIVES["coverage"].value([2, 7, 9])


def test_large_elements_are_kept_in_the_pair_so_that_not_full_proves_a_bound():
    """One element is worth far more than the guess under which it arrives."""
    sets = np.zeros((30, 1000))
    sets[np.arange(29), np.arange(29)] = 1
    sets[29, 29:] = 1
    maximizer = DynamicMaximizer(Coverage(sets), 3)
    maximizer.update([("insert", e) for e in range(30)])
    lower, upper = maximizer.certificate()
    assert lower == 973.0
    assert 973.0 <= upper <= 1.06 * 973.0


def test_a_strict_pair_comes_close_to_its_bound_or_is_full():
    objective = OBJECTIVES["facility location"]
    for strict, share in ((True, 0.8), (False, 0.3)):
        maximizer = DynamicMaximizer(objective, 2, strict=strict, top_up=False)
        maximizer.update([("insert", e) for e in range(12)])
        state = maximizer._state
        s = state.now[5]
        full = state.guess[s, 2] == 2
        assert full or maximizer.value() >= share * maximizer.certificate()[1]


def test_top_up_replaces_dead_picks():
    disjoint = Coverage(np.eye(40))
    with_it = DynamicMaximizer(disjoint, 20, eps=0.5)
    without = DynamicMaximizer(disjoint, 20, eps=0.5, top_up=False)
    for maximizer in (with_it, without):
        maximizer.update([("insert", e) for e in range(40)])
        for _ in range(4):
            maximizer.delete(min(maximizer._state.solution[:1].tolist()))
    assert with_it.value() == 20.0
    assert without.value() < 20.0


def test_the_default_keeps_its_calls_under_deletion_by_degree():
    """The highest bucket alone has no amortization; the balanced one has."""
    graph = nx.barabasi_albert_graph(1500, 5, seed=0)
    objective = Coverage(graph)
    degrees = [degree for _, degree in graph.degree]
    stream = delete_by_key(degrees)
    maximizer = DynamicMaximizer(objective, 20)
    maximizer.update(stream)
    assert maximizer.stats["oracle_calls"] / len(stream) < 60


def test_calls_per_update_do_not_grow_with_the_ground_set():
    calls = []
    for n in (1000, 8000):
        rng = np.random.default_rng(0)
        sets = np.zeros((n, 60))
        sets[np.repeat(np.arange(n), 5), rng.integers(60, size=5 * n)] = 1
        maximizer = DynamicMaximizer(Coverage(sets), 10)
        stream = random_updates(n, 3 * n)
        maximizer.update(stream)
        calls.append(maximizer.stats["oracle_calls"] / len(stream))
    assert calls[1] <= 1.2 * calls[0]


def test_samples_are_uniform_within_the_bucket_of_a_level():
    """Elements that came after the last doubling are in no sample, by design."""
    n, k, runs = 30, 6, 800
    objective = Coverage(np.eye(n))
    hits = np.zeros(n)
    for seed in range(runs):
        maximizer = DynamicMaximizer(
            objective, k, mode="all", trigger="count", top_up=False, seed=seed
        )
        maximizer.update([("insert", e) for e in range(n)])
        state = maximizer._state
        # The guess gamma = 2k f(e) has seen all elements since its last rebuild.
        s = int(np.argmax(state.worth[:, 1]))
        members = np.flatnonzero(state.snapshot[s, 0] & 2)
        hits[state.pick[s, 0, : state.guess[s, 2]]] += 1
    # Uniform over the members of the snapshot, which the doubling fixes.
    expected = hits[members].mean()
    chi2 = ((hits[members] - expected) ** 2 / expected).sum() / (len(members) - 1)
    assert chi2 < 1.8
    assert hits.sum() == hits[members].sum()


def test_one_seed_gives_one_course():
    stream = random_updates(12, 200, seed=4)
    courses = []
    for seed in (5, 5, 6):
        maximizer = DynamicMaximizer(OBJECTIVES["facility location"], 3, seed=seed)
        maximizer.update(stream)
        courses.append(maximizer._state.pick.tobytes())
    assert courses[0] == courses[1]
    assert courses[0] != courses[2]


def test_a_batch_equals_its_updates_one_by_one():
    stream = random_updates(12, 150, seed=2)
    whole = DynamicMaximizer(OBJECTIVES["log-determinant"], 4)
    whole.update(stream)
    single = DynamicMaximizer(OBJECTIVES["log-determinant"], 4)
    for word, e in stream:
        getattr(single, word)(e)
    assert whole.solution() == single.solution()
    assert dict(whole.stats) == dict(single.stats)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("k", 0),
        ("k", 1.5),
        ("eps", 0.0),
        ("eps", float("nan")),
        ("eps", 0.7),
        ("mode", "both"),
        ("trigger", "count"),
        ("bucket", 1),
        ("strict", 1),
        ("refresh_budget", -1),
        ("seed", -1),
    ],
)
def test_parameters_out_of_range_are_named(argument, value):
    with pytest.raises(InputError, match=argument):
        DynamicMaximizer(OBJECTIVES["coverage"], **{"k": 3, argument: value})


def test_an_objective_without_the_protocol_is_refused():
    with pytest.raises(InputError, match="objective must have"):
        DynamicMaximizer(len, 3)


def test_checkpoints_follow_a_stream():
    stream = random_updates(12, 25, seed=0)
    maximizer = DynamicMaximizer(OBJECTIVES["coverage"], 3)
    looks = list(maximizer.run(stream, every=10))
    assert [look.updates for look in looks] == [10, 20, 25]
    assert all(look.lower == look.value <= look.upper for look in looks)
    assert set(looks[-1].solution) <= set(stream.alive_after(25).tolist())


def test_a_cut_is_subsampled_and_its_certificate_holds():
    """Without monotonicity no ratio is promised; the bounds still are."""
    rng = np.random.default_rng(0)
    weights = np.triu(rng.random((12, 12)) < 0.4, 1).astype(float)
    objective = GraphCut(weights + weights.T)
    maximizer = DynamicMaximizer(objective, 4)
    assert maximizer._subset.min() == 0
    alive = set()
    for e in toggled(maximizer, rng.integers(12, size=40).tolist()):
        alive ^= {e}
        lower, upper = maximizer.certificate()
        chosen = maximizer.solution()
        assert set(chosen) <= alive
        assert lower == pytest.approx(objective.value(chosen))
        assert 0.0 <= lower <= upper


def test_worthless_elements_are_harmless():
    maximizer = DynamicMaximizer(FacilityLocation(np.zeros((6, 3))), 2)
    maximizer.update([("insert", e) for e in range(6)])
    assert maximizer.certificate() == (0.0, 0.0)


@pytest.mark.parametrize("options", CERTAIN, ids=str)
def test_gains_over_the_whole_range_of_floats_are_bracketed(options):
    """A subnormal singleton must not lead below the first row of the counts."""
    objective = Coverage(np.eye(4), weights=[5e-324, 1e-300, 1.0, 1e307])
    maximizer = DynamicMaximizer(objective, 2, **options)
    for e in range(4):
        maximizer.insert(e)
        lower, upper = maximizer.certificate()
        assert lower <= upper
    assert maximizer.value() >= 0.3e307
    assert maximizer._state.singles_in.sum() == 4
    maximizer.update([("delete", e) for e in range(4)])
    assert maximizer._state.singles_in.sum() == 0


def test_oblivious_deletions_hit_a_sample_in_proportion():
    """Counts of deaths do not look at the sample, so it loses what its bucket loses."""
    n, k, runs = 40, 8, 400
    objective = Coverage(np.eye(n))
    lost, share = 0, 0.0
    for seed in range(runs):
        maximizer = DynamicMaximizer(
            objective,
            k,
            eps=0.5,
            mode="all",
            trigger="count",
            top_up=False,
            seed=seed,
        )
        maximizer.update([("insert", e) for e in range(n)])
        state = maximizer._state
        s = int(np.argmax(state.worth[:, 1]))
        members = np.flatnonzero(state.snapshot[s, 0] & 2)
        gone = members[: len(members) // 5]
        before = state.pick[s, 0].copy()
        maximizer.update([("delete", int(e)) for e in gone])
        state = maximizer._state
        assert np.array_equal(state.pick[s, 0], before)
        lost += int(state.pick[s, 1].sum())
        share = len(gone) / len(members)
    # Four standard deviations of a binomial share.
    deviation = (share * (1 - share) / (runs * k)) ** 0.5
    assert 0.1 < share < 0.25
    assert abs(lost / (runs * k) - share) < 4 * deviation


def uncertain_looks(strict):
    """Count updates after which a guess far from its bound, not full, is current."""
    found = 0
    for seed in range(4):
        rng = np.random.default_rng(seed)
        objective = Coverage(rng.random((60, 80)) < 0.06)
        maximizer = DynamicMaximizer(objective, 8, strict=strict, seed=seed)
        maximizer.update([("insert", e) for e in range(60)])
        while len(maximizer) > 12:
            maximizer.delete(maximizer.solution()[0])
            state = maximizer._state
            s = int(np.flatnonzero(state.guess[:, 0] == state.now[3])[0])
            gamma, total = state.worth[s, 1], state.worth[s, 2]
            found += state.guess[s, 2] < 8 and total < 0.9 * (total + gamma / 2)
    return found


def test_strict_goes_down_until_a_guess_is_full_or_close_to_its_bound():
    """Half of the bound is easily reached: a loose pair stops at such a guess."""
    assert uncertain_looks(strict=True) == 0
    assert uncertain_looks(strict=False) > 0
