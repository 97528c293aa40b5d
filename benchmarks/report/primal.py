"""The table of primal gaps: who has the best solution at the time limit, who was quick.

    gap        |c x - c x*| / max(|c x|, |c x*|) at the time limit, 1 without a solution
    integral   mean of that gap over the time until the limit

for each instance and solver, and in the mean. Solvers of this package are compared
with the best single peer, which is the other solver with the least mean, and with the
mean of each instance's best peer, which nobody can know beforehand. A rejected solution
is none.

References: Berthold (2013), doi:10.1016/j.orl.2013.08.007.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from boundwise.benchmarks.consistency import cross_check, mixed_conditions
from boundwise.benchmarks.load import Loaded, best_known, load_records
from boundwise.benchmarks.plan import Plan
from boundwise.benchmarks.record import Record
from boundwise.benchmarks.store import Store
from boundwise.benchmarks.suites.base import Suite, load_suite
from boundwise.core.errors import InputError

_WIDTH = 15
_RELATIVE = "best single peer = 1"
_MEASURES = ("gap", "primal_integral")


@dataclass(frozen=True, slots=True)
class Figures:
    """Gap at the limit and normalised integral, of one run or in the mean."""

    gap: float
    integral: float

    def text(self) -> str:
        """Return both as they stand in a table."""
        return f"{self.gap:.4f} {self.integral:.3f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimalTable:
    """Primal gaps and integrals of a campaign.

    Parameters
    ----------
    time_limit, clock
        Seconds of a run, and what they count.
    labels
        Solvers, in the order of the plan.
    own
        Those of this package.
    rows
        Figures by instance and solver; a run that is not recorded yet is missing.
    warnings
        What a reader must know.
    """

    time_limit: float
    clock: str
    labels: tuple[str, ...]
    own: frozenset[str]
    rows: Mapping[str, Mapping[str, Figures]]
    warnings: tuple[str, ...] = ()

    @property
    def peers(self) -> tuple[str, ...]:
        """Solvers that are not of this package."""
        return tuple(label for label in self.labels if label not in self.own)

    @property
    def complete(self) -> tuple[str, ...]:
        """Instances on which every solver has run: the means are over these."""
        return tuple(
            name for name, row in self.rows.items() if len(row) == len(self.labels)
        )

    def mean(self, label: str) -> Figures:
        """Return a solver's means over the complete instances."""
        return _mean([self.rows[name][label] for name in self.complete])

    def best_peer(self, instance: str) -> str | None:
        """Return the peer with the least gap, of equal ones the quickest.

        None if no peer found anything.
        """
        row = self.rows[instance]
        found = [x for x in self.peers if x in row and row[x].integral < 1.0]
        if not found:
            return None
        return min(found, key=lambda label: (row[label].gap, row[label].integral))

    def best_single_peer(self) -> Figures | None:
        """Return the least mean gap and the least mean integral of a peer."""
        if not self.peers or not self.complete:
            return None
        means = [self.mean(label) for label in self.peers]
        return Figures(min(m.gap for m in means), min(m.integral for m in means))

    def ideal_peer(self) -> Figures | None:
        """Return the mean of each instance's best peer, in gap and in integral."""
        if not self.peers or not self.complete:
            return None
        rows = [[self.rows[n][label] for label in self.peers] for n in self.complete]
        return _mean(
            [Figures(min(f.gap for f in r), min(f.integral for f in r)) for r in rows]
        )

    def lines(self) -> list[str]:
        """Return the table as lines of text."""
        if not self.rows:
            return ["no run of these instances is recorded yet"]
        line = self._layout()
        lines = [
            f"gap at {self.time_limit:g} s ({self.clock} clock), its mean until then",
            line("", self.labels, "best peer"),
        ]
        for name, row in self.rows.items():
            texts = [row[x].text() if x in row else "-" for x in self.labels]
            lines.append(line(name, texts, self.best_peer(name) or "none"))
        if self.complete:
            lines += self._means(line)
        return [*lines, *(f"note: {warning}" for warning in self.warnings)]

    def _layout(self) -> Callable[..., str]:
        """Return the function that makes a line of a title, cells and a remark."""
        first = max(len(name) for name in (*self.rows, _RELATIVE)) + 1
        widths = [max(_WIDTH, len(label) + 2) for label in self.labels]

        def line(title: str, texts: Sequence[str], remark: str = "") -> str:
            cells = "".join(t.rjust(w) for t, w in zip(texts, widths, strict=True))
            return f"{title:<{first}}{cells}  {remark}".rstrip()

        return line

    def _means(self, line: Callable[..., str]) -> list[str]:
        means = {label: self.mean(label) for label in self.labels}
        counted = f"{len(self.complete)} of {len(self.rows)} instances"
        lines = [line("mean", [means[x].text() for x in self.labels], counted)]
        peer, ideal = self.best_single_peer(), self.ideal_peer()
        if peer is None or ideal is None:
            return lines
        ratios = [_ratio(means[label], peer) for label in self.labels]
        return [
            *lines,
            line(_RELATIVE, ratios),
            f"best single peer: {peer.text()}; best peer of each instance: "
            f"{ideal.text()}",
            *(text for label in self.labels for text in self._worst(label)),
        ]

    def _worst(self, label: str) -> list[str]:
        """Say where one of our solvers loses most to plain SCIP."""
        if label not in self.own or "scip" not in self.labels:
            return []
        excess = {
            name: self.rows[name][label].gap - self.rows[name]["scip"].gap
            for name in self.complete
        }
        worst = max(excess, key=lambda name: excess[name])
        return [f"{label} against scip, at worst: {excess[worst]:+.4f} ({worst})"]


