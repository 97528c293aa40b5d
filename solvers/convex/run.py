"""What all parts of one convex run share, and what every way of solving returns."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from boundwise.core.errors import InputError
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline, Limits
from boundwise.core.status import Status, Termination
from boundwise.core.trace import Trace
from boundwise.heuristics.frank_wolfe.functions import as_number
from boundwise.heuristics.frank_wolfe.protocols import Floats, Objective
from boundwise.solvers.convex.incumbent import Incumbent
from boundwise.solvers.convex.log import TreeLog
from boundwise.solvers.convex.sets import ReadSet
from boundwise.solvers.convex.settings import TreeSettings


@dataclass(frozen=True, slots=True)
class Outcome:
    """State how a way of solving ended.

    Parameters
    ----------
    status, termination
        What is known, and why it stopped.
    stats
        Its figures, JSON-like.
    """

    status: Status
    termination: Termination
    stats: Mapping[str, Any]


@dataclass(slots=True, kw_only=True)
class Run:
    """Hold problem, limits and incumbent of one run.

    Parameters
    ----------
    objective
        The function f.
    points
        The feasible set.
    domain
        Tells where f is defined; None if everywhere.
    settings, limits, deadline, interrupter, trace, log, rng
        How to search, and what ends and records it.
    """

    objective: Objective
    points: ReadSet
    domain: Callable[[Floats], bool] | None
    settings: TreeSettings
    limits: Limits
    deadline: Deadline
    interrupter: Interrupter
    trace: Trace
    log: TreeLog
    rng: np.random.Generator
    incumbent: Incumbent = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing found and nothing proven.

        Raises
        ------
        InputError
            If objective and feasible set have different numbers of variables.
        """
        n = len(self.points.points.lower)
        known = getattr(self.objective, "n_variables", n)
        if known != n:
            raise InputError(
                f"f has {known} variables, the feasible set has {n}: they must agree."
            )
        self.incumbent = Incumbent(
            self.value,
            self.points.integers,
            self.trace,
            self.settings.gap,
            self.settings.abs_gap,
            self.points.accepts,
        )

    def value(self, x: Floats) -> float:
        """Return f(x); ``inf`` outside its domain.

        Raises
        ------
        InputError
            If f is not finite inside.
        """
        if self.domain is not None and not self.domain(x):
            return math.inf
        value = as_number("f", self.objective.value(x))
        if not math.isfinite(value):
            raise InputError(
                f"f must be finite on the feasible set, got {value!r}; give a "
                "domain_oracle if it is not defined everywhere."
            )
        return value

    def checked_point(self, x0: Any) -> Floats | None:
        """Return ``x0`` as a vector, None if there is none.

        Raises
        ------
        InputError
            If it is not a finite vector of the right length.
        """
        if x0 is None:
            return None
        n = len(self.points.points.lower)
        try:
            point = np.array(x0, dtype=np.float64)
        except (TypeError, ValueError):
            raise InputError(f"x0 must be a vector, got {x0!r}.") from None
        if point.shape != (n,) or not np.isfinite(point).all():
            raise InputError(f"x0 must be finite with shape ({n},), got {x0!r}.")
        return point
