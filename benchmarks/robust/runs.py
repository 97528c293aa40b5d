"""One run of `solve_robust` in a campaign."""

from typing import Any

from boundwise.benchmarks.robust.instances import problem_of
from boundwise.benchmarks.solvers.base import Answer, ReadError, Recorder, Task
from boundwise.core.errors import InputError
from boundwise.core.trace import finite_or_none
from boundwise.instances.robust.storage import read_robust
from boundwise.solvers.robust import solve_robust


def run_method(task: Task, recorder: Recorder, **settings: Any) -> Answer:
    """Solve an instance and tell what was found.

    Parameters
    ----------
    task, recorder
        Those of the run.
    **settings
        Arguments of `solve_robust`.

    Raises
    ------
    ReadError
        If the instance cannot be read.
    """
    try:
        problem = problem_of(read_robust(task.instance))
    except InputError as error:
        raise ReadError(str(error)) from error

    def follow(event: Any) -> None:
        recorder.improved(objective=event.objective, bound=event.bound, who=event.who)

    result = solve_robust(
        problem,
        time_limit=max(0.01, recorder.clock.remaining()),
        gap=task.gap,
        seed=task.seed,
        callback=follow,
        **settings,
    )
    values = None
    if result.x is not None:
        values = dict(zip(result.names, result.x.tolist(), strict=True))
    return Answer(
        status=result.status,
        termination=result.termination,
        raw_status=str(result.stats["method"]),
        sense=result.sense,
        objective=finite_or_none(result.objective),
        bound=finite_or_none(result.bound),
        solution=values,
        measures={
            "iterations": result.iterations,
            "evaluations": int(result.stats["evaluations"]),
            "exact": float(result.is_exact),
        },
        stats={"guarantee": finite_or_none(result.guarantee)},
    )
