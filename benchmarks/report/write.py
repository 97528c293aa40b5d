"""Write the report of a campaign: one HTML file that needs no network."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

from boundwise.benchmarks.isolation.runfiles import tail
from boundwise.benchmarks.load import load_records, refuse_mixed
from boundwise.benchmarks.machine import kept_machine_records
from boundwise.benchmarks.metrics.means import MITTELMANN_SHIFT, SCIP_SHIFT
from boundwise.benchmarks.progress import count_line
from boundwise.benchmarks.record import Record
from boundwise.benchmarks.report.curves import (
    arm_curves,
    gap_curves,
    profile_curves,
    ratio_boxes,
    scatter_points,
)
from boundwise.benchmarks.report.summary import (
    Analysis,
    analyse,
    comparison_rows,
    run_rows,
    solver_rows,
    subset_rows,
)
from boundwise.core.errors import InputError
from boundwise.core.files import atomic_write
from boundwise.core.optional import require

_MAX_FAILURES = 200
_TAIL = 2000


def write_report(
    folder: Path,
    out: Path | None = None,
    *,
    base: str | None = None,
    allow_mixed: bool = False,
) -> Path:
    """Write the report of the campaign in a folder.

    Parameters
    ----------
    folder
        Folder of the campaign.
    out
        HTML file; ``report.html`` in the folder if None.
    base
        Solver that the others are compared with; the first one if None.
    allow_mixed
        Accept runs of several machines; the report then says so.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If there is no record, the base is unknown, or machines are mixed.
    """
    loaded = load_records(folder)
    if not loaded.records:
        raise InputError(f"no run of {str(folder)!r} is recorded yet.")
    refuse_mixed(loaded.records, allow=allow_mixed)
    labels = {record.label for record in loaded.records}
    if base is not None and base not in labels:
        raise InputError(
            f"base must be one of {', '.join(sorted(labels))}, got {base!r}."
        )
    analysis = analyse(loaded, base)
    path = out or folder / "report.html"
    text = render("report.html", **report_context(analysis, folder))
    with atomic_write(path) as stream:
        stream.write(text)
    return path


def report_context(analysis: Analysis, folder: Path) -> dict[str, Any]:
    """Return what the page template shows.

    Parameters
    ----------
    analysis
        The prepared records.
    folder
        Folder of the campaign, for the logs.
    """
    records = analysis.loaded.records
    failures = [record for record in records if record.status.failed]
    return {
        "title": analysis.loaded.plan.name,
        "suite": analysis.suite.title,
        "warnings": analysis.loaded.warnings,
        "incomplete": list(analysis.grid.incomplete),
        "solvers": solver_rows(analysis),
        "measures": analysis.suite.measures(),
        "base": analysis.base,
        "comparisons": comparison_rows(analysis, SCIP_SHIFT),
        "subsets": subset_rows(analysis, SCIP_SHIFT),
        "shift": SCIP_SHIFT,
        "score_shift": MITTELMANN_SHIFT,
        "instances": len(analysis.grid.rows),
        "facts": campaign_facts(analysis) + machine_facts(folder),
        "failures": [_failure(record, folder) for record in failures[:_MAX_FAILURES]],
        "more_failures": max(0, len(failures) - _MAX_FAILURES),
        "data": {
            "base": analysis.base,
            "labels": list(analysis.grid.labels),
            "runs": run_rows(analysis),
            "columns": _columns(analysis),
            "profiles": profile_curves(analysis),
            "gaps": gap_curves(analysis),
            "scatter": scatter_points(analysis),
            "ratios": ratio_boxes(analysis),
            "arms": arm_curves(analysis),
        },
    }


def campaign_facts(analysis: Analysis) -> list[tuple[str, str]]:
    """Return what a reader must know to judge the numbers, as (what, value)."""
    records = analysis.loaded.records
    limits = records[0].limits
    hosts = {str(r.host.get("fingerprint")): str(r.host.get("name")) for r in records}
    stamps = sorted(record.stamp for record in records if record.stamp)
    memory = limits.get("memory_limit")
    counts: dict[str, int] = {}
    for record in records:
        counts[str(record.status)] = counts.get(str(record.status), 0) + 1
    facts = [
        ("runs", f"{len(records)} of {len(analysis.loaded.plan.jobs)}"),
        ("statuses", count_line(counts)),
        ("time limit", f"{limits['time_limit']:g} s"),
        ("memory limit", "none" if memory is None else f"{memory:g} MiB"),
        ("threads", str(limits.get("threads"))),
        ("gap limit", f"{limits.get('gap', 0.0):g}"),
        ("runs at a time", str(analysis.loaded.plan.slots)),
        ("from, to (UTC)", f"{stamps[0][:19]}, {stamps[-1][:19]}" if stamps else "-"),
        ("machines", ", ".join(f"{n} ({m})" for m, n in sorted(hosts.items()))),
    ]
    facts += [
        (f"solver {label}", f"{version}; settings {settings}")
        for label, version, settings in _solvers(records)
    ]
    return facts


def machine_facts(folder: Path) -> list[tuple[str, str]]:
    """Return what is known of the machines of a campaign, as (what, value).

    Parameters
    ----------
    folder
        Folder of the campaign.
    """
    facts = []
    for machine in kept_machine_records(folder).values():
        text = (
            f"{machine['cpu']}; {machine['cores']} cores; {machine['memory_mib']} MiB; "
            f"governor {machine['governor'] or 'unknown'}; {machine['system']}; "
            f"Python {machine['python']}"
        )
        facts.append((f"machine {machine['name']}", text))
    return facts


def _solvers(records: list[Record]) -> list[tuple[str, str, str]]:
    found = {
        record.label: (
            record.label,
            f"{record.solver['adapter']} {record.solver['version']}",
            json.dumps(record.settings) if record.settings else "default",
        )
        for record in records
    }
    return list(found.values())


def _columns(analysis: Analysis) -> list[dict[str, str]]:
    columns = [
        ("instance", "instance", "text"),
        ("solver", "solver", "text"),
        ("seed", "seed", "number"),
        ("permutation", "perm.", "number"),
        ("status", "status", "text"),
        ("time", "time (s)", "number"),
        ("primal", "primal", "number"),
        ("dual", "dual", "number"),
    ]
    for measure in analysis.suite.measures():
        columns.append((f"m_{measure.name}", measure.title, "number"))
    columns.append(("memory", "memory (MiB)", "number"))
    if not any(record.permutation for record in analysis.loaded.records):
        columns = [column for column in columns if column[0] != "permutation"]
    return [{"key": k, "title": t, "kind": kind} for k, t, kind in columns]


def _failure(record: Record, folder: Path) -> dict[str, str]:
    run = folder / record.log
    reasons = [record.raw_status, str(record.check.get("error") or "")]
    reasons += [str(text) for text in record.check.get("failures") or ()]
    return {
        "run": f"{record.instance}, {record.label}, seed {record.seed}",
        "status": str(record.status),
        "why": "; ".join(reason for reason in reasons if reason)[:_TAIL],
        "out": tail(run / "out", _TAIL),
        "err": tail(run / "err", _TAIL),
        "log": str(record.log),
    }


def render(template: str, **context: Any) -> str:
    """Fill in a page template; everything is escaped.

    Parameters
    ----------
    template
        Name of a file beside this one.
    context
        What it shows; ``data`` becomes a JSON block for the script.
    """
    jinja = require("jinja2", extra="report")
    home = resources.files("boundwise.benchmarks.report")

    def source(name: str) -> str:
        return (home / name).read_text(encoding="utf-8")

    environment = jinja.Environment(
        autoescape=True,
        loader=jinja.FunctionLoader(source),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja.StrictUndefined,
    )
    environment.filters["number"] = format_figure
    markup = require("markupsafe", extra="report").Markup
    # Inside a script element only "<" could end the block early.
    data = json.dumps(context.pop("data"), allow_nan=False, separators=(",", ":"))
    plotly = require("plotly.offline", extra="report")
    text: str = environment.get_template(template).render(
        **context,
        data=markup(data.replace("<", "\\u003c")),
        style=markup(source("page.css")),
        script=markup(source(template.replace(".html", ".js"))),
        plotly=markup(plotly.get_plotlyjs()),
    )
    return text


def format_figure(value: float | None) -> str:
    """Return a figure with 4 digits, a dash if there is none.

    Examples
    --------
    >>> format_figure(1234.567), format_figure(0.01234), format_figure(None)
    ('1235', '0.01234', '-')
    """
    if value is None:
        return "-"
    if abs(value) >= 1e6 or (value != 0 and abs(value) < 1e-4):
        return f"{value:.3e}"
    return f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"
