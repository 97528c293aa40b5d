import itertools

import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.instances.checker import check
from boundwise.instances.generators import FAMILIES, generate
from boundwise.instances.generators.demo import DEMO, demo_instance
from boundwise.instances.generators.graphs import clique_cover, random_graph
from boundwise.instances.generators.independent_set import maximum_independent_set
from boundwise.instances.generators.knapsack import multiple_knapsack
from boundwise.instances.generators.set_cover import set_cover


@pytest.mark.parametrize("family", FAMILIES)
def test_a_seed_makes_the_instance_and_its_name(family):
    size = "items=60,bids=150," if family == "combinatorial_auction" else ""
    first, second, other = (generate(f"{family}:{size}seed={s}") for s in (3, 3, 4))
    assert first.name == second.name != other.name
    assert first.name.startswith(family)
    assert first.name.endswith("s3")
    assert (first.matrix != second.matrix).nnz == 0
    np.testing.assert_array_equal(first.objective, second.objective)
    differs = first.matrix.shape != other.matrix.shape
    assert differs or (first.matrix != other.matrix).nnz or (
        first.objective != other.objective
    ).any()  # fmt: skip
    assert len(set(first.names)) == first.n_variables


def test_set_cover_keeps_the_rules_of_balas_and_ho():
    problem = set_cover(rows=40, cols=90, density=0.1, max_cost=7, seed=2)
    dense = problem.matrix.toarray()
    assert dense.sum() == round(40 * 90 * 0.1)
    assert dense.sum(axis=0).min() >= 1
    assert dense.sum(axis=1).min() >= 2
    assert set(problem.objective) <= set(range(1, 8))
    assert check(problem, np.ones(90)).strict
    assert not check(problem, np.zeros(90)).strict


@pytest.mark.parametrize("graph", ["er", "ba"])
def test_cliques_cover_the_edges_and_nothing_else(graph):
    edges = random_graph(30, graph, 0.3, 4, np.random.default_rng(1))
    wanted = {tuple(e) for e in edges.tolist()}
    assert all(a < b for a, b in wanted)
    cliques = clique_cover(30, edges)
    covered = {
        tuple(sorted(pair)) for c in cliques for pair in itertools.combinations(c, 2)
    }
    assert covered == wanted


def test_barabasi_albert_has_the_right_number_of_edges():
    edges = random_graph(50, "ba", 0.0, 3, np.random.default_rng(0))
    assert len(edges) == len({tuple(e) for e in edges.tolist()}) == 3 * 47


def test_the_clique_rows_describe_independent_sets():
    problem = maximum_independent_set(nodes=8, graph="er", density=0.4, seed=1)
    edges = random_graph(8, "er", 0.4, 5, np.random.default_rng(1))
    for bits in itertools.product((0.0, 1.0), repeat=8):
        independent = all(bits[a] + bits[b] <= 1 for a, b in edges.tolist())
        assert check(problem, np.array(bits)).strict == independent


@pytest.mark.parametrize(
    ("scheme", "low", "high"),
    [("weak", -99, 99), ("strong", 10, 10), ("subset_sum", 0, 0)],
)
def test_knapsack_profits_follow_their_scheme(scheme, low, high):
    problem = multiple_knapsack(items=50, knapsacks=4, scheme=scheme, seed=1)
    weight = problem.matrix.toarray()[0, :50]
    difference = problem.objective[:50] - weight
    assert difference.min() >= low
    assert difference.max() <= high
    total = int(weight.sum())
    assert problem.row_upper[:4].sum() == pytest.approx(total // 2, abs=1)


def test_facility_and_lot_sizing_problems_are_feasible():
    problem = generate("capacitated_facility_location:customers=9,facilities=5,seed=3")
    x = np.zeros(problem.n_variables)
    x[:5] = 1.0
    x[5:] = 1.0 / 5
    assert check(problem, np.round(x, 1)).strict
    problem = generate("lot_sizing:products=4,periods=9,utilization=1.5,seed=3")
    # Buying every unit before the first period is always possible.
    demand = problem.row_upper[: 4 * 9].reshape(4, 9)
    stock = demand.sum(axis=1, keepdims=True) - demand.cumsum(axis=1)
    x = np.concatenate([np.zeros(72), stock.ravel(), demand.sum(axis=1)])
    assert check(problem, x).strict


def test_a_removed_edge_pays_its_cost():
    problem = generate("generalized_independent_set:nodes=8,density=1,removable=1")
    x = np.zeros(problem.n_variables)
    x[:2] = 1.0
    assert not check(problem, x).strict
    x[problem.names.index("y0_1")] = 1.0
    report = check(problem, x)
    assert report.strict
    assert report.objective == 199


def test_auctions_sell_each_good_once_and_one_bid_a_bidder():
    problem = generate("combinatorial_auction:items=10,bids=40,seed=2")
    assert set(problem.matrix.data) == {1.0}
    assert (problem.row_upper == 1).all()
    assert (problem.objective > 0).all()
    bidders = [n for n in problem.row_names if n.startswith("bidder")]
    assert bidders
    sizes = problem.matrix.toarray()[-len(bidders) :].sum(axis=1)
    assert 2 <= sizes.min() <= sizes.max() <= 6


@pytest.mark.parametrize(
    "spec",
    [
        "nothing", "set_cover:rows", "set_cover:foo=1", "set_cover:rows=a",
        "set_cover:rows=1", "set_cover:rows=5,rows=6", "set_cover:density=2",
        "set_cover:rows=50,cols=50,density=0.001", "set_cover:seed=-1",
        "multiple_knapsack:scheme=odd", "multiple_knapsack:items=0",
        "maximum_independent_set:graph=xy",
        "maximum_independent_set:nodes=5,affinity=5",
        "minimum_vertex_cover:graph=er,density=nan", "lot_sizing:utilization=0",
        "capacitated_facility_location:ratio=0.5",
        "combinatorial_auction:add_item=1",
        "generalized_independent_set:removable=-1",
    ],
)  # fmt: skip
def test_wrong_specifications_are_refused(spec):
    with pytest.raises(InputError):
        generate(spec)


def test_the_demo_is_generated_at_once_and_named():
    problem = demo_instance()
    assert problem.name == generate(DEMO).name
    assert problem.n_variables == 2000