def primal_table(
    folder: Path, instances: Sequence[str] = (), *, everything: bool = False
) -> PrimalTable:
    """Make the table from the records of a campaign.

    Parameters
    ----------
    folder
        Folder of the campaign.
    instances
        Only these, in this order; all if empty.
    everything
        Also take runs of former plans that had the same limits; of several versions
        of a solver the last one recorded.

    Raises
    ------
    InputError
        If the folder is no campaign's, its suite has no primal gap, or its runs have
        different limits.
    """
    loaded = _all_plans(folder) if everything else load_records(folder)
    suite = load_suite(loaded.plan.suite)
    if not set(_MEASURES) <= {measure.name for measure in suite.measures()}:
        raise InputError(f"the suite {suite.name!r} has no primal gap.")
    limits = {(record.time_limit, record.clock) for record in loaded.records}
    if len(limits) > 1:
        raise InputError(f"runs must have the same limits, got {sorted(limits)!r}.")
    chosen = loaded.records
    if instances:
        chosen = [record for record in chosen if record.instance in instances]
    labels = dict.fromkeys(job.solver.label for job in loaded.plan.jobs)
    labels |= dict.fromkeys(record.label for record in chosen)
    present = {record.label for record in chosen}
    own = getattr(suite, "own", ())
    limit, clock = limits.pop() if limits else (0.0, "wall")
    return PrimalTable(
        time_limit=limit,
        clock=clock,
        labels=tuple(label for label in labels if label in present),
        own=frozenset(r.label for r in chosen if r.solver.get("adapter") in own),
        rows=_rows(suite, chosen, instances, best_known(loaded.records)),
        warnings=(*loaded.warnings, *_versions(chosen)),
    )


def _all_plans(folder: Path) -> Loaded:
    """Return the last run of each solver, instance and seed under the plan's limits."""
    plan = Plan.load(folder)
    limits = [dataclasses.asdict(job.limits) for job in plan.jobs[:1]]
    latest = {
        (r.instance, r.label, r.seed, r.permutation): r
        for r in Store(folder).records()
        if [dict(r.limits)] == limits and r.suite == plan.suite
    }
    records = cross_check(list(latest.values()))
    return Loaded(plan=plan, records=records, warnings=mixed_conditions(records))


def _rows(
    suite: Suite,
    records: Sequence[Record],
    instances: Sequence[str],
    best: Mapping[str, float],
) -> dict[str, dict[str, Figures]]:
    runs: dict[str, dict[str, list[Figures]]] = {name: {} for name in instances}
    for record in records:
        value = best.get(record.instance)
        gap, integral = (suite.measure(name, record, value) for name in _MEASURES)
        if gap is None or integral is None:
            continue
        figures = Figures(gap, integral / record.time_limit)
        row = runs.setdefault(record.instance, {})
        row.setdefault(record.label, []).append(figures)
    # Seeds are averaged inside an instance first.
    return {
        name: {label: _mean(found) for label, found in row.items()}
        for name, row in (runs if instances else dict(sorted(runs.items()))).items()
        if row
    }


def _mean(figures: Sequence[Figures]) -> Figures:
    return Figures(fmean(f.gap for f in figures), fmean(f.integral for f in figures))


def _ratio(figures: Figures, peer: Figures) -> str:
    gap = f"{figures.gap / peer.gap:.3f}" if peer.gap > 0 else "-"
    return f"{gap} {figures.integral / peer.integral:.3f}" if peer.integral > 0 else gap


def _versions(records: Sequence[Record]) -> list[str]:
    versions: dict[str, set[str]] = {}
    for record in records:
        found = versions.setdefault(record.label, set())
        found.add(str(record.solver.get("version")))
    return [
        f"runs of {label} are of {len(found)} versions: {', '.join(sorted(found))}"
        for label, found in versions.items()
        if len(found) > 1
    ]
