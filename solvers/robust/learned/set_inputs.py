"""What a value network sees of a problem: two sets of elements with features.

    decision elements   z_i(x)  = (x_i, D_i),            i = 1..n
    scenario elements   s_j(xi) = constant_j + slope_j xi,  j = 1..m

The features of shipped problems are relative to their instance (weights to the mean
weight, money to the mean profit), pooling takes means, and the label is the value of
the second stage relative to the instance. So one network serves all sizes and units;
with labels scaled by the size alone, as published, it would know one unit of money.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from boundwise.core.arguments import as_number
from boundwise.core.errors import InputError
from boundwise.heuristics.networks.mlp import Floats, finite_array
from boundwise.solvers.robust.problem import TwoStageProblem


@dataclass(frozen=True, slots=True, eq=False)
class SetInputs:
    """Features of one problem.

    Parameters
    ----------
    decision
        D, shape (n, F): what is known of each first-stage variable.
    constant, slope
        Shapes (m, G) and (m, G, q): features of the scenario elements.
    label_scale
        Value that counts as 1 in this instance, positive.

    Raises
    ------
    InputError
        If shapes disagree, a number is not finite, or the scale is not positive.
    """

    decision: Floats
    constant: Floats
    slope: Floats
    label_scale: float

    def __post_init__(self) -> None:
        """Check all arrays."""
        for name, dimensions in (("decision", 2), ("constant", 2), ("slope", 3)):
            array = finite_array(name, getattr(self, name), dimensions)
            object.__setattr__(self, name, array)
        if self.slope.shape[:2] != self.constant.shape:
            raise InputError(
                "slope must have one row for each scenario feature, got shapes "
                f"{self.slope.shape} and {self.constant.shape}."
            )
        as_number("label_scale", self.label_scale, above=0)

    @property
    def n(self) -> int:
        """Number of first-stage variables."""
        return len(self.decision)

    def scenario_elements(self, scenario: Floats) -> Floats:
        """Return the features of the scenario elements, shape (m, G)."""
        return np.asarray(self.constant + self.slope @ scenario)


def set_inputs(problem: TwoStageProblem) -> SetInputs:
    """Return what a network sees of a problem.

    A problem may say so itself, by a method ``set_inputs()``. The shipped classes have
    relative features; any other class is seen through ``decision_features`` and
    ``scenario_features`` as they are.

    Raises
    ------
    InputError
        If a first-stage variable is not binary, or the features are not finite.
    """
    stage = problem.first_stage
    is_binary = stage.is_integer & (stage.lower >= 0.0) & (stage.upper <= 1.0)
    if not is_binary.all():
        # An encoder of a binary is affine in it; of anything else it is not.
        where = int(np.argmin(is_binary))
        raise InputError(
            "problem must have binary first-stage variables for a value network, got "
            f"variable {where} in [{stage.lower[where]:g}, {stage.upper[where]:g}]."
        )
    own = getattr(problem, "set_inputs", None)
    inputs = own() if own is not None else _present(problem)
    if not isinstance(inputs, SetInputs) or inputs.n != stage.n:
        raise InputError(
            f"the features of {type(problem).__name__} must be SetInputs of its "
            f"{stage.n} first-stage variables."
        )
    return inputs


def _present(problem: Any) -> SetInputs:
    from boundwise.solvers.robust.learned.presentations import PRESENTATIONS

    for cls in type(problem).__mro__:
        if cls.__name__ in PRESENTATIONS:
            return PRESENTATIONS[cls.__name__](problem)
    features = problem.scenario_features()
    return SetInputs(
        problem.decision_features(), features.constant, features.slope, 1.0
    )
