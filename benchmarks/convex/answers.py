"""What the adapters of the convex suite have in common."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundwise.benchmarks.convex.instances import read
from boundwise.benchmarks.solvers.base import Answer, ReadError, Task
from boundwise.core.errors import InputError
from boundwise.core.result import Result
from boundwise.core.status import Status, Termination
from boundwise.instances.convex import ConvexProblem


def problem_of(task: Task) -> ConvexProblem:
    """Read the instance of a task.

    Raises
    ------
    ReadError
        If it cannot be read.
    """
    try:
        return read(task.instance)
    except InputError as error:
        raise ReadError(str(error)) from error


def answer_of_result(problem: ConvexProblem, result: Result) -> Answer:
    """Return a result of the package as an answer."""
    root = result.stats.get("root_bound")
    return Answer(
        status=result.status,
        termination=result.termination,
        raw_status=f"{result.stats.get('method', '')} {result.status}".strip(),
        objective=result.objective if result.x is not None else None,
        bound=result.bound,
        nodes=int(result.stats.get("nodes", 0)),
        solution=None
        if result.x is None
        else solution_of(problem, np.asarray(result.x)),
        measures={"root_bound": None if root is None else float(root)},
        stats=_plain(result.stats),
    )


def answer_of_peer(
    problem: ConvexProblem,
    x: NDArray[np.float64] | None,
    objective: float | None,
    bound: float | None,
    raw_status: str,
    *,
    is_proven: bool,
    termination: Termination,
    gap: float,
    nodes: int | None = None,
) -> Answer:
    """Return what a peer claims.

    A peer that claims optimality within a gap, but no bound, has claimed the bound
    that the gap leaves.
    """
    found = x is not None and objective is not None
    if is_proven and found and bound is None:
        assert objective is not None
        bound = objective - gap * abs(objective)
    status = Status.UNKNOWN
    if found:
        status = Status.OPTIMAL if is_proven else Status.FEASIBLE
    return Answer(
        status=status,
        termination=Termination.CONVERGED if is_proven and found else termination,
        raw_status=raw_status,
        objective=objective if found else None,
        bound=bound,
        nodes=nodes,
        solution=solution_of(problem, x) if found and x is not None else None,
    )


def not_expressible(error: Exception) -> Answer:
    """Return the answer of a peer that cannot be given the problem."""
    return Answer(
        status=Status.UNKNOWN,
        termination=Termination.ERROR,
        raw_status=f"not expressible: {error}",
    )


def solution_of(problem: ConvexProblem, x: NDArray[np.float64]) -> dict[str, float]:
    """Return values by name; those of lifted variables are left out."""
    names = problem.feasible.names
    return dict(zip(names, x[: len(names)].tolist(), strict=True))


def _plain(stats: Mapping[str, Any]) -> dict[str, Any]:
    """Return what fits into a record: numbers and words."""
    return {
        name: value
        for name, value in stats.items()
        if isinstance(value, int | float | str | bool)
    }
