"""Compare two campaigns: find out whether B (new) is worse than A (old).

Solvers are paired by label; if no label is common and each campaign has one solver,
these two are paired. B is a loss if, for some pair, it is slower by a significant
amount (Wilcoxon p < 0.05 and a bootstrap interval that excludes 1), or if a run fails
on an instance on which none failed in A: a wrong answer needs no statistics.
"""

from dataclasses import dataclass
from pathlib import Path

from boundwise.benchmarks.load import Loaded, load_records, refuse_mixed
from boundwise.benchmarks.metrics.means import shifted_geometric_mean
from boundwise.benchmarks.metrics.reduction import Cell, make_cell
from boundwise.benchmarks.metrics.significance import (
    WIN_FACTOR,
    Comparison,
    compare,
)
from boundwise.benchmarks.record import Record
from boundwise.core.errors import InputError

#: Instances listed on the terminal for each pair; the page has them all.
_LISTED = 20


@dataclass(frozen=True, slots=True)
class Change:
    """One instance in both campaigns.

    Parameters
    ----------
    instance
        Its name.
    before, after
        Reduced runs in A and B.
    """

    instance: str
    before: Cell
    after: Cell

    @property
    def rank(self) -> int:
        """0 new failure, 1 no longer solved, 2 slower, 3 same, 4 better."""
        if self.after.failed and not self.before.failed:
            return 0
        if self.before.solved_all and not self.after.solved_all:
            return 1
        if self.before.failed and not self.after.failed:
            return 4
        if self.after.solved_all and not self.before.solved_all:
            return 4
        if self.after.time > WIN_FACTOR * self.before.time:
            return 2
        return 4 if self.before.time > WIN_FACTOR * self.after.time else 3

    @property
    def words(self) -> str:
        """The rank in words."""
        return ("new failure", "no longer solved", "slower", "same", "better")[
            self.rank
        ]


@dataclass(frozen=True, slots=True)
class PairResult:
    """The comparison of one solver of A with one of B.

    Parameters
    ----------
    label_a, label_b
        The solvers.
    changes
        Common instances, regressions first.
    comparison
        Statistics of the times of B against A.
    sgm_a, sgm_b
        Shifted geometric means.
    """

    label_a: str
    label_b: str
    changes: tuple[Change, ...]
    comparison: Comparison
    sgm_a: float
    sgm_b: float

    @property
    def title(self) -> str:
        """The pair in words."""
        if self.label_a == self.label_b:
            return self.label_a
        return f"{self.label_b} (B) against {self.label_a} (A)"

    @property
    def new_failures(self) -> int:
        """Instances on which B fails and A does not."""
        return sum(change.rank == 0 for change in self.changes)

    @property
    def is_loss(self) -> bool:
        """Whether B is slower by a significant amount, or newly wrong."""
        slower = self.comparison.significant and self.comparison.ratio > 1
        return slower or self.new_failures > 0

    @property
    def verdict(self) -> str:
        """The outcome in words."""
        if self.new_failures:
            return f"LOSS: {self.new_failures} new failures"
        if not self.comparison.significant:
            return "no significant difference"
        ratio = self.comparison.ratio
        if ratio > 1:
            return f"LOSS: slower by a factor of {ratio:.3f}, significant"
        return f"win: faster by a factor of {1 / ratio:.3f}, significant"


@dataclass(frozen=True, slots=True)
class CampaignComparison:
    """The comparison of two campaigns.

    Parameters
    ----------
    name_a, name_b
        Their folders.
    pairs
        One result for each pair of solvers.
    shift
        Shift of the means in seconds.
    warnings
        What a reader must know.
    """

    name_a: str
    name_b: str
    pairs: tuple[PairResult, ...]
    shift: float
    warnings: tuple[str, ...]

    @property
    def is_loss(self) -> bool:
        """Whether B loses for some pair."""
        return any(pair.is_loss for pair in self.pairs)

    def lines(self) -> list[str]:
        """Return the comparison as lines of text, regressions first."""
        lines = [f"A = {self.name_a}", f"B = {self.name_b}"]
        lines += [f"warning: {text}" for text in self.warnings]
        for pair in sorted(self.pairs, key=lambda pair: not pair.is_loss):
            lines += ["", *_pair_lines(pair, self.shift)]
        return lines


