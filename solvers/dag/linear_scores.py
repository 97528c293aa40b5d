"""The scores of linear models, as functions of weights and as sums of node costs.

With r_j = Var(x_j - X w_j), R = sum_j r_j and |W| the sum of penalised magnitudes,

    ls         1/2 R
    l1         1/2 R + lam |W|
    colide_ev  min_s R/(2s) + d s/2 + lam |W|          = sqrt(d R) + lam |W|
    colide_nv  sum_j min_s r_j/(2s) + s/2 + lam |W|    = sum_j sqrt(r_j) + lam |W|
    golem_ev   d/2 log R + lam |W|
    golem_nv   1/2 sum_j log r_j + lam |W|
    bic        1/2 sum_j log r_j + (log n + 4 lam log d) / (2n) * (number of edges)

The log|det(I - W)| of GOLEM is 0 on DAGs. "bic" is the Gaussian BIC divided by 2n
without constants; ``lam`` is the gamma of the extended BIC. Without a penalty, "ev"
scores order orders as "ls" does; with one they are minimised by steps on the scale: for
a fixed scale s the problem is a sum of lassos with penalty ``lam s``.

Ng, Ghassami, Zhang (2020), arXiv:2006.10201 (GOLEM); Saboksayr, Mateos, Tepper (2024),
arXiv:2310.02895 (CoLiDE); Foygel, Drton (2010), arXiv:1011.6640 (extended BIC).
"""

import math
from dataclasses import dataclass

import numpy as np

from boundwise.core.arguments import as_number
from boundwise.core.errors import InputError
from boundwise.solvers.dag import moves, node_fit
from boundwise.solvers.dag.moments import Bools, Floats, Moments

NAMES = ("ls", "l1", "golem_ev", "golem_nv", "colide_ev", "colide_nv", "bic")
#: Kinds of node cost of penalised scores, and of phi of those without penalty.
_NODE_KINDS = {
    "ls": node_fit.LASSO,
    "l1": node_fit.LASSO,
    "golem_ev": node_fit.LASSO,
    "colide_ev": node_fit.LASSO,
    "golem_nv": node_fit.LOG,
    "colide_nv": node_fit.SQRT,
    "bic": node_fit.SUBSET,
}
_PHI_KINDS = {
    "ls": moves.HALF,
    "l1": moves.HALF,
    "golem_ev": moves.HALF,
    "colide_ev": moves.HALF,
    "colide_nv": moves.ROOT,
}


