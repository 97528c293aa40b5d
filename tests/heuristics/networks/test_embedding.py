"""Networks in SCIP models: the output variable is the network, in every formulation."""

import itertools
import time
from typing import Any

import numpy as np
import pytest
from pyscipopt import Model, quicksum

from boundwise.core.errors import InputError
from boundwise.heuristics.networks import (
    Bounds,
    Layer,
    Mlp,
    TriangleRelaxation,
    add_network,
    embed_network,
    interval_bounds,
    switch_separation_off,
)
from boundwise.heuristics.networks.relaxation import InputRows


def _model(size: int, upper: float = 1.0) -> tuple[Any, list[Any]]:
    model = Model()
    model.hideOutput()
    return model, [model.addVar(f"x{i}", lb=-1.0, ub=upper) for i in range(size)]


def _network(seed: int, sizes: tuple[int, ...] = (3, 6, 4, 1)) -> Mlp:
    rng = np.random.default_rng(seed)
    pairs = list(itertools.pairwise(sizes))
    return Mlp.from_arrays(
        [rng.normal(size=(b, a)) / np.sqrt(a) for a, b in pairs],
        [0.3 * rng.normal(size=b) for _, b in pairs],
    )


@pytest.mark.parametrize("formulation", ["auto", "sos1", "big-m"])
@pytest.mark.parametrize("bounds", ["interval", "lp"])
@pytest.mark.parametrize("seed", [1, 2])
def test_maximum_is_attained_by_the_network_and_beats_a_grid(
    formulation: Any, bounds: Any, seed: int
) -> None:
    network = _network(seed)
    model, inputs = _model(3)
    if formulation == "big-m":
        switch_separation_off(model)
    output = add_network(model, network, inputs, formulation=formulation, bounds=bounds)
    model.setObjective(output, "maximize")
    model.optimize()
    assert model.getStatus() == "optimal"
    point = [model.getVal(variable) for variable in inputs]
    value = model.getObjVal()
    assert network.forward([point]).item() == pytest.approx(value, abs=1e-5)
    axis = np.linspace(-1.0, 1.0, 21)
    grid = np.stack(np.meshgrid(axis, axis, axis), axis=-1).reshape(-1, 3)
    assert value >= network.forward(grid).max() - 1e-6


@pytest.mark.parametrize("formulation", ["sos1", "big-m"])
def test_fixed_inputs_give_the_forward_pass_for_all_outputs(formulation: Any) -> None:
    network = _network(3, (2, 5, 3))
    point = np.array([0.3, -0.7])
    for sense in ("minimize", "maximize"):
        model, inputs = _model(2)
        outputs = add_network(model, network, inputs, formulation=formulation)
        for variable, value in zip(inputs, point, strict=True):
            model.addCons(variable == value)
        model.setObjective(quicksum(outputs), sense)
        model.optimize()
        found = [model.getVal(output) for output in outputs]
        np.testing.assert_allclose(found, network.forward([point])[0], atol=1e-6)


def test_triangle_formulation_equals_the_linear_relaxation() -> None:
    network = _network(4)
    model, inputs = _model(3)
    model.addCons(quicksum(inputs) <= 0.5)
    model.setObjective(
        add_network(model, network, inputs, formulation="triangle"), "maximize"
    )
    model.optimize()
    rows = InputRows(np.ones((1, 3)), np.array([0.5]))
    relaxation = TriangleRelaxation(network, -1.0, 1.0, rows=rows)
    assert model.getObjVal() == pytest.approx(relaxation.maximize().value, abs=1e-6)


def test_stable_relus_cost_no_variables() -> None:
    # Over [0, 1]: x + 1 is active, -x - 1 is inactive, x - 0.5 is unstable.
    network = Mlp.from_arrays(
        [[[1.0], [-1.0], [1.0]], [[1.0, 1.0, 1.0]]], [[1.0, -1.0, -0.5], None]
    )
    model = Model()
    model.hideOutput()
    x = model.addVar("x", lb=0.0, ub=1.0)
    embedding = embed_network(model, network, [x])
    assert (embedding.active, embedding.inactive, embedding.unstable) == (1, 1, 1)
    assert model.getNVars() == 1 + 2 + 1
    model.setObjective(embedding.outputs[0], "maximize")
    model.optimize()
    assert model.getObjVal() == pytest.approx(2.5)


