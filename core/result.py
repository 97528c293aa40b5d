"""The result of a run, the same for every solver of boundwise.

Objective and bound are in the user's sense (minimize or maximize) and space. A
missing objective is infinitely bad, a missing bound infinitely optimistic; no
failure is ever encoded as 0.
"""

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from boundwise.core.errors import InputError, StageError
from boundwise.core.files import atomic_write
from boundwise.core.optional import require
from boundwise.core.status import Status, Termination
from boundwise.core.tolerances import OBJ_TOL
from boundwise.core.trace import TraceEvent, finite_or_none

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult

Sense = Literal["minimize", "maximize"]


def relative_gap(objective: float, bound: float) -> float:
    """Return |objective - bound| / max(|objective|, |bound|).

    Parameters
    ----------
    objective, bound
        Two values in one sense; either may be infinite.

    Returns
    -------
    float
        0 if the values agree to 1e-9 (relative, absolute below 1), ``inf`` if one is
        missing, up to 2 if their signs differ.

    Examples
    --------
    >>> relative_gap(10.0, 8.0)
    0.2
    """
    if not (math.isfinite(objective) and math.isfinite(bound)):
        return math.inf
    difference = abs(objective - bound)
    scale = max(abs(objective), abs(bound))
    if difference <= OBJ_TOL * max(1.0, scale):
        return 0.0
    return difference / scale


