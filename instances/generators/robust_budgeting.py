"""Two-stage robust capital budgeting (Hanasusanto, Kuhn & Wiesemann)."""

import numpy as np

from boundwise.core.arguments import as_count, as_number
from boundwise.core.rng import make_rng
from boundwise.instances.robust.arrays import Floats
from boundwise.instances.robust.budgeting import BudgetingInstance, Loans


def robust_budgeting(
    n: int = 10,
    factors: int = 4,
    late_share: float = 0.8,
    loans: int = 0,
    seed: int | None = 0,
) -> BudgetingInstance:
    """Generate a capital budgeting problem by the published recipe.

    Costs are uniform in [1, 10], revenues a fifth of them, and the budget is half of
    their sum. Each project's risks phi and psi are uniform on the unit simplex.

    Parameters
    ----------
    n
        Number of projects.
    factors
        Number of risk factors.
    late_share
        Share of the revenue that late projects earn, in [0, 1].
    loans
        1 to allow loans of up to one and a half times the total cost less the budget.
    seed
        Seed of the random numbers.

    Returns
    -------
    BudgetingInstance
        The data.

    Raises
    ------
    InputError
        If an argument is out of range.

    References
    ----------
    Hanasusanto, Kuhn, Wiesemann (2015), K-adaptability in two-stage robust binary
    programming, doi:10.1287/opre.2015.1392.
    """
    n = as_count("n", n)
    factors = as_count("factors", factors)
    loans = as_count("loans", loans, least=0, most=1)
    late_share = as_number("late_share", late_share, at_least=0, at_most=1)
    rng, seed = make_rng(seed)
    cost = rng.uniform(1.0, 10.0, n)
    budget = cost.sum() / 2
    limit = 1.5 * cost.sum() - budget
    kind = "-loans" if loans else ""
    return BudgetingInstance(
        name=f"robust_budgeting{kind}-n{n}-q{factors}-s{seed}",
        cost=cost,
        revenue=cost / 5,
        cost_risk=_simplex(rng, n, factors),
        revenue_risk=_simplex(rng, n, factors),
        budget=float(budget),
        late_share=late_share,
        loans=Loans(limit=float(limit)) if loans else None,
    )


def _simplex(rng: np.random.Generator, n: int, q: int) -> Floats:
    """Return uniform points of the unit simplex: gaps of sorted uniform numbers."""
    cuts = np.sort(rng.random((n, q - 1)), axis=1)
    return np.diff(cuts, axis=1, prepend=0.0, append=1.0)
