"""What the adapters of all methods share: settings, the run, the answer."""

import importlib.metadata
from collections.abc import Mapping
from typing import Any

from boundwise.benchmarks.solvers.base import (
    Answer,
    ReadError,
    Recorder,
    SettingError,
    Task,
)
from boundwise.core.errors import InputError
from boundwise.core.status import Status, Termination


class StreamAdapter:
    """Play an instance with one of the methods.

    Parameters
    ----------
    name
        The method's name in `boundwise.benchmarks.submodular.methods`.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def version(self) -> str:
        """Return the version of the package."""
        import boundwise.benchmarks.submodular.methods  # noqa: F401

        return importlib.metadata.version("boundwise")

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Refuse what the method would not take."""
        from boundwise.benchmarks.submodular.methods import check_settings

        try:
            check_settings(self._name, settings)
        except (InputError, TypeError) as error:
            raise SettingError(str(error)) from error

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Play the stream until its end or the time limit."""
        from dataclasses import asdict

        from boundwise.benchmarks.submodular.instances import (
            objective_of,
            read,
            set_names,
        )
        from boundwise.benchmarks.submodular.measures import figures, greedy_values
        from boundwise.benchmarks.submodular.methods import maker
        from boundwise.benchmarks.submodular.play import play

        try:
            problem = read(task.instance)
        except InputError as error:
            raise ReadError(str(error)) from error
        objective = objective_of(problem)
        make = maker(
            self._name,
            objective,
            problem.k,
            problem.eps,
            task.seed,
            task.settings,
        )
        course = play(problem, make, recorder.clock.expired)
        reference = greedy_values(objective, problem.k, course)
        measured = figures(course, reference)
        recorder.improved(objective=measured.mean_ratio, who=self._name)
        ended = course.is_complete
        return Answer(
            status=Status.FEASIBLE,
            termination=Termination.CONVERGED if ended else Termination.TIME_LIMIT,
            raw_status=f"{course.n_updates} of {course.length} updates",
            sense="maximize",
            objective=measured.mean_ratio,
            solution=set_names(dict(enumerate(course.sets)), course.deleted),
            measures=asdict(measured),
            stats=course.stats
            | {
                "counts": course.counts,
                "values": course.values,
                "calls": course.calls,
                "greedy": reference,
            },
        )