def compare_campaigns(
    folder_a: Path, folder_b: Path, *, shift: float = 1.0, allow_mixed: bool = False
) -> CampaignComparison:
    """Compare the campaigns in two folders.

    Parameters
    ----------
    folder_a, folder_b
        Folders of the old and the new campaign.
    shift
        Shift of the means in seconds.
    allow_mixed
        Accept runs of several machines; the comparison then says so.

    Raises
    ------
    InputError
        If nothing can be paired, time limits differ, or machines are mixed.
    """
    a, b = load_records(folder_a), load_records(folder_b)
    refuse_mixed([*a.records, *b.records], allow=allow_mixed)
    warnings = [f"A: {text}" for text in a.warnings]
    warnings += [f"B: {text}" for text in b.warnings]
    pairs = []
    for label_a, label_b in _pair_labels(a, b):
        pair, unpaired = _compare_pair(a, b, label_a, label_b, shift)
        pairs.append(pair)
        if unpaired:
            warnings.append(
                f"{pair.title}: {len(unpaired)} instances are not in both campaigns "
                f"or differ in content: {', '.join(unpaired[:5])}"
            )
    return CampaignComparison(
        str(folder_a), str(folder_b), tuple(pairs), shift, tuple(warnings)
    )


def _pair_labels(a: Loaded, b: Loaded) -> list[tuple[str, str]]:
    in_a = list(dict.fromkeys(record.label for record in a.records))
    in_b = list(dict.fromkeys(record.label for record in b.records))
    common = [(label, label) for label in in_a if label in in_b]
    if common:
        return common
    if len(in_a) == len(in_b) == 1:
        return [(in_a[0], in_b[0])]
    raise InputError(
        f"the campaigns have no solver in common: {', '.join(in_a) or 'none'} and "
        f"{', '.join(in_b) or 'none'}."
    )


def _compare_pair(
    a: Loaded, b: Loaded, label_a: str, label_b: str, shift: float
) -> tuple[PairResult, list[str]]:
    cells_a, cells_b = _cells(a, label_a), _cells(b, label_b)
    common = [key for key in cells_a if key in cells_b]
    unpaired = sorted({name for name, _ in cells_a.keys() ^ cells_b.keys()})
    if not common:
        raise InputError(f"no instance is common to {label_a} in A and {label_b} in B.")
    _refuse_limits(cells_a[common[0]].runs[0], cells_b[common[0]].runs[0])
    changes = sorted(
        (Change(key[0], cells_a[key], cells_b[key]) for key in common),
        key=lambda c: (c.rank, -c.after.time / c.before.time, c.instance),
    )
    before = [change.before.time for change in changes]
    after = [change.after.time for change in changes]
    result = PairResult(
        label_a,
        label_b,
        tuple(changes),
        compare(after, before, shift),
        shifted_geometric_mean(before, shift),
        shifted_geometric_mean(after, shift),
    )
    return result, unpaired


def _cells(loaded: Loaded, label: str) -> dict[tuple[str, str], Cell]:
    groups: dict[tuple[str, str], list[Record]] = {}
    for record in loaded.records:
        if record.label == label:
            groups.setdefault((record.instance, record.sha256), []).append(record)
    return {key: make_cell(runs) for key, runs in sorted(groups.items())}


def _refuse_limits(a: Record, b: Record) -> None:
    for name in ("time_limit", "threads"):
        if a.limits.get(name) != b.limits.get(name):
            raise InputError(
                f"{name} must be the same in both campaigns, got "
                f"{a.limits.get(name)} and {b.limits.get(name)}."
            )


def _pair_lines(pair: PairResult, shift: float) -> list[str]:
    found = pair.comparison
    p = "n/a" if found.p_value is None else f"{found.p_value:.3g}"
    lines = [
        f"{pair.title}: {pair.verdict}",
        f"  instances {found.instances}, sgm time (shift {shift:g} s) "
        f"A {pair.sgm_a:.4g} s, B {pair.sgm_b:.4g} s",
        f"  ratio B/A {found.ratio:.3f}, 95 % interval {found.interval[0]:.3f} to "
        f"{found.interval[1]:.3f}, Wilcoxon p {p}",
        f"  B faster on {found.wins}, slower on {found.losses} (factor {WIN_FACTOR:g})",
    ]
    shown = [change for change in pair.changes if change.rank < 3]
    lines += [
        f"  {change.words:<17} {change.instance:<28} "
        f"{change.before.status} {change.before.time:.2f} s -> "
        f"{change.after.status} {change.after.time:.2f} s"
        for change in shown[:_LISTED]
    ]
    if len(shown) > _LISTED:
        lines.append(f"  ... and {len(shown) - _LISTED} more regressions")
    return lines
