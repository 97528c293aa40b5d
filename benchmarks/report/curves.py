"""The curves of a report, as plain lists of numbers for the page to draw."""

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any

import numpy as np

from boundwise.benchmarks.metrics.gaps import primal_gap
from boundwise.benchmarks.metrics.means import MITTELMANN_SHIFT, log_ratio
from boundwise.benchmarks.metrics.profiles import data_profile, performance_profile
from boundwise.benchmarks.metrics.significance import bootstrap_mean_interval
from boundwise.benchmarks.record import Record
from boundwise.benchmarks.report.summary import Analysis

_GRID_POINTS = 60
_ARM_BINS = 40


def profile_curves(analysis: Analysis) -> dict[str, Any]:
    """Return performance and data profiles of all solvers.

    Parameters
    ----------
    analysis
        The prepared records.
    """
    times = analysis.grid.solved_times()
    if not analysis.grid.rows:
        return {"performance": [], "data": []}
    ratios = performance_profile(times)
    return {
        "performance": [
            {"label": label, "x": list(curve.x), "y": list(curve.y)}
            for label, curve in ratios.items()
        ],
        "data": [
            {"label": label, "x": list(curve.x), "y": list(curve.y)}
            for label, curve in (
                (label, data_profile(row)) for label, row in times.items()
            )
        ],
    }


def gap_curves(analysis: Analysis) -> list[dict[str, Any]]:
    """Return each solver's mean primal gap over time, seeds inside instances first.

    Parameters
    ----------
    analysis
        The prepared records. Instances without a known solution are left out.
    """
    limit = analysis.time_limit
    if not limit:
        return []
    first = min(0.1, limit / 100)
    seconds = np.geomspace(first, limit, _GRID_POINTS).tolist()
    curves = []
    for label, cells in analysis.grid.columns().items():
        rows = [
            np.mean([_gaps(run, analysis, seconds) for run in cell.runs], axis=0)
            for cell in cells
            if cell.instance in analysis.best
        ]
        if rows:
            curves.append(
                {
                    "label": label,
                    "x": [float(f"{s:.5g}") for s in seconds],
                    "y": [float(f"{y:.6g}") for y in np.mean(rows, axis=0)],
                    "instances": len(rows),
                }
            )
    return curves


def _gaps(run: Record, analysis: Analysis, seconds: Sequence[float]) -> list[float]:
    """Return the primal gaps at given times; a rejected solution is no solution."""
    best = analysis.best[run.instance]
    if run.check.get("verified") is False:
        return [1.0] * len(seconds)
    times = [point[0] for point in run.trace]
    gaps = [primal_gap(point[1], best) for point in run.trace]
    return [
        gaps[place - 1] if (place := bisect_right(times, second)) else 1.0
        for second in seconds
    ]


def scatter_points(analysis: Analysis) -> dict[str, Any]:
    """Return the time of every solver on every instance, for A-versus-B plots.

    Parameters
    ----------
    analysis
        The prepared records.
    """
    return {
        "instances": list(analysis.grid.rows),
        "times": {
            label: [float(f"{time:.5g}") for time in row]
            for label, row in analysis.grid.times().items()
        },
        "limit": analysis.time_limit,
    }


def ratio_boxes(analysis: Analysis) -> list[dict[str, Any]]:
    """Return log2 ratios of each solver's times to the base's, mean and interval.

    Parameters
    ----------
    analysis
        The prepared records.
    """
    times = analysis.grid.times()
    base = times.get(analysis.base)
    if not base:
        return []
    boxes = []
    for label, row in times.items():
        if label == analysis.base:
            continue
        ratios = [
            log_ratio(time, other, MITTELMANN_SHIFT)
            for time, other in zip(row, base, strict=True)
        ]
        low, high = bootstrap_mean_interval(ratios)
        boxes.append(
            {
                "label": label,
                "y": [round(ratio, 5) for ratio in ratios],
                "mean": fmean(ratios),
                "low": low,
                "high": high,
            }
        )
    return boxes


def arm_curves(analysis: Analysis) -> list[dict[str, Any]]:
    """Return, for each solver with a bandit, the pulls of each arm over time.

    Parameters
    ----------
    analysis
        The prepared records; pulls are those in ``stats["pulls"]``.
    """
    limit = analysis.time_limit
    counts: dict[str, dict[str, Counter[int]]] = defaultdict(
        lambda: defaultdict(Counter)
    )
    for record in analysis.loaded.records:
        for pull in record.stats.get("pulls") or ():
            seconds, arm = float(pull[0]), str(pull[1])
            if limit and math.isfinite(seconds):
                place = min(_ARM_BINS - 1, int(_ARM_BINS * seconds / limit))
                counts[record.label][arm][place] += 1
    edges = [round(limit * (i + 0.5) / _ARM_BINS, 4) for i in range(_ARM_BINS)]
    return [
        {
            "label": label,
            "x": edges,
            "arms": [
                {"name": arm, "y": [bins[i] for i in range(_ARM_BINS)]}
                for arm, bins in sorted(arms.items())
            ],
        }
        for label, arms in counts.items()
    ]
