"""The data of two-stage robust facility location.

Facilities open first. Then demands are known, d_j + e_j xi_j with xi in [0, 1] within a
budget of uncertainty, and open facilities serve them; what is not served is paid for.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from boundwise.core.arguments import as_number
from boundwise.core.errors import InputError
from boundwise.instances.robust.arrays import Floats, table, vector


@dataclass(frozen=True, kw_only=True, eq=False)
class LocationInstance:
    """Hold the data of one problem with n facilities and m customers.

    Parameters
    ----------
    name
        Name of the instance.
    opening
        Costs of opening, shape (n,).
    capacity
        Capacities, not negative, shape (n,).
    demand
        Nominal demands, not negative, shape (m,).
    surge
        Largest further demands, not negative, shape (m,).
    transport
        Cost of one unit from facility to customer, not negative, shape (n, m).
    penalty
        Cost of one unit of demand that is not served, not negative, shape (m,).
    gamma
        Budget of uncertainty: the sum of xi in [0, 1]^m is at most this.

    Raises
    ------
    InputError
        If a value is not finite or negative where it must not be, or shapes differ.
    """

    name: str = "location"
    opening: Floats
    capacity: Floats
    demand: Floats
    surge: Floats
    transport: Floats
    penalty: Floats
    gamma: float

    def __post_init__(self) -> None:
        """Check all values and make the arrays read-only."""
        n, m = np.size(self.opening), np.size(self.demand)
        if n == 0 or m == 0:
            raise InputError("opening and demand must have at least one entry.")
        self._set("opening", vector("opening", self.opening, n))
        self._set("capacity", vector("capacity", self.capacity, n, low=0.0))
        for name in ("demand", "surge", "penalty"):
            self._set(name, vector(name, getattr(self, name), m, low=0.0))
        self._set("transport", table("transport", self.transport, (n, m), low=0.0))
        self._set("gamma", as_number("gamma", self.gamma, at_least=0))

    @property
    def n(self) -> int:
        """Number of facilities."""
        return len(self.opening)

    @property
    def m(self) -> int:
        """Number of customers."""
        return len(self.demand)

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