def test_a_relu_after_the_last_layer_is_modelled() -> None:
    network = Mlp((Layer(np.array([[1.0]]), np.zeros(1), relu=True),))
    model, (x,) = _model(1)
    output = add_network(model, network, [x])
    model.addCons(x == -0.5)
    model.setObjective(output, "maximize")
    model.optimize()
    assert model.getObjVal() == pytest.approx(0.0, abs=1e-9)


def test_inputs_far_from_any_training_range_are_not_cut_off() -> None:
    # A constant M of 20 would cut off every point beyond it.
    network = Mlp.from_arrays([[[1.0], [-1.0]], [[1.0, 1.0]]])
    for formulation in ("sos1", "big-m"):
        model = Model()
        model.hideOutput()
        x = model.addVar("x", lb=-5e3, ub=4e3)
        output = add_network(model, network, [x], formulation=formulation)  # type: ignore[arg-type]
        model.setObjective(output, "maximize")
        model.optimize()
        assert model.getObjVal() == pytest.approx(5e3)


def test_known_bounds_of_a_layer_are_used() -> None:
    network = Mlp.from_arrays([[[1.0]], [[1.0]]])
    model, inputs = _model(1)
    known = [Bounds(np.array([0.0]), np.array([1.0]))]
    assert embed_network(model, network, inputs, bounds=known).unstable == 0


def test_expressions_are_inputs_if_their_bounds_are_given() -> None:
    network = Mlp.from_arrays([[[1.0], [-1.0]], [[1.0, 1.0]]])
    model, (x, y) = _model(2)
    with pytest.raises(InputError, match="input_bounds must be given"):
        add_network(model, network, [x - 2 * y])
    output = add_network(model, network, [x - 2 * y], input_bounds=(-3.0, 3.0))
    model.setObjective(output, "maximize")
    model.optimize()
    assert model.getObjVal() == pytest.approx(3.0)


def test_unbounded_inputs_suit_sos1_but_not_big_m() -> None:
    network = Mlp.from_arrays([[[1.0], [-1.0]], [[1.0, 1.0]]])
    for formulation in ("sos1", "big-m"):
        model = Model()
        model.hideOutput()
        x = model.addVar("x", lb=None, ub=None)
        if formulation == "big-m":
            with pytest.raises(InputError, match="must be finite for 'big-m'"):
                add_network(model, network, [x], formulation="big-m")
            continue
        output = add_network(model, network, [x], formulation="sos1")
        model.addCons(x == -7.0)
        model.setObjective(output)
        model.optimize()
        assert model.getObjVal() == pytest.approx(7.0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"formulation": "indicator"}, "formulation must be one of"),
        ({"bounds": "none"}, "bounds must be"),
        ({"input_bounds": (1.0, 0.0)}, "must not exceed"),
    ],
)
def test_unknown_options_are_refused(options: dict[str, Any], message: str) -> None:
    model, inputs = _model(3)
    with pytest.raises(InputError, match=message):
        add_network(model, _network(1), inputs, **options)


def test_networks_and_inputs_that_do_not_fit_are_refused() -> None:
    model, inputs = _model(2)
    with pytest.raises(InputError, match="inputs must have 3 entries, got 2"):
        add_network(model, _network(1), inputs)
    with pytest.raises(InputError, match="must be an Mlp"):
        add_network(model, [[1.0]], inputs)  # type: ignore[arg-type]


def test_default_formulation_solves_two_layers_of_sixteen_quickly() -> None:
    """With big-M and SCIP's cuts this takes many times longer."""
    network = _network(5, (10, 16, 16, 1))
    model = Model()
    model.hideOutput()
    inputs = [model.addVar(f"x{i}", lb=0.0, ub=1.0) for i in range(10)]
    model.addCons(quicksum(inputs) <= 3.0)
    model.setObjective(add_network(model, network, inputs), "maximize")
    started = time.process_time()
    model.optimize()
    assert model.getStatus() == "optimal"
    assert time.process_time() - started < 5.0
    point = [model.getVal(variable) for variable in inputs]
    assert network.forward([point]).item() == pytest.approx(model.getObjVal(), abs=1e-5)


def test_bounds_are_those_of_the_inputs_in_the_model() -> None:
    network = _network(6)
    model, inputs = _model(3, upper=0.5)
    found = embed_network(model, network, inputs).bounds
    expected = interval_bounds(network, -1.0, 0.5)
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine.lower, theirs.lower)
