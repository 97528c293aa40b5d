"""Convex problems as files of a campaign, and the check of what a run left."""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundwise.benchmarks.convex.minlplib import minlplib_problem
from boundwise.core.errors import InputError
from boundwise.core.tolerances import MIPLIB_TOL
from boundwise.instances.checker import check
from boundwise.instances.convex import ConvexProblem, read_problem, write_problem
from boundwise.instances.generators.convex import generate_convex
from boundwise.instances.point import make_point
from boundwise.solvers.convex.objectives.build import objective_of

_SEEDS = re.compile(r"seed=(\d+)\.\.(\d+)")

#: Instances by set. The small sets take minutes in all, the others hours.
SETS: Mapping[str, tuple[str, ...]] = {
    "smoke": (
        "sparse_regression:n=6",
        "sparse_regression:n=4,tail=0.1",
        "sparse_logistic:n=3",
        "poisson_regression:n=6",
        "portfolio:n=5",
        "portfolio:n=6,kind=mixed",
        "optimal_design:m=10,p=3",
        "optimal_design:m=10,p=3,criterion=A",
        "graph_matching:n=3",
        "subset_selection:n=12,size=4,rank=5",
        "network_design:nodes=4,arcs=10,commodities=2",
    ),
    "sparse-regression": tuple(
        f"sparse_regression:n={n},seed=1..5" for n in (15, 20, 25, 30, 60)
    ),
    "sparse-logistic": tuple(
        f"sparse_logistic:n={n},bound={bound},variance={scale},seed=1..3"
        for n in (5, 10, 15, 20)
        for bound in (0.1, 1)
        for scale in (1, 5)
    ),
    "poisson": tuple(
        f"poisson_regression:n={n},bound={bound},seed=1..5"
        for n in (50, 70, 90)
        for bound in (0.1, 1, 5, 10)
    ),
    "portfolio": tuple(
        f"portfolio:n={n},kind={kind},seed=1..5"
        for kind in ("integer", "mixed")
        for n in (20, 40, 60, 80, 100, 120)
    ),
    "tailed": (
        *(f"sparse_regression:n={n},tail=0.1,seed=1..5" for n in (15, 20, 30)),
        *(f"sparse_logistic:n={n},tail=0.1,seed=1..5" for n in (5, 10, 20)),
    ),
    "design": tuple(
        f"optimal_design:m={m},p={m // share},criterion={criterion},seed=1..5"
        for criterion in ("D", "A")
        for m in (20, 40, 60)
        for share in (4, 10)
    ),
    "assignment": (
        *(f"graph_matching:n={n},seed=1..5" for n in (5, 6, 7, 8)),
        *(
            f"subset_selection:n={n},size={n // 5},rank={n // 3},seed=1..5"
            for n in (30, 45, 60)
        ),
    ),
    "network": tuple(
        f"network_design:nodes={n},arcs={3 * n},commodities={n // 2},seed=1..5"
        for n in (8, 12, 16)
    ),
    "miplib": tuple(
        f"mip_quadratic:base={base},vertices=4,seed=1..5"
        for base in ("neos5", "lseu", "bell5", "p0548", "misc03", "22433", "pg5_34")
    ),
    "minlplib": ("minlplib:alan", "minlplib:meanvarx"),
    "small": (
        "sparse_regression:n=15,seed=1..3",
        "sparse_regression:n=20,seed=1..3",
        "sparse_regression:n=20,tail=0.1,seed=1..3",
        "sparse_logistic:n=5,seed=1..3",
        "poisson_regression:n=20,seed=1..3",
        "portfolio:n=20,seed=1..3",
        "portfolio:n=20,kind=mixed,seed=1..3",
        "optimal_design:m=20,p=5,seed=1..3",
        "optimal_design:m=20,p=5,criterion=A,seed=1..3",
        "graph_matching:n=5,seed=1..3",
        "subset_selection:n=30,size=6,seed=1..3",
        "network_design:nodes=8,arcs=24,commodities=4,seed=1..3",
    ),
}


def expand(pattern: str) -> tuple[str, ...]:
    """Return the specifications that a set or a pattern ``seed=a..b`` stands for.

    Examples
    --------
    >>> expand("portfolio:n=5,seed=1..2")
    ('portfolio:n=5,seed=1', 'portfolio:n=5,seed=2')
    """
    found: list[str] = []
    for name in SETS.get(pattern, (pattern,)):
        match = _SEEDS.search(name)
        if match is None:
            found.append(name)
            continue
        first, last = int(match[1]), int(match[2])
        found += [
            f"{name[: match.start()]}seed={seed}{name[match.end() :]}"
            for seed in range(first, last + 1)
        ]
    return tuple(found)


def write(specification: str, folder: Path) -> Path:
    """Write the problem that a specification names, once; return the file.

    Besides generated problems there are ``minlplib:NAME``, see
    `boundwise.benchmarks.convex.minlplib`.

    Raises
    ------
    InputError
        If the specification is wrong.
    NotAvailableError
        If there is no such file on this machine.
    """
    path = folder / f"{re.sub(r'[^A-Za-z0-9_.=-]+', '-', specification)}.npz"
    if not path.is_file():
        family, _, name = specification.partition(":")
        if family == "minlplib":
            problem = minlplib_problem(name)
        else:
            problem = generate_convex(specification)
        folder.mkdir(parents=True, exist_ok=True)
        write_problem(problem, path)
    return path


def judge(path: Path, solution: Path, claimed: float | None) -> dict[str, Any]:
    """Check the rows exactly and evaluate the objective, integers rounded.

    Parameters
    ----------
    path
        File of the problem.
    solution
        File of the values.
    claimed
        The objective that the solver claims of them.

    Returns
    -------
    dict
        ``verified`` and ``objective``, with the checker's report. A claim that is
        better than the objective by more than 1e-4 fails, whatever the solution.

    Raises
    ------
    InputError
        If the problem or the solution cannot be read.
    """
    problem = read_problem(path)
    values = make_point(problem.feasible, solution)[0].values
    report = check(problem.feasible, values)
    verdict = report.to_dict() | {"verified": report.miplib, "sense": "minimize"}
    value = _value(problem, values)
    if not math.isfinite(value):
        return verdict | {"verified": False, "error": "outside the domain"}
    if claimed is not None and value - claimed > MIPLIB_TOL * max(1.0, abs(value)):
        return verdict | {
            "verified": False,
            "objective": value,
            "error": f"the objective is {value:.9g}, not {claimed:.9g} as claimed",
        }
    return verdict | {"objective": value}


def _value(problem: ConvexProblem, values: NDArray[np.float64]) -> float:
    """Return f at the solution, whatever its file claims."""
    feasible = problem.feasible
    x = np.where(feasible.is_integer, np.rint(values), values)
    x = np.clip(x, feasible.lower, feasible.upper)
    objective = objective_of(problem.objective)
    return float(objective.value(x)) if objective.in_domain(x) else math.inf


def read(path: Path) -> ConvexProblem:
    """Read a problem.

    Raises
    ------
    InputError
        If the file is none.
    """
    if not path.is_file():
        raise InputError(f"there is no file {str(path)!r}.")
    return read_problem(path)
