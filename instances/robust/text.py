"""The text formats in which two-stage robust instances were published.

Knapsack: a line ``n C Gamma``, then n lines ``profit degradation repair weight
outsource``. Capital budgeting: ``seed n q budget limit_of_loans``, then the costs, the
revenues, n lines of phi and n lines of psi.
"""

import os
from pathlib import Path

import numpy as np

from boundwise.core.errors import InputError
from boundwise.instances.robust.arrays import Floats, vector
from boundwise.instances.robust.budgeting import BudgetingInstance, Loans
from boundwise.instances.robust.knapsack import KnapsackInstance
from boundwise.instances.textfile import read_text


def read_knapsack(path: str | os.PathLike[str]) -> KnapsackInstance:
    """Read a knapsack in the format of its authors.

    Parameters
    ----------
    path
        The file; gunzipped if named ``.gz``.

    Returns
    -------
    KnapsackInstance
        The data, named as the file.

    Raises
    ------
    NotAvailableError
        If there is no such file.
    InputError
        If the file is not in this format.

    References
    ----------
    Arslan, Detienne (2022), doi:10.1287/ijoc.2021.1061.
    """
    numbers = _numbers(path)
    n, capacity, gamma = _header(path, numbers, 3)
    items = _table(path, numbers[3:], n, 5)
    profit, degradation, repair, weight, outsource = items.T
    return KnapsackInstance(
        name=_name(path),
        profit=profit,
        degradation=degradation,
        repair=repair,
        weight=weight,
        outsource=outsource,
        capacity=capacity,
        gamma=gamma,
    )


def read_budgeting(
    path: str | os.PathLike[str], *, loans: bool = False
) -> BudgetingInstance:
    """Read capital budgeting in the format of its authors; the budget stays a real.

    Parameters
    ----------
    path
        The file; gunzipped if named ``.gz``.
    loans
        Whether loans up to the limit in the file are allowed.

    Returns
    -------
    BudgetingInstance
        The data, named as the file.

    Raises
    ------
    NotAvailableError
        If there is no such file.
    InputError
        If the file is not in this format.
    """
    numbers = _numbers(path)
    if len(numbers) < 5:
        raise InputError(f"{path}: must begin with five numbers, got {len(numbers)}.")
    n, q = _count(path, numbers[1]), _count(path, numbers[2])
    budget, limit = numbers[3:5].tolist()
    rest = numbers[5:]
    if len(rest) != 2 * n + 2 * n * q:
        raise InputError(
            f"{path}: must have {2 * n + 2 * n * q} numbers after the first line for "
            f"{n} projects and {q} factors, got {len(rest)}."
        )
    phi, psi = rest[2 * n :].reshape(2, n, q)
    return BudgetingInstance(
        name=_name(path),
        cost=rest[:n],
        revenue=rest[n : 2 * n],
        cost_risk=phi,
        revenue_risk=psi,
        budget=budget,
        loans=Loans(limit=limit) if loans else None,
    )


def _numbers(path: str | os.PathLike[str]) -> Floats:
    text = read_text(path)
    try:
        return vector("numbers", np.array(text.split(), dtype=np.float64))
    except (ValueError, InputError) as error:
        raise InputError(f"{path}: not a table of finite numbers: {error}.") from None


def _header(
    path: str | os.PathLike[str], numbers: Floats, length: int
) -> tuple[int, float, float]:
    if len(numbers) < length:
        raise InputError(
            f"{path}: must begin with {length} numbers, got {len(numbers)}."
        )
    return _count(path, numbers[0]), float(numbers[1]), float(numbers[2])


def _count(path: str | os.PathLike[str], value: float) -> int:
    if value != round(value) or not 1 <= value <= 10**6:
        raise InputError(f"{path}: a size must be a positive integer, got {value:g}.")
    return int(value)


def _table(
    path: str | os.PathLike[str], numbers: Floats, rows: int, columns: int
) -> Floats:
    if len(numbers) != rows * columns:
        raise InputError(
            f"{path}: must have {rows} lines of {columns} numbers, got {len(numbers)} "
            "numbers."
        )
    return numbers.reshape(rows, columns)


def _name(path: str | os.PathLike[str]) -> str:
    name = Path(path).name.removesuffix(".gz")
    return name.removesuffix(".txt")
