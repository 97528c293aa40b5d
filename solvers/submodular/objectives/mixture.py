"""Weighted sums of objectives: sums of submodular functions are submodular."""

from collections.abc import Sequence

import numpy.typing as npt

from boundwise.core.errors import InputError
from boundwise.solvers.submodular.objectives.base import CompiledObjective
from boundwise.solvers.submodular.objectives.inputs import as_weights


class Mixture(CompiledObjective):
    """Add compiled objectives on one ground set, with non-negative weights.

    Parameters
    ----------
    objectives
        Objectives of boundwise with equally many elements.
    weights
        Non-negative weight of each; 1 each if None.

    Raises
    ------
    InputError
        If there are none, their ground sets differ, or one is not compiled.

    Examples
    --------
    >>> from boundwise.solvers.submodular.objectives import Coverage, FacilityLocation
    >>> parts = [Coverage([[1, 0], [0, 1]]), FacilityLocation([[2.0], [3.0]])]
    >>> Mixture(parts, weights=[1.0, 10.0]).value([0, 1])
    32.0
    """

    def __init__(
        self,
        objectives: Sequence[CompiledObjective],
        weights: npt.ArrayLike | None = None,
    ) -> None:
        parts = list(objectives)
        if not parts:
            raise InputError("objectives must not be empty.")
        for part in parts:
            if not isinstance(part, CompiledObjective):
                raise InputError(
                    "objectives must come with boundwise (write a sum of your own as "
                    f"one objective), got {type(part).__name__}."
                )
        sizes = sorted({part.n for part in parts})
        if len(sizes) > 1:
            raise InputError(f"objectives must share a ground set, got sizes {sizes}.")
        shares = as_weights(weights, len(parts), "weights")
        labels = next((part.labels for part in parts if part.labels is not None), None)
        for part in parts:
            if part.labels not in (None, labels):
                raise InputError("objectives must have the same labels.")
        pairs = [
            (float(share) * weight, term)
            for share, part in zip(shares, parts, strict=True)
            for weight, term in part.terms
        ]
        super().__init__(
            [term for _, term in pairs],
            [weight for weight, _ in pairs],
            monotone=all(part.monotone for part in parts),
            labels=labels,
        )
