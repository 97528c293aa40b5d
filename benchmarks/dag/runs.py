"""What the adapters of the DAG suite share: reading, timing and the answer."""

import importlib
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from boundwise.benchmarks.dag.datasets import DagData, read
from boundwise.benchmarks.dag.evaluate import score
from boundwise.benchmarks.dag.solutions import weight_names
from boundwise.benchmarks.solvers.base import Answer, ReadError, Recorder, Task
from boundwise.core.errors import InputError, NotAvailableError
from boundwise.core.status import Status, Termination

Floats = npt.NDArray[np.float64]


def run_method(
    task: Task, recorder: Recorder, method: Callable[[DagData], Floats], warm: bool
) -> Answer:
    """Run a method on the data of a task; its weights are the solution.

    Parameters
    ----------
    task
        The run.
    recorder
        Receives the score.
    method
        Returns weights, [i, j] of the edge i -> j.
    warm
        Whether to run once before the clock starts, which loads compiled code.

    Raises
    ------
    ReadError
        If the instance is not a data set.
    """
    try:
        data = read(task.instance)
    except InputError as error:
        raise ReadError(str(error)) from error
    if warm:
        method(data)
    before = data.X.copy()
    begun = time.process_time()
    W = np.array(method(DagData(data.X.copy(), data.W)), dtype=np.float64)
    seconds = time.process_time() - begun
    value = score(before, W)
    recorder.improved(objective=value, who="fit")
    late = recorder.clock.remaining() <= 0.0
    return Answer(
        status=Status.FEASIBLE,
        termination=Termination.TIME_LIMIT if late else Termination.CONVERGED,
        raw_status=f"{int(np.count_nonzero(W))} weights",
        objective=value,
        solution=weight_names(W),
        measures={"fit": seconds},
    )


def peer(module: str, package: str) -> Any:
    """Import a module of another package.

    Parameters
    ----------
    module
        Dotted name.
    package
        Name under which the package is installed.

    Raises
    ------
    NotAvailableError
        If it cannot be imported.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise NotAvailableError(
            f"{module} cannot be imported ({error}); install it with: pip install "
            f"{package}"
        ) from error
