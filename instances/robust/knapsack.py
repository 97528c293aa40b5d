"""The data of a two-stage robust knapsack.

Items are accepted first. Then profits degrade by ``degradation * xi`` within a budget
of uncertainty, and each accepted item is produced, produced and repaired (which costs
more capacity and keeps its profit), or outsourced.

Arslan, Detienne (2022), Decomposition-based approaches for a class of two-stage robust
binary optimization problems, doi:10.1287/ijoc.2021.1061.
"""

from dataclasses import dataclass
from typing import Any

from boundwise.core.arguments import as_number
from boundwise.core.errors import InputError
from boundwise.instances.robust.arrays import Floats, vector


@dataclass(frozen=True, kw_only=True, eq=False)
class KnapsackInstance:
    """Hold the data of one problem with n items.

    Parameters
    ----------
    name
        Name of the instance.
    profit
        Nominal profits, shape (n,).
    degradation
        Largest losses of profit, not negative, shape (n,).
    repair
        Further weights of repaired items, not negative, shape (n,).
    weight
        Weights, not negative, shape (n,).
    outsource
        Costs of items that are outsourced, shape (n,).
    capacity
        Capacity, not negative.
    gamma
        Budget of uncertainty: the sum of xi in [0, 1]^n is at most this.

    Raises
    ------
    InputError
        If a value is not finite, negative where it must not be, or lengths differ.
    """

    name: str = "knapsack"
    profit: Floats
    degradation: Floats
    repair: Floats
    weight: Floats
    outsource: Floats
    capacity: float
    gamma: float

    def __post_init__(self) -> None:
        """Check all values and make the arrays read-only."""
        n = len(vector("profit", self.profit))
        if n == 0:
            raise InputError("profit must have at least one item.")
        # Degradation, weight and repair are magnitudes.
        for name in ("profit", "outsource"):
            self._set(name, vector(name, getattr(self, name), n))
        for name in ("degradation", "repair", "weight"):
            self._set(name, vector(name, getattr(self, name), n, low=0.0))
        for name in ("capacity", "gamma"):
            self._set(name, as_number(name, getattr(self, name), at_least=0))

    @property
    def n(self) -> int:
        """Number of items."""
        return len(self.profit)

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