@dataclass(frozen=True, slots=True)
class LinearScore:
    """Name a linear score and its penalty, and evaluate it.

    Parameters
    ----------
    name
        One of `NAMES`.
    lam
        Penalty, at least 0.
    """

    name: str
    lam: float = 0.0

    def __post_init__(self) -> None:
        """Validate."""
        if self.name not in NAMES:
            raise InputError(f"score must be one of {NAMES}, got {self.name!r}.")
        as_number("lam", self.lam, at_least=0)
        if self.name == "ls" and self.lam > 0.0:
            raise InputError(
                f"score='ls' has no penalty, got lam={self.lam!r}: use score='l1'."
            )
        if self.name == "golem_nv" and self.lam == 0.0:
            raise InputError(
                "score='golem_nv' needs a penalty (lam > 0): without one it is "
                "(1/2) log det S for every order, so that no order is better."
            )

    @property
    def penalised(self) -> bool:
        """Whether zero weights are favoured."""
        return self.lam > 0.0 or self.name == "bic"

    @property
    def phi_kind(self) -> int | None:
        """Kind of phi if the score is a sum of phi(conditional variance), or None."""
        return None if self.penalised else _PHI_KINDS[self.name]

    @property
    def node_kind(self) -> int:
        """Kind of node cost (at a fixed scale, for "ev" scores)."""
        return _NODE_KINDS[self.name]

    @property
    def has_common_scale(self) -> bool:
        """Whether a scale shared by all nodes couples the node costs."""
        return self.lam > 0.0 and self.name in ("golem_ev", "colide_ev")

    def require(self, moments: Moments) -> None:
        """Raise InputError if the score has no (finite) minimum on these data."""
        if self.name in ("bic", "golem_nv"):
            moments.require_regular("its residual variance could be 0, its log -inf.")
        elif not self.penalised:
            moments.require_regular("residual variances vanish without a penalty.")
        elif self.name != "l1":
            moments.require_varying("its residual variance is 0.")

    def price(self, moments: Moments) -> float:
        """Return the price of an edge under "bic"."""
        return (math.log(moments.n) + 4.0 * self.lam * math.log(moments.d)) / (
            2.0 * moments.n
        )

    def scale(self, total: float, d: int) -> float:
        """Return the common scale s that goes with R: penalties are lam s."""
        if self.name == "colide_ev":
            return math.sqrt(total / d)
        return total / d if self.name == "golem_ev" else 1.0

    def value(self, moments: Moments, W: Floats, free: Bools) -> float:
        """Return the score of weights.

        Parameters
        ----------
        moments
            The data.
        W
            Weights of an acyclic graph.
        free
            ``free[i, j]``: the edge i -> j is exempt from the penalty.
        """
        d = moments.d
        r = residual_variances(moments, W)
        if self.name == "bic":
            edges = int(((W != 0.0) & ~free).sum())
            return float(_logs(r) / 2.0 + self.price(moments) * edges)
        penalty = self.lam * float(np.abs(W[~free]).sum()) if self.lam else 0.0
        if self.name in ("ls", "l1"):
            return float(r.sum()) / 2.0 + penalty
        if self.name == "colide_ev":
            return math.sqrt(d * float(r.sum())) + penalty
        if self.name == "colide_nv":
            return float(np.sqrt(r).sum()) + penalty
        if self.name == "golem_ev":
            return d / 2.0 * math.log(max(float(r.sum()), 1e-300)) + penalty
        return _logs(r) / 2.0 + penalty

    def gradient(self, moments: Moments, W: Floats) -> Floats:
        """Return the gradient of the score's smooth part in W."""
        r = np.maximum(residual_variances(moments, W), 1e-300)
        if self.name in ("ls", "l1"):
            factor = np.ones(len(r))
        elif self.name in ("colide_ev", "golem_ev"):
            factor = np.full(len(r), 1.0 / self.scale(float(r.sum()), len(r)))
        elif self.name == "colide_nv":
            factor = 1.0 / np.sqrt(r)
        else:
            factor = 1.0 / r
        return smooth_gradient(moments, W) * factor

    def slopes(self, moments: Moments, W: Floats, free: Bools) -> Floats:
        """Return the magnitude of the least subgradient, entry by entry.

        At a zero weight under an l1 penalty that is what the gradient exceeds ``lam``
        by.
        """
        g = self.gradient(moments, W)
        lam = np.where(free, 0.0, 0.0 if self.name == "bic" else self.lam)
        at_zero = np.maximum(np.abs(g) - lam, 0.0)
        slopes: Floats = np.where(W == 0.0, at_zero, np.abs(g + lam * np.sign(W)))
        return slopes


def residual_variances(moments: Moments, W: Floats) -> Floats:
    """Return Var(x_j - X w_j) of every node."""
    A = np.eye(len(W)) - W
    if moments.root is not None:
        residuals = moments.root @ A
        r: Floats = np.einsum("ij,ij->j", residuals, residuals)
    else:
        r = np.maximum(np.einsum("ij,ij->j", A, moments.S @ A), 0.0)
    return r


def smooth_gradient(moments: Moments, W: Floats) -> Floats:
    """Return the gradient -S (I - W) of the sum of squares (1/2) R."""
    A = np.eye(len(W)) - W
    R = moments.root
    gradient: Floats = -(moments.S @ A) if R is None else -(R.T @ (R @ A))
    return gradient


def _logs(r: Floats) -> float:
    return float(np.log(np.maximum(r, 1e-300)).sum())