@dataclass(frozen=True, kw_only=True, eq=False)
class Result:
    """Hold what a run found, what it proved, and why it stopped.

    Parameters
    ----------
    status
        What is known about the problem.
    termination
        Why the run stopped.
    objective
        Objective of ``x`` in the user's sense; infinitely bad without a solution.
    bound
        Proven bound on the optimal objective; infinitely optimistic without one.
    x
        Read-only solution, shape (n,), or None.
    sense
        ``"minimize"`` or ``"maximize"``.
    names
        Names of the n variables, or empty.
    trace
        Events (seconds, objective, bound, who) in the order of time.
    stats
        Further figures of the method, JSON-like.
    seed
        The seed that reproduces the run, or None for a method without one.
    wall_time
        Wall-clock seconds of the run.

    Raises
    ------
    InputError
        If the fields contradict each other, or objective or bound is nan.
    """

    status: Status
    termination: Termination
    objective: float
    bound: float
    x: NDArray[np.float64] | None
    sense: Sense = "minimize"
    names: Sequence[str] = ()
    trace: Sequence[TraceEvent] = ()
    stats: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    wall_time: float = 0.0

    def __post_init__(self) -> None:
        """Make the solution read-only and check that the parts agree."""
        if self.sense not in get_args(Sense):
            raise InputError(f"sense must be minimize or maximize, got {self.sense!r}.")
        for name in ("objective", "bound"):
            if math.isnan(getattr(self, name)):
                raise InputError(f"{name} must be a number, infinite if missing.")
        if self.status.has_solution != (self.x is not None):
            raise InputError(
                f"status is {self.status}, which does not go with "
                f"x={'None' if self.x is None else 'a solution'}."
            )
        if self.x is not None:
            x = np.array(self.x, dtype=np.float64)
            if self.names and x.shape != (len(self.names),):
                raise InputError(
                    f"x must have one value for each of the {len(self.names)} names, "
                    f"got shape {x.shape}."
                )
            x.setflags(write=False)
            object.__setattr__(self, "x", x)

    @property
    def gap(self) -> float:
        """Relative gap between objective and bound, see `relative_gap`."""
        return relative_gap(self.objective, self.bound)

    @property
    def success(self) -> bool:
        """Whether there is a solution."""
        return self.status.has_solution

    def value(self, name: str) -> float:
        """Return the value of the variable called ``name``.

        Raises
        ------
        StageError
            If there is no solution.
        InputError
            If no variable has this name.
        """
        if self.x is None:
            raise StageError(f"there is no solution (status {self.status}).")
        try:
            return float(self.x[list(self.names).index(name)])
        except ValueError:
            raise InputError(f"name must be a variable, got {name!r}.") from None

    def summary(self) -> str:
        """Return a few lines for people."""
        lines = [
            f"status       {self.status} ({self.termination})",
            f"objective    {_number(self.objective)}  [{self.sense}]",
            f"bound        {_number(self.bound)}",
            f"gap          {100 * self.gap:.4g} %"
            if math.isfinite(self.gap)
            else "gap          none",
            f"wall time    {self.wall_time:.2f} s",
        ]
        if self.seed is not None:
            lines.append(f"seed         {self.seed}")
        return "\n".join(lines)

    def to_optimize_result(self) -> "OptimizeResult":
        """Return the result under the field names of `scipy.optimize.milp`.

        Returns
        -------
        scipy.optimize.OptimizeResult
            ``x, fun, success, status, message, mip_dual_bound, mip_gap``; ``fun`` is
            in the user's sense; ``status`` is 0 optimal, 1 a limit, 2 infeasible,
            3 unbounded, 4 other (also an error).
        """
        from scipy.optimize import OptimizeResult

        open_end = 4 if self.termination is Termination.ERROR else 1
        code = {
            Status.OPTIMAL: 0,
            Status.FEASIBLE: open_end,
            Status.INFEASIBLE: 2,
            Status.UNBOUNDED: 3,
            Status.INFEASIBLE_OR_UNBOUNDED: 4,
            Status.UNKNOWN: open_end,
        }[self.status]
        fields = {
            "x": self.x,
            "fun": self.objective if self.x is not None else None,
            "success": self.status.has_solution,
            "status": code,
            "message": f"{self.status} ({self.termination})",
            "mip_dual_bound": self.bound,
            "mip_gap": self.gap,
        }
        result = OptimizeResult()
        result.update(fields)
        return result

    def to_dict(self) -> dict[str, Any]:
        """Return everything but ``x`` and ``names`` as strict JSON holds it."""
        return {
            "status": str(self.status),
            "termination": str(self.termination),
            "sense": self.sense,
            "objective": finite_or_none(self.objective),
            "bound": finite_or_none(self.bound),
            "gap": finite_or_none(self.gap),
            "wall_time": finite_or_none(self.wall_time),
            "seed": None if self.seed is None else int(self.seed),
            "trace": [event.to_json() for event in self.trace],
            "stats": _jsonable(self.stats),
        }

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the result to one ``.npz`` file (JSON and arrays, no pickle).

        Raises
        ------
        InputError
            If the file cannot be written.
        """
        document = self.to_dict() | {"names": list(self.names)}
        arrays: dict[str, NDArray[Any]] = {
            "json": np.frombuffer(
                json.dumps(document, allow_nan=False).encode(), dtype=np.uint8
            )
        }
        if self.x is not None:
            arrays["x"] = self.x
        with atomic_write(path, "wb") as stream:
            np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a result that `save` wrote.

        Raises
        ------
        InputError
            If the file is missing, truncated or not a saved result.
        """
        try:
            # numpy does not close a file of its own that is no archive.
            with (
                Path(path).open("rb") as stream,
                np.load(stream, allow_pickle=False) as archive,
            ):
                document = json.loads(archive["json"].tobytes())
                x = np.array(archive["x"]) if "x" in archive else None
            sense: Sense = document["sense"]
            return cls(
                status=Status(document["status"]),
                termination=Termination(document["termination"]),
                objective=_or_missing(document["objective"], "objective", sense),
                bound=_or_missing(document["bound"], "bound", sense),
                x=x,
                sense=sense,
                names=tuple(document["names"]),
                trace=tuple(
                    TraceEvent(
                        seconds,
                        _or_missing(objective, "objective", sense),
                        _or_missing(bound, "bound", sense),
                        who,
                    )
                    for seconds, objective, bound, who in document["trace"]
                ),
                stats=document["stats"],
                seed=document["seed"],
                wall_time=_or_infinite(document["wall_time"]),
            )
        except Exception as error:
            # A damaged archive fails in a dozen ways: zlib, zipfile, numpy, json.
            raise InputError(f"{path!r} is not a saved result: {error}.") from error

    def plot(self, axes: Any = None) -> Any:
        """Draw incumbent and bound over time (extra ``report``).

        Parameters
        ----------
        axes
            Matplotlib axes to draw on; new ones if None.

        Returns
        -------
        matplotlib.axes.Axes
            The axes.
        """
        pyplot = require("matplotlib.pyplot", extra="report")
        if axes is None:
            _, axes = pyplot.subplots(layout="constrained")
        for field_name, label in (("objective", "incumbent"), ("bound", "bound")):
            points = [
                (event.seconds, getattr(event, field_name))
                for event in self.trace
                if math.isfinite(getattr(event, field_name))
            ]
            if points:
                points.append((self.wall_time, points[-1][1]))
                seconds, values = zip(*points, strict=True)
                axes.step(seconds, values, where="post", label=label)
        axes.set_xlabel("seconds")
        axes.set_ylabel(f"objective ({self.sense})")
        if axes.get_legend_handles_labels()[0]:
            axes.legend()
        return axes


def missing_value(field_name: str, sense: Sense) -> float:
    """Return the infinity that stands for a missing objective or bound."""
    bad = math.inf if sense == "minimize" else -math.inf
    return bad if field_name == "objective" else -bad


def _or_missing(value: float | None, field_name: str, sense: Sense) -> float:
    return missing_value(field_name, sense) if value is None else float(value)


def _or_infinite(seconds: float | None) -> float:
    return math.inf if seconds is None else float(seconds)


def _number(value: float) -> str:
    return f"{value:.10g}" if math.isfinite(value) else "none"


def _jsonable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _jsonable(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return _jsonable(value.tolist())
    if isinstance(value, list | tuple):
        return [_jsonable(item) for item in value]
    if isinstance(value, np.generic):
        return _jsonable(value.item())
    if isinstance(value, float):
        return finite_or_none(value)
    if value is None or isinstance(value, str | int | bool):
        return value
    return str(value)
