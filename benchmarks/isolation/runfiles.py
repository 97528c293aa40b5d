"""Read what a run left in its folder; half-written files are no surprise here."""

import contextlib
import json
from pathlib import Path
from typing import Any

from boundwise.benchmarks.record import TracePoint

#: Points of a trace that a record keeps; the file has them all.
MAX_POINTS = 400


def read_answer(folder: Path) -> dict[str, Any]:
    """Return ``answer.json``, or an empty document if there is no valid one."""
    with contextlib.suppress(OSError, ValueError):
        document = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
        if isinstance(document, dict):
            return document
    return {}


def read_trace(path: Path) -> list[TracePoint]:
    """Return the points of a trace file; a damaged line ends it."""
    points: list[TracePoint] = []
    try:
        with path.open(encoding="utf-8", errors="replace") as stream:
            for line in stream:
                seconds, primal, dual, who = json.loads(line)
                points.append((float(seconds), primal, dual, str(who)))
    except (OSError, ValueError, TypeError):
        # Killed in the middle of a line: what is before it is good.
        return points
    return points


def thin(trace: list[TracePoint], limit: int = MAX_POINTS) -> list[TracePoint]:
    """Return at most about ``limit`` points: first the incumbents, then bounds."""
    if len(trace) <= limit:
        return trace
    former = None
    kept = {0, len(trace) - 1}
    others = []
    for index, point in enumerate(trace):
        if point[1] != former:
            kept.add(index)
            former = point[1]
        else:
            others.append(index)
    room = limit - len(kept)
    if room < 0:
        chosen = sorted(kept)
        step = len(chosen) / limit
        kept = {chosen[int(i * step)] for i in range(limit)} | {chosen[-1]}
    elif others:
        step = max(1.0, len(others) / max(1, room))
        kept |= {others[int(i * step)] for i in range(min(room, len(others)))}
    return [trace[index] for index in sorted(kept)]


def tail(path: Path, size: int = 4000) -> str:
    """Return the end of a text file, an empty string if there is none."""
    try:
        with path.open("rb") as stream:
            stream.seek(0, 2)
            length = stream.tell()
            stream.seek(max(0, length - size))
            return stream.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
