"""A network that predicts the second-stage value Q(x, xi) from two sets of elements.

    e(x)  = P2 relu(P1 mean_i E2 relu(E1 z_i)),     z_i = (x_i, D_i)
    e(xi) = P2'relu(P1'mean_j E2'relu(E1's_j)),     s_j = features_j(xi) or, if joint,
                                                    (x_j, features_j(xi))
    Q     = label_scale (spread V2 relu(V1 [e(x), e(xi)] + b1) + offset ...)

Weights are shared by the elements of a set and have no bias except in V, so that rows
of zeros change nothing. Because E2 and P1 are linear, the mean is taken before them.

For binary x_i the encoder is affine in x: h_i(x_i) = h_i(0) + x_i (h_i(1) - h_i(0)),
h_i = relu(E1 z_i). So as a function of x the network is a small one whose only ReLUs
come after the mean (`at_scenarios`), also if the scenario elements see x. As a function
of xi it is a chain whose first layer has the encoders of all elements (`at_decision`).

Dumouchelle, Julien, Kurtz, Khalil (2024), Neur2RO: Neural Two-Stage Robust
Optimization, ICLR 2024, arXiv:2310.04345. Their scenario elements do not see x.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from boundwise.core.arguments import as_number
from boundwise.core.errors import InputError
from boundwise.heuristics.networks.mlp import Floats, Layer, Mlp, finite_array
from boundwise.solvers.robust.learned.set_inputs import SetInputs, set_inputs
from boundwise.solvers.robust.problem import TwoStageProblem


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """Embed one set of elements: P2 relu(P1 mean_i E2 relu(E1 z_i)), without biases.

    Parameters
    ----------
    encoder_in, encoder_out
        E1, shape (hidden, features), and E2.
    pool_in, pool_out
        P1 and P2.

    Raises
    ------
    InputError
        If the shapes do not fit or a weight is not finite.
    """

    encoder_in: Floats
    encoder_out: Floats
    pool_in: Floats
    pool_out: Floats

    def __post_init__(self) -> None:
        """Check the chain of matrices."""
        names = ("encoder_in", "encoder_out", "pool_in", "pool_out")
        for name in names:
            object.__setattr__(self, name, finite_array(name, getattr(self, name), 2))
        for first, second in pairwise(names):
            given, taken = getattr(self, first), getattr(self, second)
            if given.shape[0] != taken.shape[1]:
                raise InputError(
                    f"{second} must take {given.shape[0]} inputs, got shape "
                    f"{taken.shape}."
                )

    @property
    def folded(self) -> Floats:
        """P1 E2: from the mean of the encoder's hidden units to the pool's."""
        return np.asarray(self.pool_in @ self.encoder_out)

    def affine(self, elements: Floats) -> tuple[Floats, Floats]:
        """Return A and a: the pool's input is A x + a for elements (x_i, row i)."""
        off = elements @ self.encoder_in[:, 1:].T
        low = np.maximum(off, 0.0)
        high = np.maximum(off + self.encoder_in[:, 0], 0.0)
        share = self.folded / max(1, len(elements))
        return share @ (high - low).T, share @ low.sum(axis=0)

    def constant(self, elements: Floats) -> Floats:
        """Return the pool's input for elements that do not see x."""
        hidden = np.maximum(elements @ self.encoder_in.T, 0.0)
        return np.asarray(self.folded @ hidden.sum(axis=0) / max(1, len(elements)))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ValueNetwork:
    """Predict second-stage values of the problems of one class.

    Parameters
    ----------
    problem_class
        Name of the class of problems it was trained for.
    decision, scenario
        The two branches.
    head
        V: a network from both embeddings to one number.
    joint
        Whether scenario element i also sees x_i.
    decision_scale, scenario_scale
        What the features are divided by, positive.
    label_offset, label_spread
        Mean and spread of the relative labels.
    facts
        How it was trained: figures and settings, JSON-like.

    Raises
    ------
    InputError
        If parts do not fit each other or a number is not finite.
    """

    problem_class: str
    decision: Branch
    scenario: Branch
    head: Mlp
    joint: bool
    decision_scale: Floats
    scenario_scale: Floats
    label_offset: float = 0.0
    label_spread: float = 1.0
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check that the parts fit."""
        counts = (
            ("decision_scale", self.decision.encoder_in.shape[1] - 1),
            ("scenario_scale", self.scenario.encoder_in.shape[1] - int(self.joint)),
        )
        for name, count in counts:
            scale = finite_array(name, getattr(self, name), 1)
            if scale.shape != (count,) or not (scale > 0.0).all():
                raise InputError(
                    f"{name} must be {count} positive numbers, got {scale}."
                )
            object.__setattr__(self, name, scale)
        width = len(self.decision.pool_out) + len(self.scenario.pool_out)
        if len(self.head.layers) != 2 or (self.head.n_inputs, self.head.n_outputs) != (
            width,
            1,
        ):
            raise InputError(f"head must map {width} numbers to one, by two layers.")
        as_number("label_offset", self.label_offset)
        as_number("label_spread", self.label_spread)

    def inputs(self, problem: TwoStageProblem) -> SetInputs:
        """Return what the network sees of a problem.

        Raises
        ------
        InputError
            If it was trained for another class or for other features.
        """
        if self.problem_class not in {cls.__name__ for cls in type(problem).__mro__}:
            raise InputError(
                f"network was trained for {self.problem_class}, got a problem of "
                f"class {type(problem).__name__}."
            )
        inputs = set_inputs(problem)
        self.check(inputs)
        return inputs

    def check(self, inputs: SetInputs) -> None:
        """Check that features are those that the network was trained for.

        Raises
        ------
        InputError
            If their number differs.
        """
        for name, given, scale in (
            ("decision", inputs.decision, self.decision_scale),
            ("scenario", inputs.constant, self.scenario_scale),
        ):
            if given.shape[1] != len(scale):
                raise InputError(
                    f"network was trained for {len(scale)} {name} features, got "
                    f"{given.shape[1]}."
                )
        if self.joint and len(inputs.constant) != inputs.n:
            raise InputError(
                "network needs one scenario element for each first-stage variable, "
                f"got {len(inputs.constant)} and {inputs.n}."
            )

    def predict(
        self, problem: TwoStageProblem, decisions: ArrayLike, scenarios: ArrayLike
    ) -> Floats:
        """Return the predicted Q for all pairs, shape (decisions, scenarios).

        Parameters
        ----------
        problem
            A problem of the class that the network was trained for.
        decisions
            First-stage decisions, one a row.
        scenarios
            Scenarios, one a row.

        Raises
        ------
        InputError
            If the network does not suit the problem, or shapes disagree.
        """
        return self.at_scenarios(self.inputs(problem), scenarios).forward(decisions)

    def at_scenarios(self, inputs: SetInputs, scenarios: ArrayLike) -> Mlp:
        """Return the network for fixed scenarios, from x to one value a scenario.

        Raises
        ------
        InputError
            If ``scenarios`` is not a matrix of scenarios, at least one.
        """
        points = _scenario_rows(inputs, scenarios)
        matrix, constant = self.decision.affine(inputs.decision / self.decision_scale)
        blocks = [(matrix, constant)]
        biases = []
        first, second = self.head.layers
        split = len(self.decision.pool_out)
        own = first.weights[:, split:] @ self.scenario.pool_out
        for point in points:
            elements = inputs.scenario_elements(point) / self.scenario_scale
            if self.joint:
                blocks.append(self.scenario.affine(elements))
                biases.append(first.bias)
            else:
                hidden = np.maximum(self.scenario.constant(elements), 0.0)
                biases.append(first.bias + own @ hidden)
        shared = first.weights[:, :split] @ self.decision.pool_out
        hidden_weights = np.tile(shared, (len(points), 1))
        if self.joint:
            mine = np.kron(np.eye(len(points)), own)
            hidden_weights = np.hstack([hidden_weights, mine])
        scale, offset = self._label(inputs, second)
        outputs = np.asarray(
            np.kron(np.eye(len(points)), scale * second.weights), dtype=np.float64
        )
        return Mlp(
            (
                Layer(
                    np.vstack([block[0] for block in blocks]),
                    np.concatenate([block[1] for block in blocks]),
                ),
                Layer(hidden_weights, np.concatenate(biases)),
                Layer(
                    outputs,
                    np.full(len(points), offset),
                    relu=False,
                ),
            )
        )

    def at_decision(self, inputs: SetInputs, x: Floats) -> Mlp:
        """Return the network for a fixed decision, from xi to the value.

        Raises
        ------
        InputError
            If ``x`` has the wrong length or is not finite.
        """
        x = finite_array("x", x, 1)
        if len(x) != inputs.n:
            raise InputError(f"x must have {inputs.n} entries, got {len(x)}.")
        sees = self.scenario.encoder_in[:, int(self.joint) :] / self.scenario_scale
        weights: Floats = np.einsum("hg,mgq->mhq", sees, inputs.slope)
        bias: Floats = inputs.constant @ sees.T
        if self.joint:
            bias = bias + x[:, None] * self.scenario.encoder_in[:, 0]
        count = len(inputs.constant)
        first, second = self.head.layers
        split = len(self.decision.pool_out)
        matrix, constant = self.decision.affine(inputs.decision / self.decision_scale)
        embedded = self.decision.pool_out @ np.maximum(matrix @ x + constant, 0.0)
        scale, offset = self._label(inputs, second)
        return Mlp(
            (
                Layer(weights.reshape(-1, inputs.slope.shape[2]), bias.ravel()),
                Layer(
                    np.tile(self.scenario.folded / float(max(1, count)), (1, count)),
                    np.zeros(len(self.scenario.pool_in)),
                ),
                Layer(
                    first.weights[:, split:] @ self.scenario.pool_out,
                    first.bias + first.weights[:, :split] @ embedded,
                ),
                Layer(scale * second.weights, np.array([offset]), relu=False),
            )
        )

    def _label(self, inputs: SetInputs, last: Layer) -> tuple[float, float]:
        """Return scale and offset that turn the head's output into a cost."""
        scale = self.label_spread * inputs.label_scale
        offset = self.label_offset * inputs.label_scale
        return scale, float(scale * last.bias.item() + offset)


def _scenario_rows(inputs: SetInputs, scenarios: ArrayLike) -> Floats:
    points = finite_array("scenarios", scenarios, 2)
    if not len(points) or points.shape[1] != inputs.slope.shape[2]:
        raise InputError(
            f"scenarios must be rows of {inputs.slope.shape[2]} numbers, at least one, "
            f"got shape {points.shape}."
        )
    return points
