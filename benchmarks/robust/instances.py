"""Robust problems as files of a campaign, and the check of what a run left.

A specification is one of a generator, such as ``robust_knapsack:n=20,seed=1``, or
names a published instance: ``published:RKP_...``, ``published:CB_n20_s3`` for the
true budget and ``floored:CB_n20_s3`` for the budget cut to an integer, with which the
published results were computed.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from boundwise.core.errors import InputError
from boundwise.core.limits import Deadline
from boundwise.instances.generators.robust import generate_robust
from boundwise.instances.robust.collection import (
    published_budgeting,
    published_knapsack,
    published_results,
)
from boundwise.instances.robust.storage import RobustInstance, read_robust, write_robust
from boundwise.solvers.robust.clock import Clock

#: Seconds for the evaluation of one decision by the judge.
_JUDGE_SECONDS = 60.0
#: Relative difference between a claim and the judge's value that is tolerated.
_AGREEMENT = 1e-4

_TYPES = ("UN", "WC", "ASC", "SC")

#: Instances by set.
SETS: Mapping[str, tuple[str, ...]] = {
    "smoke": (
        *(f"robust_knapsack:n=8,correlation={kind}" for kind in _TYPES),
        "robust_budgeting:n=6",
        "robust_budgeting:n=5,loans=1",
        "robust_location:facilities=5,customers=8",
    ),
    "location": tuple(
        f"robust_location:facilities={n},customers={2 * n},seed={s}"
        for n in (6, 8, 12)
        for s in (1, 2, 3)
    ),
    "generated": (
        *(
            f"robust_knapsack:n={n},correlation={kind},h={h},seed={n}"
            for n in (20, 40, 80)
            for kind in _TYPES
            for h in (40, 80)
        ),
        *(f"robust_budgeting:n={n},seed={s}" for n in (10, 30) for s in (1, 2, 3)),
        *(
            f"robust_location:facilities={n},customers={2 * n},seed={s}"
            for n in (8, 12, 16)
            for s in (1, 2, 3)
        ),
    ),
}


def expand(pattern: str) -> tuple[str, ...]:
    """Return the specifications of a set; of the published sets if there are some.

    ``knapsack``, ``budgeting`` and ``budgeting-floored`` are all published instances
    of a kind, with the size behind a hyphen (``knapsack-60``) those of one size.

    Raises
    ------
    NotAvailableError
        If a published set is wanted and not there.
    """
    match = re.fullmatch(r"(knapsack|budgeting|budgeting-floored)(?:-(\d+))?", pattern)
    if match is None:
        return SETS.get(pattern, (pattern,))
    kind = "kp" if match[1] == "knapsack" else "cb"
    prefix = "floored" if match[1] == "budgeting-floored" else "published"
    return tuple(
        f"{prefix}:{name}"
        for name, row in published_results(kind).items()
        if match[2] is None or row["n"] == match[2]
    )


def make(specification: str) -> RobustInstance:
    """Return the instance of a specification.

    Raises
    ------
    InputError
        If the specification is wrong.
    NotAvailableError
        If a published instance is wanted and not there.
    """
    family, _, name = specification.partition(":")
    if family == "published" and name.startswith("RKP"):
        return published_knapsack(name)
    if family in ("published", "floored"):
        return published_budgeting(name, floored=family == "floored")
    return generate_robust(specification)


def write(specification: str, folder: Path) -> Path:
    """Write the instance of a specification, once; return the file."""
    path = folder / f"{re.sub(r'[^A-Za-z0-9_.=-]+', '-', specification)}.npz"
    if not path.is_file():
        instance = make(specification)
        folder.mkdir(parents=True, exist_ok=True)
        write_robust(instance, path)
    return path


def problem_of(instance: RobustInstance) -> Any:
    """Return the two-stage problem of an instance."""
    from boundwise.solvers.robust import (
        RobustCapitalBudgeting,
        RobustFacilityLocation,
        RobustKnapsack,
    )

    kinds: dict[str, Any] = {
        "BudgetingInstance": RobustCapitalBudgeting,
        "KnapsackInstance": RobustKnapsack,
        "LocationInstance": RobustFacilityLocation,
    }
    return kinds[type(instance).__name__].from_instance(instance)


def published_best(specification: str) -> float | None:
    """Return the best published profit of an instance, None if there is none."""
    family, _, name = specification.partition(":")
    # Published budgeting results are of the floored budget, and optimistic.
    if family == "published" and name.startswith("RKP"):
        return float(published_results("kp")[name]["best_known"])
    return None


def judge(path: Path, solution: Path, claimed: float | None) -> dict[str, Any]:
    """Evaluate the decision that a run left.

    Parameters
    ----------
    path
        File of the instance.
    solution
        File of the values of x by name.
    claimed
        The worst-case objective that the method claims.

    Returns
    -------
    dict
        ``verified``: whether x is a decision and no scenario is found in which it is
        worse than claimed; ``objective``: its worst case as found here.

    Raises
    ------
    InputError
        If a file cannot be read.
    """
    problem = problem_of(read_robust(path))
    x = _values(solution, problem.names)
    if not problem.first_stage.accepts(x):
        return {"verified": False, "error": "x is not a first-stage decision"}
    x = np.where(problem.first_stage.is_integer, np.rint(x), x)
    worst = problem.worst_case(x, clock=Clock(Deadline(_JUDGE_SECONDS)))
    sign = -1.0 if problem.sense == "maximize" else 1.0
    objective = sign * worst.cost
    verdict: dict[str, Any] = {
        "verified": True,
        "objective": objective,
        "sense": problem.sense,
    }
    if claimed is None:
        return verdict
    # An adversary that is not exact may have missed what the method has found.
    worse = worst.cost - sign * claimed
    if worse > _AGREEMENT * max(1.0, abs(claimed)) and worst.is_exact:
        return verdict | {
            "verified": False,
            "error": f"the worst case is {objective:.9g}, not {claimed:.9g} as claimed",
        }
    return verdict | {"objective": sign * max(worst.cost, sign * claimed)}


def _values(solution: Path, names: tuple[str, ...]) -> Any:
    """Read lines ``name value``; what is not listed is zero."""
    values = dict.fromkeys(names, 0.0)
    for line in solution.read_text(encoding="utf-8").splitlines():
        parts = line.split()
        if len(parts) < 2 or parts[0].startswith(("=", "#")):
            continue
        if parts[0] not in values:
            raise InputError(f"the solution names {parts[0]!r}, no variable of x.")
        try:
            values[parts[0]] = float(parts[1])
        except ValueError:
            raise InputError(
                f"the solution gives {parts[0]} the value {parts[1]!r}."
            ) from None
    return np.array(list(values.values()))
