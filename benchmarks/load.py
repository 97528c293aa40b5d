"""Load a campaign's records as reports need them: planned runs, judged together."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from boundwise.benchmarks.consistency import (
    cross_check,
    is_mixed_machine,
    mixed_conditions,
)
from boundwise.benchmarks.plan import Plan
from boundwise.benchmarks.record import Record
from boundwise.benchmarks.store import Store
from boundwise.core.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The records of a campaign.

    Parameters
    ----------
    plan
        The plan.
    records
        Its recorded runs, after the cross-check.
    warnings
        What a reader of any table must know.
    """

    plan: Plan
    records: list[Record]
    warnings: list[str]


def load_records(folder: Path) -> Loaded:
    """Load the records of the present plan and check them against each other.

    Parameters
    ----------
    folder
        Folder of the campaign.

    Raises
    ------
    InputError
        If it is not a campaign's folder.
    """
    plan = Plan.load(folder)
    store = Store(folder)
    records = cross_check(store.records(plan.keys))
    warnings = mixed_conditions(records)
    missing = len(plan.jobs) - len(records)
    if missing:
        warnings.append(f"{missing} of {len(plan.jobs)} runs are not recorded yet")
    warnings += [f"damaged line in the store: {place}" for place in store.damaged]
    return Loaded(plan=plan, records=records, warnings=warnings)


def refuse_mixed(records: Iterable[Record], *, allow: bool) -> None:
    """Refuse to compare times of different machines, unless told to.

    Parameters
    ----------
    records
        Runs to be put into one table.
    allow
        Whether the user insists.

    Raises
    ------
    InputError
        If there is more than one machine and ``allow`` is false.
    """
    runs = list(records)
    if not allow and is_mixed_machine(runs):
        complaint = mixed_conditions(runs)[0]
        raise InputError(
            f"{complaint}; times of different machines do not compare. "
            "Use --allow-mixed to insist; the table will say so."
        )


def best_known(records: Iterable[Record]) -> dict[str, float]:
    """Return the best objective known of each instance.

    It is the reference's value, or a better or only one among the solutions that
    the exact checker accepted.

    Parameters
    ----------
    records
        Runs of all solvers.
    """
    values: dict[str, list[float]] = defaultdict(list)
    senses: dict[str, str] = {}
    for record in records:
        senses[record.instance] = record.sense
        if record.reference.value is not None:
            values[record.instance].append(record.reference.value)
        if record.check.get("verified") is True and record.primal is not None:
            values[record.instance].append(record.primal)
    return {
        name: max(found) if senses[name] == "maximize" else min(found)
        for name, found in values.items()
    }
