"""Robust instances: generators, text formats, files, the published collection."""

import itertools
import os
from pathlib import Path

import numpy as np
import pytest

from boundwise.core.errors import InputError, NotAvailableError
from boundwise.instances.generators.robust import ROBUST_FAMILIES, generate_robust
from boundwise.instances.robust import (
    KnapsackInstance,
    published_budgeting,
    published_knapsack,
    published_names,
    published_results,
    read_budgeting,
    read_knapsack,
)
from boundwise.instances.robust.collection import ENVIRONMENT
from boundwise.instances.robust.storage import read_robust, write_robust


def has_collection():
    folders = os.environ.get(ENVIRONMENT, "").split(os.pathsep)
    return any((Path(f) / "kp_instances.json.gz").is_file() for f in folders if f)


needs_collection = pytest.mark.skipif(
    not has_collection(), reason=f"{ENVIRONMENT} names no folder with instances"
)


@pytest.mark.parametrize("kind", ["UN", "WC", "ASC", "SC"])
@pytest.mark.parametrize("delta", [0.1, 1.0])
def test_knapsacks_are_whole_and_nothing_is_below_one(kind, delta):
    for seed in range(20):
        data = generate_robust(
            f"robust_knapsack:n=50,correlation={kind},delta={delta},seed={seed}"
        )
        for name in ("profit", "degradation", "repair", "weight", "outsource"):
            values = getattr(data, name)
            assert values.min() >= 1
            assert (values == np.rint(values)).all()
        assert data.gamma == pytest.approx(5.0)
        assert data.capacity == np.floor(40 / 101 * data.weight.sum())


def test_strongly_correlated_profits_are_the_weight_and_a_constant():
    data = generate_robust("robust_knapsack:n=30,correlation=SC,seed=1")
    assert (data.profit == data.weight + 100).all()


def test_risks_are_on_the_simplex_and_the_budget_is_half_the_cost():
    data = generate_robust("robust_budgeting:n=40,seed=2")
    for risk in (data.cost_risk, data.revenue_risk):
        assert risk.min() >= 0
        assert risk.sum(axis=1) == pytest.approx(np.ones(40))
    assert data.budget == pytest.approx(data.cost.sum() / 2)
    assert data.revenue == pytest.approx(data.cost / 5)
    assert data.loans is None
    loans = generate_robust("robust_budgeting:n=40,seed=2,loans=1").loans
    assert loans.limit == pytest.approx(data.cost.sum())


@pytest.mark.parametrize("family", ROBUST_FAMILIES)
def test_a_seed_gives_one_instance_and_a_file_keeps_it(family, tmp_path):
    first, again, other = (generate_robust(f"{family}:seed={s}") for s in (3, 3, 4))
    write_robust(first, tmp_path / "a.npz")
    back = read_robust(tmp_path / "a.npz")
    changed = False
    for name in first.__dataclass_fields__:
        value = getattr(first, name)
        assert np.array_equal(value, getattr(again, name)) or value == getattr(
            again, name
        )
        kept = getattr(back, name)
        assert np.array_equal(value, kept) or value == kept
        changed |= name != "name" and not np.array_equal(value, getattr(other, name))
    assert changed


def test_loans_survive_the_file(tmp_path):
    data = generate_robust("robust_budgeting:n=3,loans=1")
    write_robust(data, tmp_path / "a.npz")
    assert read_robust(tmp_path / "a.npz").loans == data.loans


@pytest.mark.parametrize("size", [0, 40, 200])
def test_a_truncated_file_is_refused(size, tmp_path):
    path = tmp_path / "a.npz"
    write_robust(generate_robust("robust_knapsack:n=5"), path)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(InputError, match="not a robust instance"):
        read_robust(path)


def test_the_text_formats_are_read_and_the_budget_stays_real(tmp_path):
    knapsack = tmp_path / "RKP_tiny"
    knapsack.write_text(" 2 10 0.5\n 5 1 2 3 6\n 7 2 1 4 9\n")
    data = read_knapsack(knapsack)
    assert (data.n, data.capacity, data.gamma) == (2, 10.0, 0.5)
    assert data.name == "RKP_tiny"
    assert data.repair.tolist() == [2, 1]
    assert data.weight.tolist() == [3, 4]
    assert data.outsource.tolist() == [6, 9]
    budgeting = tmp_path / "CB_n2_xi1_s0.txt"
    budgeting.write_text("0 2 1 23.51 7\n3 4\n1 2\n0.5\n0.25\n1\n0\n")
    data = read_budgeting(budgeting)
    assert data.budget == 23.51
    assert data.cost_risk.tolist() == [[0.5], [0.25]]
    assert data.revenue_risk.tolist() == [[1.0], [0.0]]
    assert read_budgeting(budgeting, loans=True).loans.limit == 7


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2 10 1\n1 2 3 4 5\n", "2 lines of 5 numbers"),
        ("2.5 10 1\n", "positive integer"),
        ("2 10\n", "begin with 3 numbers"),
        ("2 ten 1\n", "not a table"),
        ("1 10 1\n1 2 nan 4 5\n", "finite"),
        ("1 10 1\n1 2 -3 4 5\n", "repair"),
    ],
)
def test_damaged_text_is_refused(text, message, tmp_path):
    path = tmp_path / "damaged"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_knapsack(path)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("profit", [1.0, np.nan], r"profit\[1\] must be finite"),
        ("weight", [-1.0, 2.0], "weight"),
        ("repair", [1.0], "repair must have shape"),
        ("capacity", np.inf, "capacity must be finite"),
        ("gamma", -0.5, "gamma must be a non-negative number"),
        ("gamma", "many", "gamma must be a non-negative number"),
        ("profit", "ab", "profit must be numbers"),
    ],
)
def test_wrong_data_are_refused_by_name(name, value, message):
    good = {
        "profit": [3.0, 4.0],
        "degradation": [1.0, 1.0],
        "repair": [1.0, 1.0],
        "weight": [2.0, 2.0],
        "outsource": [4.0, 5.0],
        "capacity": 3.0,
        "gamma": 1.0,
    }
    with pytest.raises(InputError, match=message):
        KnapsackInstance(**(good | {name: value}))


def test_a_missing_collection_is_said_to_be_missing(monkeypatch):
    monkeypatch.setenv(ENVIRONMENT, "")
    with pytest.raises(NotAvailableError, match=ENVIRONMENT):
        published_names("kp")


@needs_collection
def test_the_published_budget_is_real_unless_it_is_to_be_compared():
    name = next(n for n in published_names("cb") if "_n10_" in n)
    real, floored = published_budgeting(name), published_budgeting(name, floored=True)
    assert real.budget != int(real.budget)
    assert floored.budget == int(real.budget)


@needs_collection
def test_published_objectives_are_reproduced_by_the_exact_worst_case():
    from boundwise.solvers.robust import RobustKnapsack

    results = published_results("kp")
    small = sorted(name for name in results if "_n20_" in name)[::6]
    large = sorted(name for name in results if "_n80_" in name)[::36]
    for name in itertools.chain(small, large):
        row = results[name]
        problem = RobustKnapsack.from_instance(published_knapsack(name))
        x = np.array([float(bit) for bit in row["n2ro_x"]])
        worst = problem.worst_case(x)
        assert worst.is_exact
        assert -worst.cost == pytest.approx(float(row["n2ro_obj"]), rel=3e-5)
