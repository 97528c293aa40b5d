"""The mixed-integer programs, against the subset dynamic program."""

import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.core.status import Status, Termination
from boundwise.instances.generators.sem import simulate_dag, simulate_sem
from boundwise.solvers.dag.metrics import is_acyclic
from boundwise.solvers.dag.mip import learn_exact
from boundwise.solvers.dag.mip.costs import PricedLeastSquares, least_variance
from boundwise.solvers.dag.mip.heuristic import OrderSearch
from boundwise.solvers.dag.mip.parents import undominated
from boundwise.solvers.dag.moments import Moments
from boundwise.solvers.dag.subset_dp import best_order_of_table


def data(d, k, seed, standardize=False):
    W = simulate_dag(d, k=k, seed=seed)
    return simulate_sem(W, 300, seed=seed, standardize=standardize)


def subset_optimum(X, price):
    """Return the best priced score by dynamic programming over sets."""
    S = Moments.of_data(X).S
    d = len(S)
    bits = np.arange(1 << d)
    costs = np.full((d, 1 << d), np.inf)
    for j in range(d):
        for A in bits[(bits >> j & 1) == 0]:
            inside = (A >> np.arange(d) & 1).astype(bool)
            own = 0.5 * least_variance(S, j, inside) + price * inside.sum()
            smaller = [costs[j, A ^ (1 << i)] for i in np.flatnonzero(inside)]
            costs[j, A] = min([own, *smaller])
    return best_order_of_table(costs, np.zeros((d, d), dtype=bool))[1]


CASES = [
    ("parents", 6, True),
    ("parents", 5, False),
    ("perspective", 3, False),
    ("big-m", 3, True),
]


@pytest.mark.parametrize(("formulation", "d", "standardize"), CASES)
@pytest.mark.parametrize(
    "heuristic", [True, pytest.param(False, marks=pytest.mark.slow)]
)
def test_the_optimum_is_that_of_the_subset_program(
    formulation, d, standardize, heuristic
):
    X = data(d, 1, d, standardize)
    found = learn_exact(X, 0.02, formulation=formulation, heuristic=heuristic)
    best = subset_optimum(X, 0.02)
    assert found.result.status is Status.OPTIMAL
    assert found.result.objective == pytest.approx(best, rel=1e-7)
    assert found.result.bound <= best + 1e-9
    assert found.result.bound == pytest.approx(best, rel=1e-4)
    assert is_acyclic(found.weights)


@pytest.mark.slow
@pytest.mark.parametrize("formulation", ["perspective", "big-m"])
@pytest.mark.parametrize("standardize", [False, True])
def test_optima_of_the_quadratic_programs(formulation, standardize):
    X = data(5, 1, 2, standardize)
    found = learn_exact(X, 0.02, formulation=formulation)
    assert found.result.status is Status.OPTIMAL
    assert found.result.objective == pytest.approx(subset_optimum(X, 0.02), rel=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("price", [0.0, 0.01, 0.2])
@pytest.mark.parametrize("standardize", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_optima_of_many_problems(price, standardize, seed):
    X = data(7, 1, seed, standardize)
    found = learn_exact(X, price)
    assert found.result.status is Status.OPTIMAL
    assert found.result.objective == pytest.approx(subset_optimum(X, price), rel=1e-7)


def test_without_a_price_the_score_is_that_of_the_best_order():
    X = data(5, 1, 3)
    found = learn_exact(X, 0.0)
    assert found.result.objective == pytest.approx(subset_optimum(X, 0.0), rel=1e-9)
    place = np.argsort(found.order)
    i, j = np.nonzero(found.weights)
    assert (place[i] < place[j]).all()


def test_objective_weights_and_result_agree():
    X = data(5, 1, 1) + 10.0
    before = X.copy()
    found = learn_exact(X, 0.05)
    np.testing.assert_array_equal(X, before)
    Z = X - X.mean(axis=0)
    loss = 0.5 * ((Z - Z @ found.weights) ** 2).sum() / len(Z)
    priced = loss + 0.05 * np.count_nonzero(found.weights)
    assert found.result.objective == pytest.approx(priced, rel=1e-9)
    np.testing.assert_array_equal(found.result.x, found.weights.ravel())
    objectives = [event.objective for event in found.result.trace]
    assert objectives == sorted(objectives, reverse=True)


def test_a_high_price_leaves_no_edge():
    found = learn_exact(data(4, 1, 0), 1e3)
    assert not found.weights.any()
    assert found.result.status is Status.OPTIMAL


def test_the_search_beats_or_equals_scip_on_its_own_in_the_same_time():
    X = data(9, 2, 5)
    found = learn_exact(X, 0.02, formulation="perspective", time_limit=1.0)
    assert found.result.status is Status.FEASIBLE
    assert found.result.termination is Termination.TIME_LIMIT
    assert found.result.bound <= found.result.objective
    assert found.result.objective <= subset_optimum(X, 0.02) * 1.02


def test_scip_takes_the_graphs_of_the_search():
    # A bad start is refused nothing: the first solution is the search's.
    found = learn_exact(data(6, 2, 2), 0.02, formulation="parents")
    assert found.result.trace[0].who == "topological"
    assert np.isfinite(found.result.trace[0].objective)


def test_undominated_parent_sets_hold_every_best_set():
    S = Moments.of_data(data(6, 2, 4)).S
    kept = dict(undominated(S, 2, 0.05))
    for A in range(1 << 6):
        if A >> 2 & 1:
            continue
        inside = [P for P in range(A + 1) if P | A == A and not P >> 2 & 1]
        masks = {P: (P >> np.arange(6) & 1).astype(bool) for P in inside}
        best = min(
            0.5 * least_variance(S, 2, m) + 0.05 * m.sum() for m in masks.values()
        )
        found = min(cost for P, cost in kept.items() if P | A == A)
        assert found == pytest.approx(best, rel=1e-10)


def test_priced_costs_are_of_their_weights_and_all_parents_count_without_a_price():
    moments = Moments.of_data(data(6, 2, 7))
    S, before = moments.S, np.array([0, 1, 3, 5])
    value, weights = PricedLeastSquares(S, 0.1).cost(2, before)
    B = np.zeros(6)
    B[2], B[before] = 1.0, -weights
    assert value == pytest.approx(0.5 * B @ S @ B + 0.1 * np.count_nonzero(weights))
    free, all_weights = PricedLeastSquares(S, 0.0).cost(2, before)
    assert np.count_nonzero(all_weights) == 4
    assert free <= value


def test_an_order_is_tried_once():
    search = OrderSearch(Moments.of_data(data(5, 1, 0)), 0.02)
    assert search.from_order(np.arange(5)) is not None
    assert search.from_order(np.arange(5)) is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"price": -1.0}, "price must be"),
        ({"price": np.inf}, "price must be"),
        ({"price": 0.1, "formulation": "cones"}, "formulation must be"),
        ({"price": 0.1, "heuristic": 1}, "heuristic must be"),
        ({"price": 0.1, "time_limit": 0.0}, "time_limit must be"),
    ],
)
def test_arguments_that_mean_nothing_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        learn_exact(data(3, 1, 0), **arguments)


def test_too_many_or_dependent_columns_are_refused():
    with pytest.raises(InputError, match="at most 15"):
        learn_exact(data(16, 1, 0), 0.1, formulation="parents")
    with pytest.raises(InputError, match="rows for d=4"):
        learn_exact(data(4, 1, 0)[:3], 0.1)
    X = data(3, 1, 0)
    with pytest.raises(InputError, match="linear combination"):
        learn_exact(np.column_stack([X, X[:, 0] - X[:, 1]]), 0.1)
