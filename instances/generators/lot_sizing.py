"""Multi-item capacitated lot sizing with setup times (Trigeiro et al. 1989).

min setup + holding,  s_{t-1} + x_t - s_t = d_t,  x_t <= M_t y_t,
sum over items of (x_t + setup time y_t) <= capacity,  y binary.
"""

import numpy as np

from boundwise.core.arguments import as_count, as_number
from boundwise.core.rng import make_rng
from boundwise.instances.generators.parts import RowBuilder
from boundwise.instances.instance import Instance

#: Price of one unit of initial stock, which keeps every instance feasible.
_INITIAL_PRICE = 1000.0


def lot_sizing(
    products: int = 24,
    periods: int = 60,
    utilization: float = 0.9,
    seed: int | None = 0,
) -> Instance:
    """Generate a lot sizing problem.

    Demands are integers in [50, 150], of which a quarter in the first four periods
    is zero; a unit takes one unit of time; setup times are integers in [10, 50],
    setup costs in [200, 1000], holding costs in [0.8, 1.2]. The capacity is the mean
    time of lot-for-lot production by ``utilization``. Stock may be bought before the
    first period at 1000 a unit.

    Parameters
    ----------
    products, periods
        Numbers of products and periods.
    utilization
        Share of the capacity that lot-for-lot production needs, in [0.1, 1.5].
    seed
        Seed of the random numbers.

    Returns
    -------
    Instance
        The problem: setups ``y``, production ``x``, stocks ``s``, initial stock ``b``.

    Raises
    ------
    InputError
        If an argument is out of range.

    Notes
    -----
    On one thread, SCIP 10.0.2 stands at 1331139 with the bound 824889 after 60 s for
    ``products=40, periods=80``.

    References
    ----------
    Trigeiro, W. W., Thomas, L. J., McClain, J. O. (1989). Capacitated lot sizing
    with setup times. doi:10.1287/mnsc.35.3.353
    """
    products = as_count("products", products)
    periods = as_count("periods", periods)
    utilization = as_number("utilization", utilization, at_least=0.1, at_most=1.5)
    rng, seed = make_rng(seed)
    shape = (products, periods)
    demand = rng.integers(50, 150, size=shape, endpoint=True)
    demand[:, :4][rng.random((products, min(4, periods))) < 0.25] = 0
    setup_time = rng.integers(10, 50, size=products, endpoint=True)
    setup_cost = rng.integers(200, 1000, size=products, endpoint=True)
    holding = np.round(rng.uniform(0.8, 1.2, size=products), 2)
    used = demand + setup_time[:, None] * (demand > 0)
    capacity = np.ceil(used.sum() / periods / utilization)
    p, t = (a.ravel() for a in np.indices(shape))
    n = products * periods
    y = np.arange(n)
    x, s = y + n, y + 2 * n
    later = demand[:, ::-1].cumsum(axis=1)[:, ::-1].ravel()
    most = np.minimum(later, np.maximum(0, capacity - setup_time[p]))
    builder = RowBuilder(3 * n + products)
    before = np.where(t > 0, s - 1, 3 * n + p)
    builder.add(
        "balance",
        np.concatenate([y, y, y]),
        np.concatenate([before, x, s]),
        np.repeat([1.0, 1.0, -1.0], n),
        demand.ravel(),
        demand.ravel(),
        n,
    )
    builder.add(
        "setup",
        np.concatenate([y, y]),
        np.concatenate([x, y]),
        np.concatenate([np.ones(n), -most]),
        -np.inf,
        0.0,
        n,
    )
    builder.add(
        "time",
        np.concatenate([t, t]),
        np.concatenate([x, y]),
        np.concatenate([np.ones(n), setup_time[p]]),
        -np.inf,
        capacity,
        periods,
    )
    labels = [f"{a}_{b}" for a, b in zip(p.tolist(), t.tolist(), strict=True)]
    return builder.instance(
        name=f"lot_sizing-p{products}-t{periods}-u{utilization:g}-s{seed}",
        sense="minimize",
        objective=np.concatenate(
            [setup_cost[p], np.zeros(n), holding[p], np.full(products, _INITIAL_PRICE)]
        ),
        names=[
            *(f"{letter}{label}" for letter in "yxs" for label in labels),
            *(f"b{k}" for k in range(products)),
        ],
        is_integer=np.arange(3 * n + products) < n,
        upper=np.concatenate([np.ones(n), np.full(2 * n + products, np.inf)]),
    )
