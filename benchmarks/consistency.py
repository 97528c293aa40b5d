"""Find runs of an experiment that contradict each other, and mixed conditions.

Two runs contradict if the largest trusted dual bound is above the smallest trusted
primal value (minimization); runs that have failed already are not trusted. A solution
that the exact checker accepted is beyond doubt: then only the bound is wrong.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from boundwise.benchmarks.record import Record
from boundwise.benchmarks.status import RunStatus, at_least
from boundwise.core.status import Status

#: Loads that differ by more than this share of the cores are different loads.
_LOAD_SHARE = 0.5


def cross_check(records: Sequence[Record]) -> list[Record]:
    """Return the records, contradicting ones with status ``fail_inconsistent``.

    Parameters
    ----------
    records
        All runs of an experiment, judged one by one.
    """
    groups: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        groups[record.sha256].append(record)
    wrong = {record.key for group in groups.values() for record in contradicting(group)}
    return [
        record.with_status(RunStatus.FAIL_INCONSISTENT)
        if record.key in wrong
        else record
        for record in records
    ]


def contradicting(group: Sequence[Record]) -> list[Record]:
    """Return the runs on one instance that contradict others.

    Parameters
    ----------
    group
        Runs on the same instance.
    """
    trusted = [record for record in group if not record.status.failed]
    found = {}
    for record in trusted:
        for other in trusted:
            if record is not other and _contradict(record, other):
                found[record.key] = record
                if not _verified(other):
                    found[other.key] = other
    return list(found.values())


def _contradict(record: Record, other: Record) -> bool:
    """Tell whether ``record``'s bound or claim rules out ``other``'s solution."""
    if other.primal is None:
        return False
    if record.claim == Status.INFEASIBLE:
        return True
    dual = record.dual
    if record.claim == Status.OPTIMAL and record.primal is not None:
        dual = record.primal if dual is None else dual
    if dual is None:
        return False
    sign = 1.0 if record.sense == "minimize" else -1.0
    return not at_least(sign * other.primal, sign * dual)


def _verified(record: Record) -> bool:
    return record.check.get("verified") is True


def mixed_conditions(records: Iterable[Record]) -> list[str]:
    """Say in what the conditions of the runs differ; an empty list is good.

    Parameters
    ----------
    records
        Runs to be compared by time.
    """
    hosts: dict[str, str] = {}
    slots: set[int] = set()
    loads: list[float] = []
    others: set[str] = set()
    cores = 1
    for record in records:
        host = record.host
        if not host:
            continue
        hosts[str(host.get("fingerprint"))] = str(host.get("name"))
        slots.add(int(host.get("slots") or 1))
        if host.get("load") is not None:
            own = (int(host.get("slots") or 1)) * int(record.limits.get("threads", 1))
            loads.append(max(0.0, float(host["load"]) - own))
        cores = max(1, int(host.get("cores") or 1))
        if not _same_version(record):
            others.add(record.label)
    found = list(_complaints(hosts, slots, loads, cores))
    if others:
        found.append(
            "some runs were made with another version than planned: "
            + ", ".join(sorted(others))
        )
    return found


def _complaints(
    hosts: dict[str, str], slots: set[int], loads: list[float], cores: int
) -> Iterable[str]:
    if len(hosts) > 1:
        names = ", ".join(f"{name} ({mark})" for mark, name in sorted(hosts.items()))
        yield f"the runs were made on {len(hosts)} machines: {names}"
    if len(slots) > 1:
        counts = ", ".join(str(count) for count in sorted(slots))
        yield f"the runs were made with different numbers at a time: {counts}"
    if loads and max(loads) > _LOAD_SHARE * cores:
        yield (
            f"other programs were running: the load was up to {max(loads):.1f} above "
            f"the runs' own, on {cores} cores"
        )


def is_mixed_machine(records: Iterable[Record]) -> bool:
    """Tell whether the runs come from more than one machine."""
    return len({r.host.get("fingerprint") for r in records if r.host}) > 1


def _same_version(record: Record) -> bool:
    ran = record.solver.get("ran")
    # The plan adds the hash of a user's adapter file after " #".
    return ran is None or str(record.solver.get("version")).split(" #")[0] == ran
