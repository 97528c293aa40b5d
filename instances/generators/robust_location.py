"""Two-stage robust facility location in the unit square."""

import numpy as np

from boundwise.core.arguments import as_count, as_number
from boundwise.core.rng import make_rng
from boundwise.instances.robust.location import LocationInstance

#: Cost of a unit that is not served, in units of the square's diagonal.
_PENALTY = 2.0


def robust_location(
    facilities: int = 8,
    customers: int = 15,
    ratio: float = 3.0,
    surge: float = 0.5,
    deviation: float = 0.2,
    seed: int | None = 0,
) -> LocationInstance:
    """Generate a facility location problem with uncertain demands.

    Facilities and customers are uniform in the unit square. Demands are integers in
    [5, 35], their largest surges ``surge * demand * U[0.5, 1]``, capacities in
    [10, 160] scaled so that their sum is ``ratio`` times the nominal demand. Transport
    costs the distance. Opening costs a tenth of the square root of capacity, times
    the mean demand, times U[0.5, 1.5].

    Parameters
    ----------
    facilities, customers
        Numbers of facilities and customers.
    ratio
        Total capacity by total nominal demand.
    surge
        Largest surge of a demand, as a fraction of it.
    deviation
        Budget of uncertainty by number of customers, in [0, 1].
    seed
        Seed of the random numbers.

    Returns
    -------
    LocationInstance
        The data.

    Raises
    ------
    InputError
        If an argument is out of range.
    """
    facilities = as_count("facilities", facilities)
    customers = as_count("customers", customers)
    ratio = as_number("ratio", ratio, at_least=0, at_most=1e6)
    surge = as_number("surge", surge, at_least=0, at_most=1e6)
    deviation = as_number("deviation", deviation, at_least=0, at_most=1)
    rng, seed = make_rng(seed)
    where_f, where_c = rng.random((facilities, 2)), rng.random((customers, 2))
    demand = rng.integers(5, 35, size=customers, endpoint=True).astype(np.float64)
    capacity = rng.integers(10, 160, size=facilities, endpoint=True).astype(np.float64)
    capacity *= ratio * demand.sum() / capacity.sum()
    price = 0.1 * np.sqrt(capacity) * demand.mean()
    distance = np.linalg.norm(where_f[:, None] - where_c[None], axis=2)
    return LocationInstance(
        name=f"robust_location-f{facilities}-c{customers}-r{ratio:g}-s{seed}",
        opening=price * rng.uniform(0.5, 1.5, facilities),
        capacity=capacity,
        demand=demand,
        surge=surge * demand * rng.uniform(0.5, 1.0, customers),
        transport=distance,
        penalty=np.full(customers, _PENALTY * np.sqrt(2.0)),
        gamma=deviation * customers,
    )
