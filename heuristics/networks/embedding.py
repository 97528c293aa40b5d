"""Make the output of a trained ReLU network a variable of a SCIP model.

A ReLU h = max(z, 0) whose input is known to lie in [lower, upper] becomes

    nothing                                   if upper <= 0  (h = 0),
    the expression z itself                   if lower >= 0,
    z = h - s,  h, s >= 0,  SOS1(h, s)        "sos1", or
    h <= upper b,  s <= -lower (1 - b)        "big-m" with a binary b.

Both have the triangle h / upper + s / -lower <= 1 as their linear relaxation. With
SCIP's default separation, big-M spends its time on cuts at the root: use SOS1, or
`switch_separation_off`.

Anderson, Huchette, Ma, Tjandraatmadja, Vielma (2020), "Strong mixed-integer programming
formulations for trained neural networks", doi:10.1007/s10107-020-01474-5.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from boundwise.core.errors import InputError
from boundwise.heuristics.networks.bounds import Bounds, box, interval_bounds
from boundwise.heuristics.networks.mlp import Floats, Layer, Mlp
from boundwise.heuristics.networks.relaxation import InputRows, relu_states
from boundwise.heuristics.networks.tightening import tightened_bounds

Formulation = Literal["auto", "sos1", "big-m", "triangle"]


@dataclass(frozen=True, slots=True, eq=False)
class Embedding:
    """What an embedded network consists of.

    Parameters
    ----------
    outputs
        Output variables.
    bounds
        Bounds of the preactivations of each layer.
    active, inactive, unstable
        Number of ReLUs that are the identity, zero, or modelled.
    """

    outputs: tuple[Any, ...]
    bounds: tuple[Bounds, ...]
    active: int
    inactive: int
    unstable: int


def add_network(
    model: Any,
    network: Mlp,
    inputs: Sequence[Any],
    *,
    formulation: Formulation = "auto",
    bounds: Literal["interval", "lp"] | Sequence[Bounds] = "interval",
    input_bounds: tuple[ArrayLike, ArrayLike] | None = None,
    rows: InputRows | None = None,
    name: str = "network",
) -> Any:
    """Add a network to a model and return its output variable.

    Parameters
    ----------
    model
        A ``pyscipopt.Model`` in problem stage.
    network
        The network.
    inputs
        Variables or linear expressions, one for each input.
    formulation
        ``"sos1"``; ``"big-m"``, to be used with `switch_separation_off`;
        ``"triangle"``, the linear relaxation alone, whose output may exceed or fall
        below the network's; ``"auto"`` is SOS1, which needs no other settings.
    bounds
        ``"interval"`` arithmetic, ``"lp"`` tightening, or known bounds of the first
        layers.
    input_bounds
        Lower and upper bounds of the inputs; by default those of the variables.
        Needed where an input is an expression.
    rows
        Linear constraints on the inputs that ``"lp"`` may use; they are not added.
    name
        Prefix of the new names.

    Returns
    -------
    pyscipopt.Variable or list
        The output variable; a list of them if the network has several outputs.

    Raises
    ------
    InputError
        If the inputs do not fit the network, a bound is nan or infinite where it must
        not be, or an option is unknown.

    Examples
    --------
    >>> from pyscipopt import Model
    >>> model = Model()
    >>> model.hideOutput()
    >>> x = model.addVar(lb=-1.0, ub=3.0)
    >>> absolute = Mlp.from_arrays([[[1.0], [-1.0]], [[1.0, 1.0]]])
    >>> model.setObjective(add_network(model, absolute, [x]), "maximize")
    >>> model.optimize()
    >>> round(model.getObjVal(), 6)
    3.0
    """
    outputs = embed_network(
        model,
        network,
        inputs,
        formulation=formulation,
        bounds=bounds,
        input_bounds=input_bounds,
        rows=rows,
        name=name,
    ).outputs
    return outputs[0] if len(outputs) == 1 else list(outputs)


def embed_network(
    model: Any,
    network: Mlp,
    inputs: Sequence[Any],
    *,
    formulation: Formulation = "auto",
    bounds: Literal["interval", "lp"] | Sequence[Bounds] = "interval",
    input_bounds: tuple[ArrayLike, ArrayLike] | None = None,
    rows: InputRows | None = None,
    name: str = "network",
) -> Embedding:
    """Add a network to a model, as `add_network`, and tell what was added.

    Raises
    ------
    InputError
        As `add_network`.
    """
    if formulation not in get_args(Formulation):
        raise InputError(
            f"formulation must be one of {', '.join(get_args(Formulation))}, "
            f"got {formulation!r}."
        )
    if not isinstance(network, Mlp):
        raise InputError(f"network must be an Mlp, got {type(network).__name__}.")
    inputs = list(inputs)
    if len(inputs) != network.n_inputs:
        raise InputError(
            f"inputs must have {network.n_inputs} entries, got {len(inputs)}."
        )
    network = network.folded() if isinstance(bounds, str) else network
    limits = _input_bounds(inputs, input_bounds)
    found = _bounds(network, limits, bounds, rows)
    writer = _Writer(model, inputs, formulation, name)
    for position, (layer, layer_bounds) in enumerate(
        zip(network.layers, found, strict=True)
    ):
        writer.add(layer, layer_bounds, position)
    last = found[-1].after_relu() if network.layers[-1].relu else found[-1]
    return Embedding(writer.outputs(last), found, *writer.counts)


def switch_separation_off(model: Any) -> None:
    """Switch off SCIP's cutting planes, which big-M networks do not repay.

    Parameters
    ----------
    model
        A ``pyscipopt.Model``.
    """
    from pyscipopt import SCIP_PARAMSETTING

    model.setSeparating(SCIP_PARAMSETTING.OFF)


def _bounds(
    network: Mlp,
    limits: Bounds,
    bounds: Literal["interval", "lp"] | Sequence[Bounds],
    rows: InputRows | None,
) -> tuple[Bounds, ...]:
    if isinstance(bounds, str):
        if bounds == "interval":
            return interval_bounds(network, *limits)
        if bounds == "lp":
            return tightened_bounds(network, *limits, rows=rows)
        raise InputError(f"bounds must be 'interval' or 'lp', got {bounds!r}.")
    known = tuple(
        box(*pair, len(layer.bias))
        for layer, pair in zip(network.layers, bounds, strict=False)
    )
    return interval_bounds(network, *limits, known=known)


def _input_bounds(
    inputs: list[Any], given: tuple[ArrayLike, ArrayLike] | None
) -> Bounds:
    if given is not None:
        return box(given[0], given[1], len(inputs))
    from pyscipopt import Variable

    for position, variable in enumerate(inputs):
        if not isinstance(variable, Variable):
            raise InputError(
                f"input_bounds must be given, because inputs[{position}] is no "
                f"variable but {type(variable).__name__}."
            )
    lower = np.array([variable.getLbOriginal() for variable in inputs])
    upper = np.array([variable.getUbOriginal() for variable in inputs])
    lower[lower <= -1e20] = -math.inf
    upper[upper >= 1e20] = math.inf
    return box(lower, upper, len(inputs))


class _Writer:
    """Add layers to a model: h = matrix @ columns + constant.

    Affine units are not given variables of their own: they stay expressions in the
    columns, which are the inputs and the modelled ReLUs.
    """

    def __init__(
        self, model: Any, inputs: list[Any], formulation: Formulation, name: str
    ) -> None:
        self._model = model
        self._formulation = "sos1" if formulation == "auto" else formulation
        self._name = name
        self._columns = inputs
        self._matrix: Floats = np.eye(len(inputs))
        self._constant: Floats = np.zeros(len(inputs))
        self.counts = (0, 0, 0)

    def add(self, layer: Layer, bounds: Bounds, position: int) -> None:
        matrix = layer.weights @ self._matrix
        constant = layer.weights @ self._constant + layer.bias
        if not layer.relu:
            self._matrix, self._constant = matrix, constant
            return
        states = relu_states(bounds)
        unstable = np.flatnonzero(states.unstable)
        before = len(self._columns)
        grown = np.zeros((len(constant), before + len(unstable)))
        grown[states.active, :before] = matrix[states.active]
        for offset, unit in enumerate(unstable):
            name = f"{self._name}_{position}_{unit}"
            value = self._expression(matrix[unit], float(constant[unit]))
            self._columns.append(
                self._relu(value, float(bounds.lower[unit]), bounds.upper[unit], name)
            )
            grown[unit, before + offset] = 1.0
        self._matrix = grown
        self._constant = np.where(states.active, constant, 0.0)
        active, inactive, modelled = self.counts
        zero = len(constant) - int(states.active.sum()) - len(unstable)
        self.counts = (
            active + int(states.active.sum()),
            inactive + zero,
            modelled + len(unstable),
        )

    def outputs(self, bounds: Bounds) -> tuple[Any, ...]:
        result = []
        for unit, (row, constant) in enumerate(
            zip(self._matrix, self._constant, strict=True)
        ):
            output = self._model.addVar(
                f"{self._name}_output_{unit}",
                lb=_or_none(bounds.lower[unit]),
                ub=_or_none(bounds.upper[unit]),
            )
            # An LP relaxation of the hidden layers may leave the interval bounds'
            # range by rounding only: they hold for it, too.
            self._model.addCons(
                self._expression(row, float(constant)) - output == 0.0,
                name=f"{self._name}_is_output_{unit}",
            )
            result.append(output)
        return tuple(result)

    def _expression(self, row: Floats, constant: float) -> Any:
        from pyscipopt import quicksum

        return (
            quicksum(
                float(row[column]) * self._columns[column]
                for column in np.flatnonzero(row)
            )
            + constant
        )

    def _relu(self, value: Any, lower: float, upper: float, name: str) -> Any:
        model = self._model
        is_finite = math.isfinite(lower) and math.isfinite(upper)
        if self._formulation != "sos1" and not is_finite:
            raise InputError(
                f"input_bounds must be finite for {self._formulation!r}: {name} lies in"
                f" [{lower:g}, {upper:g}]."
            )
        positive = model.addVar(f"{name}_positive", lb=0.0, ub=_or_none(upper))
        negative = model.addVar(f"{name}_negative", lb=0.0, ub=_or_none(-lower))
        model.addCons(value - positive + negative == 0.0, name=f"{name}_split")
        if is_finite:
            model.addCons(
                -lower * positive + upper * negative <= -lower * upper,
                name=f"{name}_triangle",
            )
        if self._formulation == "sos1":
            model.addConsSOS1([positive, negative], name=f"{name}_sos1")
        elif self._formulation == "big-m":
            is_on = model.addVar(f"{name}_on", vtype="B")
            model.addCons(positive <= upper * is_on, name=f"{name}_if_on")
            model.addCons(negative <= -lower * (1 - is_on), name=f"{name}_if_off")
        return positive


def _or_none(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
