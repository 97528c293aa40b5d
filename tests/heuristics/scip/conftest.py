"""Tiny mixed-integer programs whose optimum a second solver knows."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy import optimize

from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline


@dataclass
class TinyMip:
    """sense c x + offset, A x <= b, 0 <= x <= upper, the first k integer."""

    c: np.ndarray
    A: np.ndarray
    b: np.ndarray
    upper: np.ndarray
    n_integer: int
    sense: str = "minimize"
    offset: float = 0.0

    def model(self, presolve=True):
        """Build the SCIP model; its variables are named like their positions."""
        from pyscipopt import Model, quicksum

        model = Model()
        model.hideOutput()
        model.setParam("misc/catchctrlc", False)
        if not presolve:
            model.setParam("presolving/maxrounds", 0)
            model.setParam("propagating/maxroundsroot", 0)
        variables = [
            model.addVar(
                name=f"x{j}",
                vtype="I" if j < self.n_integer else "C",
                lb=0.0,
                ub=None if np.isinf(u) else float(u),
            )
            for j, u in enumerate(self.upper)
        ]
        for row, side in zip(self.A, self.b, strict=True):
            terms = (float(a) * v for a, v in zip(row, variables, strict=True) if a)
            model.addCons(quicksum(terms) <= float(side))
        costs = quicksum(float(a) * v for a, v in zip(self.c, variables, strict=True))
        model.setObjective(costs + self.offset, self.sense)
        return model

    def presolved(self, presolve=True):
        """Return the model in stage PRESOLVED."""
        model = self.model(presolve)
        for name in ("heuristics/trivial/freq", "heuristics/shiftandpropagate/freq"):
            model.setParam(name, -1)
        model.presolve()
        assert model.getStage() == 7
        return model

    def optimum(self):
        """Return the optimum as HiGHS finds it, or None if there is none."""
        sign = -1.0 if self.sense == "maximize" else 1.0
        answer = optimize.milp(
            sign * self.c,
            constraints=optimize.LinearConstraint(self.A, ub=self.b),
            bounds=optimize.Bounds(0.0, self.upper),
            integrality=np.arange(len(self.c)) < self.n_integer,
            options={"mip_rel_gap": 0.0},
        )
        return sign * answer.fun + self.offset if answer.success else None

    def value(self, x):
        """Return the objective of a feasible point, and fail on any other."""
        assert (self.A @ x <= self.b + 1e-6).all()
        assert (x >= -1e-6).all()
        assert (x <= self.upper + 1e-6).all()
        integers = x[: self.n_integer]
        assert np.abs(integers - np.round(integers)).max(initial=0.0) < 1e-6
        return float(self.c @ x) + self.offset


@pytest.fixture
def make_mip():
    """Return the maker of random packing problems with something to presolve."""

    def make(seed, sense="minimize", offset=0.0, n=14, m=6, n_continuous=3):
        rng = np.random.default_rng(seed)
        A = rng.integers(0, 30, (m, n)).astype(float) * (rng.random((m, n)) < 0.7)
        upper = np.full(n, 4.0)
        upper[3] = 0.0  # presolving removes it: positions shift
        b = np.maximum(A.sum(axis=1) * 1.1, 1.0).round() + 0.5
        c = rng.integers(1, 40, n).astype(float)
        if sense == "minimize":
            c = -c
        return TinyMip(c, A, b, upper, n - n_continuous, sense, offset)

    return make


@pytest.fixture
def market_split():
    """Return a maker of problems that SCIP cannot finish in a minute."""

    def make(n=45, m=5, seed=1):
        rng = np.random.default_rng(seed)
        weights = rng.integers(0, 100, (m, n)).astype(float)
        half = np.floor(weights.sum(axis=1) / 2)
        # weights x + s - t = half, minimise sum(s + t), as pairs of rows.
        eye = np.eye(m)
        rows = np.hstack([weights, eye, -eye])
        return TinyMip(
            c=np.concatenate([np.zeros(n), np.ones(2 * m)]),
            A=np.vstack([rows, -rows]),
            b=np.concatenate([half, -half]),
            upper=np.concatenate([np.ones(n), np.full(2 * m, np.inf)]),
            n_integer=n,
        )

    return make


@pytest.fixture
def interrupter():
    """Return an entered interrupter without a deadline."""
    with Interrupter(Deadline()) as entered:
        yield entered


@pytest.fixture
def to_original():
    """Return the map from values of a copy to values of the user's variables."""
    from boundwise.heuristics.scip.transfer import make_solution, read_values

    def convert(source, values):
        variables = source.getVars(transformed=True)
        solution = make_solution(source, variables, values)
        originals = sorted(source.getVars(), key=lambda v: int(v.name[1:]))
        x = read_values(source, solution, originals)
        source.freeSol(solution)
        return x

    return convert
