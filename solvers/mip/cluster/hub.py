"""The meeting point of all runs: best solution, bound and experience with the arms.

    run -> hub    what it has found since the last time, and what its arms have earned
    hub -> run    a solution that is better than the run's own, what others have learned

A solution replaces the best one only if it is better (compare and set), whatever the
order in which messages come. The hub is an object like any other; on a cluster it lives
as an actor on one of the workers, in a process that may be lost at any time.
"""

import math
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from boundwise.core.result import Sense, missing_value

#: Pulls and the sum of their rewards, by arm.
Experience = Mapping[int, tuple[int, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a run tells the hub.

    Parameters
    ----------
    who
        Name of the run.
    objective
        Objective of its incumbent in the user's sense, infinite if there is none.
    payload
        The incumbent as the bytes of its doubles; None if it is no news.
    bound
        Proven bound, infinite if there is none.
    experience
        All pulls of its arms so far.
    """

    who: str
    objective: float
    payload: bytes | None
    bound: float
    experience: Experience = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the hub tells a run.

    Parameters
    ----------
    objective
        Best objective of all.
    payload
        The solution, if it is better than the run's.
    bound
        Best bound of all.
    experience
        All pulls of all other runs.
    ended
        Whether the run is no longer needed.
    """

    objective: float
    payload: bytes | None
    bound: float
    experience: Experience
    ended: bool


@dataclass(frozen=True, slots=True)
class News:
    """One improvement, as the hub has seen it."""

    seconds: float
    objective: float
    bound: float
    who: str


class Hub:
    """Hold what all runs share; every method may be called from any thread.

    Parameters
    ----------
    sense
        Sense of the objective.
    """

    def __init__(self, sense: Sense) -> None:
        # Multiplied by this, smaller objectives are better ones.
        self._sign = 1.0 if sense == "minimize" else -1.0
        self._objective = missing_value("objective", sense)
        self._bound = missing_value("bound", sense)
        self._payload: bytes | None = None
        self._experience: dict[str, dict[int, tuple[int, float]]] = {}
        self._news: list[News] = []
        self._ended = False
        self._begin = time.monotonic()
        self._lock = threading.Lock()

    def meet(self, report: Report) -> Reply:
        """Take the news of a run, and give it those of the others.

        Parameters
        ----------
        report
            What the run has found.
        """
        with self._lock:
            self._take(report)
            better = self._is_better(self._objective, report.objective)
            return Reply(
                objective=self._objective,
                payload=self._payload if better else None,
                bound=self._bound,
                experience=self._experience_of_others(report.who),
                ended=self._ended,
            )

    def news(self, since: int) -> list[News]:
        """Return the improvements from number ``since`` on."""
        with self._lock:
            return self._news[since:]

    def end(self) -> None:
        """Tell every run at its next report that it is no longer needed."""
        with self._lock:
            self._ended = True

    def _take(self, report: Report) -> None:
        found = report.payload is not None and self._is_better(
            report.objective, self._objective
        )
        # The better of two bounds is the worse objective.
        proven = math.isfinite(report.bound) and self._is_better(
            self._bound, report.bound
        )
        if found:
            self._objective, self._payload = report.objective, report.payload
        if proven:
            self._bound = report.bound
        if found or proven:
            seconds = time.monotonic() - self._begin
            self._news.append(News(seconds, self._objective, self._bound, report.who))
        if report.experience:
            self._experience[report.who] = dict(report.experience)

    def _is_better(self, one: float, other: float) -> bool:
        return self._sign * one < self._sign * other

    def _experience_of_others(self, who: str) -> dict[int, tuple[int, float]]:
        total: dict[int, tuple[int, float]] = {}
        for name, arms in self._experience.items():
            if name == who:
                continue
            for arm, (pulls, rewards) in arms.items():
                before = total.get(arm, (0, 0.0))
                total[arm] = (before[0] + pulls, before[1] + rewards)
        return total
