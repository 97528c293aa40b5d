"""The tables of a report: solvers, comparisons with a base, subsets, instances."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from boundwise.benchmarks.load import Loaded, best_known
from boundwise.benchmarks.metrics.means import (
    MITTELMANN_SHIFT,
    SCIP_SHIFT,
    mittelmann_scores,
    penalized_average,
    shifted_geometric_mean,
    virtual_best,
)
from boundwise.benchmarks.metrics.reduction import Cell, Grid, make_grid
from boundwise.benchmarks.metrics.significance import compare
from boundwise.benchmarks.metrics.subsets import subsets
from boundwise.benchmarks.record import Record
from boundwise.benchmarks.suites.base import Measure, Suite, load_suite

VIRTUAL_BEST = "virtual best"


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything that tables and plots are made of.

    Parameters
    ----------
    loaded
        The records.
    suite
        The suite that judges them.
    grid
        Instances that every solver has finished.
    best
        Best known objective of each instance.
    base
        Solver that the others are compared with.
    values
        Own figures of the suite by (run key, measure).
    """

    loaded: Loaded
    suite: Suite
    grid: Grid
    best: Mapping[str, float]
    base: str
    values: Mapping[tuple[str, str], float | None]

    @property
    def time_limit(self) -> float:
        """Time limit of the campaign in seconds."""
        return max((r.time_limit for r in self.loaded.records), default=0.0)


def analyse(loaded: Loaded, base: str | None = None) -> Analysis:
    """Prepare the records of a campaign for tables and plots.

    Parameters
    ----------
    loaded
        The records.
    base
        Label of the base solver; the first one if None.
    """
    suite = load_suite(loaded.plan.suite)
    best = best_known(loaded.records)
    grid = make_grid(loaded.records)
    values = {
        (record.key, measure.name): suite.measure(
            measure.name, record, best.get(record.instance)
        )
        for record in loaded.records
        for measure in suite.measures()
    }
    labels = list(dict.fromkeys(job.solver.label for job in loaded.plan.jobs))
    chosen = base if base in grid.labels else (labels or [""])[0]
    ordered = _ordered(grid, [label for label in labels if label in grid.labels])
    return Analysis(loaded, suite, ordered, best, chosen, values)


def _ordered(grid: Grid, labels: Sequence[str]) -> Grid:
    places = [grid.labels.index(label) for label in labels]
    rows = {
        name: tuple(row[place] for place in places) for name, row in grid.rows.items()
    }
    return Grid(tuple(labels), rows, grid.incomplete)


def solver_rows(analysis: Analysis) -> list[dict[str, Any]]:
    """Return one row for each solver, and one for the virtual best.

    Parameters
    ----------
    analysis
        The prepared records.
    """
    grid = analysis.grid
    if not grid.rows:
        return []
    scores = mittelmann_scores(grid.solved_times(), analysis.time_limit)
    columns = grid.columns()
    rows = []
    for label in grid.labels:
        cells = columns[label]
        row = _time_figures([_or_none(c) for c in cells], analysis.time_limit)
        row |= {
            "label": label,
            "solved": sum(cell.solved_all for cell in cells),
            "solved_any": sum(cell.solved_any for cell in cells),
            "failed": sum(cell.failed for cell in cells),
            "score": scores[label],
            "loose": sum(_is_loose(cell) for cell in cells),
        }
        for measure in analysis.suite.measures():
            row[f"m_{measure.name}"] = measure_mean(analysis, cells, measure)
        rows.append(row)
    return [*rows, _virtual_best_row(analysis, min_score=rows)]


