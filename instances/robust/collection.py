"""Collections of published instances with their results, in folders of the user.

A folder holds ``kp_instances.json.gz`` and ``cb_instances.json.gz`` (name -> data), the
published results ``kp_results.csv`` and ``cb_results.csv`` and the scenarios
``cb_adversarial_scenarios.npz``. The environment variable `ENVIRONMENT` names folders.
"""

import csv
import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from boundwise.core.errors import InputError, NotAvailableError
from boundwise.instances.robust.arrays import Floats
from boundwise.instances.robust.budgeting import BudgetingInstance, Loans
from boundwise.instances.robust.knapsack import KnapsackInstance
from boundwise.instances.textfile import read_text

#: Environment variable that names folders, separated as in ``PATH``.
ENVIRONMENT = "BOUNDWISE_ROBUST"


def find_file(name: str) -> Path:
    """Return a file of the collection.

    Raises
    ------
    NotAvailableError
        If no folder of the environment variable has it.
    """
    folders = [
        part for part in os.environ.get(ENVIRONMENT, "").split(os.pathsep) if part
    ]
    for folder in folders:
        path = Path(folder) / name
        if path.is_file():
            return path
    looked = ", ".join(folders) or "no folder"
    raise NotAvailableError(
        f"{name} is in no folder of {ENVIRONMENT} (it names {looked})."
    )


def published_names(kind: str) -> tuple[str, ...]:
    """Return the names of the instances of a kind, ``"kp"`` or ``"cb"``."""
    return tuple(_documents(find_file(f"{kind}_instances.json.gz")))


def published_knapsack(name: str) -> KnapsackInstance:
    """Return a published knapsack by name.

    Raises
    ------
    NotAvailableError
        If the collection is not there.
    InputError
        If it has no such instance, or the entry is damaged.
    """
    path = find_file("kp_instances.json.gz")
    entry = _entry(path, name, ("C", "Gamma", "pbar", "phat", "t", "c", "f"))
    return KnapsackInstance(
        name=name,
        profit=entry["pbar"],
        degradation=entry["phat"],
        repair=entry["t"],
        weight=entry["c"],
        outsource=entry["f"],
        capacity=entry["C"],
        gamma=entry["Gamma"],
    )


def published_budgeting(
    name: str, *, floored: bool = False, loans: bool = False
) -> BudgetingInstance:
    """Return a published capital budgeting problem by name.

    Parameters
    ----------
    name
        Name of the instance.
    floored
        Whether to cut the budget to an integer, as the published results do; only
        for comparison with them.
    loans
        Whether loans are allowed.

    Raises
    ------
    NotAvailableError
        If the collection is not there.
    InputError
        If it has no such instance, or the entry is damaged.
    """
    path = find_file("cb_instances.json.gz")
    keys = ("budget", "budget_used", "max_loan", "k", "c", "r", "phi", "psi")
    entry = _entry(path, name, keys)
    return BudgetingInstance(
        name=name,
        cost=entry["c"],
        revenue=entry["r"],
        cost_risk=np.array(entry["phi"], dtype=np.float64),
        revenue_risk=np.array(entry["psi"], dtype=np.float64),
        budget=entry["budget_used" if floored else "budget"],
        late_share=entry["k"],
        loans=Loans(limit=entry["max_loan"]) if loans else None,
    )


def published_results(kind: str) -> Mapping[str, Mapping[str, str]]:
    """Return the published results of a kind by instance, as the csv has them.

    Raises
    ------
    NotAvailableError
        If the collection is not there.
    """
    return _results(find_file(f"{kind}_results.csv"))


def published_scenarios(name: str) -> Floats:
    """Return the scenarios that the published methods found for an instance.

    Raises
    ------
    NotAvailableError
        If the collection is not there.
    InputError
        If it has none for the instance.
    """
    path = find_file("cb_adversarial_scenarios.npz")
    with np.load(path, allow_pickle=False) as archive:
        if name not in archive:
            raise InputError(f"{path} has no scenarios of {name!r}.")
        # They were rounded to single precision.
        return np.clip(np.array(archive[name], dtype=np.float64), -1.0, 1.0)


@cache
def _results(path: Path) -> Mapping[str, Mapping[str, str]]:
    rows = csv.DictReader(read_text(path).splitlines())
    if rows.fieldnames is None or "inst" not in rows.fieldnames:
        raise InputError(f"{path}: must have a column inst.")
    return {row["inst"]: row for row in rows}


@cache
def _documents(path: Path) -> Mapping[str, Any]:
    try:
        documents = json.loads(read_text(path))
    except ValueError as error:
        raise InputError(f"{path}: not JSON: {error}.") from None
    if not isinstance(documents, dict):
        raise InputError(f"{path}: must map names to instances.")
    return documents


def _entry(path: Path, name: str, keys: tuple[str, ...]) -> Mapping[str, Any]:
    documents = _documents(path)
    if name not in documents:
        raise InputError(f"{path} has no instance {name!r}.")
    entry = documents[name]
    missing = [key for key in keys if key not in entry]
    if missing:
        raise InputError(f"{path}: {name} lacks {', '.join(missing)}.")
    return dict(entry)
