"""Nodes to dive from, and views made by hand."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from scipy import optimize, sparse

from boundwise.heuristics.linear import LinearMip


@dataclass
class HandView:
    """A view of a node that a test writes down."""

    objective: np.ndarray
    is_binary: np.ndarray
    lp: np.ndarray
    root: np.ndarray | None = None
    incumbent: np.ndarray | None = None
    rows: LinearMip | None = None
    bounds: tuple[np.ndarray, np.ndarray] | None = None
    costs: tuple[np.ndarray, np.ndarray] | None = None
    is_integer: np.ndarray = field(init=False)

    def __post_init__(self):
        self.is_integer = np.ones(len(self.objective), dtype=bool)

    def values(self):
        return self.lp

    def local_bounds(self):
        return self.bounds

    def pseudocosts(self, positions):
        return self.costs[0][positions], self.costs[1][positions]


def random_mip(seed, n=16, m=8):
    """Return c, A, lower side, upper side, bounds and integrality of a mixed MIP."""
    rng = np.random.default_rng(seed)
    is_integer = np.arange(n) < n - 3
    upper = np.where(rng.random(n) < 0.5, 1.0, rng.integers(2, 8, n)).astype(float)
    point = np.round(rng.random(n) * upper)
    A = rng.integers(-9, 10, (m, n)) * (rng.random((m, n)) < 0.6).astype(float)
    activity = A @ point
    low = np.where(rng.random(m) < 0.4, activity - rng.integers(0, 4, m), -np.inf)
    high = np.where(np.isinf(low), activity + rng.integers(0, 4, m), np.inf)
    high = np.where(rng.random(m) < 0.2, activity + 3.0, high)
    c = rng.integers(-20, 21, n).astype(float)
    return c, A, low, high, upper, is_integer


def highs_optimum(c, A, low, high, upper, is_integer):
    """Return the optimum as HiGHS finds it."""
    answer = optimize.milp(
        c,
        constraints=optimize.LinearConstraint(sparse.csr_array(A), low, high),
        bounds=optimize.Bounds(0.0, upper),
        integrality=is_integer,
        options={"mip_rel_gap": 0.0},
    )
    assert answer.success
    return answer.fun


def scip_model(c, A, low, high, upper, is_integer, sense="minimize"):
    """Return the problem in SCIP, solved by tree search alone."""
    from pyscipopt import Model, quicksum

    model = Model()
    model.hideOutput()
    model.setParam("misc/catchctrlc", False)
    model.setParam("presolving/maxrounds", 0)
    x = [
        model.addVar(name=f"x{j}", vtype="I" if is_integer[j] else "C", ub=float(u))
        for j, u in enumerate(upper)
    ]
    for row, lhs, rhs in zip(A, low, high, strict=True):
        total = quicksum(float(a) * v for a, v in zip(row, x, strict=True) if a)
        if np.isfinite(lhs):
            model.addCons(total >= float(lhs))
        if np.isfinite(rhs):
            model.addCons(total <= float(rhs))
    sign = -1.0 if sense == "maximize" else 1.0
    costs = quicksum(sign * float(a) * v for a, v in zip(c, x, strict=True))
    model.setObjective(costs, sense)
    return model


@pytest.fixture
def at_root():
    """Return a function that runs an action at the root node of a model."""
    from boundwise.heuristics.dives.view import ScipView
    from boundwise.heuristics.scip.plugin import include_heuristic
    from boundwise.heuristics.scip.rows import linear_mip

    def run(model, action):
        seen = []

        class Once:
            def prepare(self, model):
                pass

            def begin(self, model):
                pass

            def execute(self, model, heuristic, during_loop):
                if not seen and model.getNLPBranchCands():
                    view = ScipView(model, lambda: linear_mip(model))
                    seen.append(action(model, view, heuristic))

        errors = []
        for name in ("maxrounds", "maxroundsroot"):
            model.setParam(f"separating/{name}", 0)
        include_heuristic(model, "test", Once(), on_error=errors.append, description="")
        model.setParam("limits/nodes", 1)
        model.optimizeNogil()
        if errors:
            raise errors[0]
        return seen[0] if seen else None

    return run
