"""Write the comparison of two campaigns as one HTML file that needs no network."""

from pathlib import Path
from typing import Any

from boundwise.benchmarks.report.compare import CampaignComparison, PairResult
from boundwise.benchmarks.report.write import render
from boundwise.core.files import atomic_write


def write_comparison(result: CampaignComparison, path: Path) -> None:
    """Write a comparison.

    Parameters
    ----------
    result
        The comparison.
    path
        HTML file to write.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    pairs = sorted(result.pairs, key=lambda pair: not pair.is_loss)
    text = render(
        "comparison.html",
        result=result,
        pairs=pairs,
        data={
            "labels": [pair.title for pair in pairs],
            "pairs": [_points(pair) for pair in pairs],
        },
    )
    with atomic_write(path) as stream:
        stream.write(text)


def _points(pair: PairResult) -> dict[str, Any]:
    return {
        "instances": [change.instance for change in pair.changes],
        "before": [round(change.before.time, 5) for change in pair.changes],
        "after": [round(change.after.time, 5) for change in pair.changes],
        "kind": [change.rank for change in pair.changes],
        "limit": max(
            (run.time_limit for c in pair.changes for run in c.before.runs), default=1.0
        ),
    }
