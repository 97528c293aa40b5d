"""Convex problems in a form that every nonlinear solver can be given.

    min  c'x + k + sum_i w_i g_i(x_i)   over linear rows,  g in {square, exp, softplus}

Dense terms are lifted: a residual or prediction is a variable with a row of its own.
What is compared is then the solvers, not how well each takes a formula apart.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, eye_array, hstack, vstack

from boundwise.core.errors import InputError
from boundwise.instances.convex import ConvexProblem
from boundwise.solvers.convex.native.terms import factor

Floats = NDArray[np.float64]
Function = Literal["square", "exp", "softplus"]


@dataclass(frozen=True, slots=True)
class Term:
    """Hold one term weight * function(x[index]).

    Parameters
    ----------
    function
        Square, exponential, or softplus: log(1 + exp(x)).
    index, weight
        The variable, and a positive weight.
    """

    function: Function
    index: int
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Separable:
    """Hold a problem whose nonlinear terms have one variable each.

    Parameters
    ----------
    n_original
        The first variables are those of the problem.
    lower, upper, is_integer
        Bounds and types.
    matrix, row_lower, row_upper
        Linear rows.
    linear, constant, terms
        The objective.
    """

    n_original: int
    lower: Floats
    upper: Floats
    is_integer: NDArray[np.bool_]
    matrix: csr_array
    row_lower: Floats
    row_upper: Floats
    linear: Floats
    constant: float
    terms: tuple[Term, ...]

    def value(self, x: Floats) -> float:
        """Return the objective at x."""
        total = self.constant + float(self.linear @ x)
        for term in self.terms:
            u = float(x[term.index])
            match term.function:
                case "square":
                    total += term.weight * u * u
                case "exp":
                    total += term.weight * float(np.exp(u))
                case _:
                    total += term.weight * float(np.logaddexp(0.0, u))
        return total


def separable(problem: ConvexProblem) -> Separable:
    """Write a problem with lifted terms.

    Raises
    ------
    InputError
        If its objective is no sum of functions of linear forms (a determinant or a
        trace of an inverse).
    """
    arrays, rows = problem.objective.arrays, problem.feasible
    n = rows.n_variables
    linear = np.array(arrays.get("linear", np.zeros(n)), dtype=np.float64)
    constant, squares = 0.0, np.zeros(n)
    A, shift = np.zeros((0, n)), np.zeros(0)
    function: Function = "square"
    weight = 1.0
    match problem.objective.kind:
        case "quadratic":
            Q, constant = arrays["Q"], float(arrays["constant"])
            if Q.ndim == 1:
                squares = 0.5 * Q
            else:
                A = factor(Q)
                shift = np.zeros(len(A))
        case "least_squares":
            A, shift, squares = arrays["A"], arrays["y"], arrays["ridge"]
        case "logistic":
            A = -arrays["labels"][:, None] * arrays["A"]
            shift, squares = np.zeros(len(A)), 0.5 * arrays["mu"]
            function, weight = "softplus", 1.0 / len(A)
        case "poisson":
            A, squares = arrays["A"], arrays["alpha"]
            shift = np.zeros(len(A))
            function, weight = "exp", 1.0 / len(A)
            linear = linear - weight * (A.T @ arrays["counts"])
        case kind:
            raise InputError(f"{kind} has no separable form.")
    m = len(A)
    terms = [Term("square", int(j), float(squares[j])) for j in np.flatnonzero(squares)]
    terms += [Term(function, n + i, weight) for i in range(m)]
    return Separable(
        n_original=n,
        lower=np.concatenate([rows.lower, np.full(m, -np.inf)]),
        upper=np.concatenate([rows.upper, np.full(m, np.inf)]),
        is_integer=np.concatenate([rows.is_integer, np.zeros(m, dtype=bool)]),
        matrix=_with_lifted(rows.matrix, A),
        row_lower=np.concatenate([rows.row_lower, shift]),
        row_upper=np.concatenate([rows.row_upper, shift]),
        linear=np.concatenate([linear, np.zeros(m)]),
        constant=constant,
        terms=tuple(terms),
    )


def _with_lifted(matrix: csr_array, A: Floats) -> csr_array:
    """Add a row Ax - u = shift with a new variable u for each row of A."""
    m = len(A)
    if not m:
        return matrix
    above = hstack([matrix, csr_array((matrix.shape[0], m))])
    below = hstack([csr_array(A), csr_array(-eye_array(m))])
    return csr_array(vstack([above, below]))
