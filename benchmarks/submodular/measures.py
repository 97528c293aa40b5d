"""The figures of one run: calls, time, ratios to lazy greedy, changes, memory."""

from dataclasses import dataclass

import numpy as np

from boundwise.benchmarks.submodular.play import Course
from boundwise.solvers.submodular.objectives import Objective
from boundwise.solvers.submodular.static import maximize


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Hold the figures of one run.

    Parameters
    ----------
    calls, microseconds, changes
        Oracle calls, CPU microseconds, elements that enter or leave the set, each
        per update.
    mean_ratio, worst_ratio
        Value over that of lazy greedy from scratch, at the checkpoints.
    memory
        MiB.
    done
        Share of the stream that was played.
    """

    calls: float
    microseconds: float
    changes: float
    mean_ratio: float
    worst_ratio: float
    memory: float
    done: float


def greedy_values(objective: Objective, k: int, course: Course) -> list[float]:
    """Return what lazy greedy reaches from scratch at each checkpoint."""
    return [
        maximize(objective, k, elements=alive, certify=False).value
        for alive in course.alive
    ]


def figures(course: Course, reference: list[float]) -> Figures:
    """Return the figures of a run, given the values of lazy greedy."""
    ratios = np.array(
        [
            value / best
            for value, best in zip(course.values, reference, strict=True)
            if best > 0.0
        ]
    )
    updates = max(1, course.n_updates)
    return Figures(
        calls=course.stats["oracle_calls"] / updates,
        microseconds=1e6 * course.seconds / updates,
        changes=course.stats["solution_changes"] / updates,
        mean_ratio=float(ratios.mean()) if len(ratios) else 0.0,
        worst_ratio=float(ratios.min()) if len(ratios) else 0.0,
        memory=course.memory,
        done=course.n_updates / max(1, course.length),
    )
