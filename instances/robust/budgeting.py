"""The data of two-stage robust capital budgeting.

Projects are funded before or after their costs and revenues are known, which depend on
risk factors xi in [-1, 1]^q:

    cost_i(xi) = (1 + phi_i xi / 2) cost_i
    revenue_i(xi) = (1 + psi_i xi / 2) revenue_i

Later projects earn only the share k. With loans, money can be borrowed at a price.

Hanasusanto, Kuhn, Wiesemann (2015), K-adaptability in two-stage robust binary
programming, doi:10.1287/opre.2015.1392.
"""

from dataclasses import dataclass
from typing import Any

from boundwise.core.arguments import as_number
from boundwise.core.errors import InputError
from boundwise.instances.robust.arrays import Floats, table, vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Loans:
    """Terms of loans.

    Parameters
    ----------
    limit
        Largest loan in each stage.
    interest
        Price of a unit borrowed in the first stage.
    markup
        Factor on the price in the second stage, at least 1.

    Raises
    ------
    InputError
        If a number is out of range.
    """

    limit: float
    interest: float = 0.12
    markup: float = 1.2

    def __post_init__(self) -> None:
        """Check the numbers."""
        as_number("limit", self.limit, at_least=0)
        as_number("interest", self.interest, at_least=0)
        as_number("markup", self.markup, at_least=1)


@dataclass(frozen=True, kw_only=True, eq=False)
class BudgetingInstance:
    """Hold the data of one problem with n projects and q risk factors.

    Parameters
    ----------
    name
        Name of the instance.
    cost, revenue
        Nominal costs and revenues, not negative, shape (n,).
    cost_risk, revenue_risk
        phi and psi, shape (n, q): what each risk factor does to costs and revenues.
    budget
        Money of both stages together.
    late_share
        Share k of the revenue of projects funded late.
    loans
        Terms of loans; None if there are none.

    Raises
    ------
    InputError
        If a value is not finite or out of range, or shapes differ.
    """

    name: str = "budgeting"
    cost: Floats
    revenue: Floats
    cost_risk: Floats
    revenue_risk: Floats
    budget: float
    late_share: float = 0.8
    loans: Loans | None = None

    def __post_init__(self) -> None:
        """Check all values and make the arrays read-only."""
        cost = vector("cost", self.cost, low=0.0)
        n = len(cost)
        if n == 0:
            raise InputError("cost must have at least one project.")
        shape = getattr(self.cost_risk, "shape", None)
        q = len(self.cost_risk[0]) if shape is None else int(shape[-1])
        self._set("cost", cost)
        self._set("revenue", vector("revenue", self.revenue, n, low=0.0))
        for name in ("cost_risk", "revenue_risk"):
            self._set(name, table(name, getattr(self, name), (n, q)))
        self._set("budget", as_number("budget", self.budget, at_least=0))
        self._set(
            "late_share",
            as_number("late_share", self.late_share, at_least=0, at_most=1),
        )
        if q == 0:
            raise InputError("cost_risk must have at least one risk factor.")

    @property
    def n(self) -> int:
        """Number of projects."""
        return len(self.cost)

    @property
    def n_factors(self) -> int:
        """Number q of risk factors."""
        return int(self.cost_risk.shape[1])

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