def _virtual_best_row(
    analysis: Analysis, min_score: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    times = virtual_best(analysis.grid.solved_times())
    row = _time_figures(times, analysis.time_limit)
    best = min(float(other["sgm10"]) for other in min_score)
    solved = sum(time is not None for time in times)
    return row | {
        "label": VIRTUAL_BEST,
        "solved": solved,
        "solved_any": solved,
        "failed": 0,
        "score": row["sgm10"] / best if best > 0 else None,
        "loose": 0,
    }


def _time_figures(times: Sequence[float | None], limit: float) -> dict[str, Any]:
    paid = [limit if time is None else time for time in times]
    return {
        "sgm1": shifted_geometric_mean(paid, SCIP_SHIFT),
        "sgm10": shifted_geometric_mean(paid, MITTELMANN_SHIFT),
        "par2": penalized_average(times, limit, 2.0),
        "par10": penalized_average(times, limit),
    }


def _or_none(cell: Cell) -> float | None:
    return cell.time if cell.solved_all else None


def _is_loose(cell: Cell) -> bool:
    """Tell whether a solution holds at the loose tolerance only."""
    return any(
        run.check.get("strict") is False and run.check.get("verified") is True
        for run in cell.runs
    )


def measure_mean(
    analysis: Analysis, cells: Sequence[Cell], measure: Measure
) -> float | None:
    """Return the mean of one measure: seeds inside an instance first.

    Parameters
    ----------
    analysis
        The prepared records.
    cells
        Cells of one solver.
    measure
        The measure; an instance where a run has no value is left out.
    """
    reduced = []
    for cell in cells:
        values = [analysis.values.get((run.key, measure.name)) for run in cell.runs]
        known = [value for value in values if value is not None]
        if len(known) == len(values):
            reduced.append(fmean(known))
    if not reduced:
        return None
    if measure.mean == "shifted_geometric":
        return shifted_geometric_mean(reduced, measure.shift)
    return fmean(reduced)


def comparison_rows(analysis: Analysis, shift: float) -> list[dict[str, Any]]:
    """Return the comparison of every solver with the base.

    Parameters
    ----------
    analysis
        The prepared records.
    shift
        Shift of the means, in seconds.
    """
    times = analysis.grid.times()
    if analysis.base not in times or not analysis.grid.rows:
        return []
    rows = []
    for label in analysis.grid.labels:
        if label == analysis.base:
            continue
        found = compare(times[label], times[analysis.base], shift)
        rows.append(
            {
                "label": label,
                "instances": found.instances,
                "ratio": found.ratio,
                "low": found.interval[0],
                "high": found.interval[1],
                "p": found.p_value,
                "wins": found.wins,
                "losses": found.losses,
                "significant": found.significant,
            }
        )
    return rows


def subset_rows(analysis: Analysis, shift: float) -> list[dict[str, Any]]:
    """Return, for each subset, its size and each solver's solved and mean time.

    Parameters
    ----------
    analysis
        The prepared records.
    shift
        Shift of the means, in seconds.
    """
    if not analysis.grid.rows:
        return []
    rows = []
    for title, grid in subsets(analysis.grid).items():
        columns = grid.columns()
        rows.append(
            {
                "title": title,
                "instances": len(grid.rows),
                "solvers": [
                    {
                        "label": label,
                        "solved": sum(cell.solved_all for cell in columns[label]),
                        "sgm": shifted_geometric_mean(
                            [cell.time for cell in columns[label]], shift
                        ),
                    }
                    for label in grid.labels
                ],
            }
        )
    return rows


def run_rows(analysis: Analysis) -> list[dict[str, Any]]:
    """Return one row for each run, for the table that is sorted and filtered.

    Parameters
    ----------
    analysis
        The prepared records.
    """
    return [_run_row(analysis, record) for record in analysis.loaded.records]


def _run_row(analysis: Analysis, record: Record) -> dict[str, Any]:
    row: dict[str, Any] = {
        "instance": record.instance,
        "solver": record.label,
        "seed": record.seed,
        "permutation": record.permutation,
        "status": str(record.status),
        "time": _rounded(record.seconds),
        "primal": record.primal,
        "dual": record.dual,
        "memory": _rounded(record.peak_rss),
    }
    for measure in analysis.suite.measures():
        row[f"m_{measure.name}"] = _rounded(
            analysis.values.get((record.key, measure.name))
        )
    return row


def _rounded(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.6g}")
