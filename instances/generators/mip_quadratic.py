"""Quadratics around vertices of a mixed-integer program.

    f(x) = b'x + sum_i ||x - v_i||^2 / (2 max_i ||v_i||)

with b normal and the v_i solutions of the program under normal objectives.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from boundwise.core.arguments import as_count, as_number
from boundwise.core.errors import InputError, SolverError
from boundwise.core.rng import make_rng
from boundwise.instances.convex import ConvexProblem, Part
from boundwise.instances.instance import Instance


def mip_quadratic(
    base: str = "neos5",
    vertices: int = 4,
    seconds: float = 60.0,
    seed: int | None = 0,
) -> ConvexProblem:
    """Generate a convex quadratic over the solutions of a program.

    Parameters
    ----------
    base
        Name of a MIPLIB instance, path of a file, or a family of generated programs
        (with its defaults).
    vertices
        Number of points v_i.
    seconds
        Time limit for finding one of them; what SCIP has found by then is taken.
    seed
        Seed of the random numbers.

    Returns
    -------
    ConvexProblem
        The problem; its objective is a separable quadratic.

    Raises
    ------
    InputError
        If an argument is out of range or the program is unbounded.
    SolverError
        If SCIP finds no solution in time.

    References
    ----------
    Hendrych, Troppens, Besançon, Pokutta (2022), arXiv:2208.11010.
    """
    vertices = as_count("vertices", vertices)
    seconds = as_number("seconds", seconds, at_least=0.1, at_most=1e6)
    rng, seed = make_rng(seed)
    program = _program(base)
    n = program.n_variables
    points = np.array(
        [_solve(program, rng.normal(size=n), seconds) for _ in range(vertices)]
    )
    reach = float(np.linalg.norm(points, axis=1).max()) or 1.0
    name = f"mip_quadratic-{program.name}-v{vertices}-s{seed}"
    feasible = Instance(
        name=name,
        objective=np.zeros(n),
        matrix=program.matrix,
        row_lower=program.row_lower,
        row_upper=program.row_upper,
        lower=program.lower,
        upper=program.upper,
        is_integer=program.is_integer,
        names=program.names,
        row_names=program.row_names,
    )
    return ConvexProblem(
        name=name,
        objective=Part(
            "quadratic",
            {
                "Q": np.full(n, vertices / reach),
                "linear": rng.normal(size=n) - points.sum(axis=0) / reach,
                "constant": np.array(float((points**2).sum()) / (2.0 * reach)),
            },
        ),
        feasible=feasible,
    )


def _program(base: str) -> Instance:
    from boundwise.instances.generators.registry import FAMILIES
    from boundwise.instances.reader import read

    program = FAMILIES[base]() if base in FAMILIES else read(base)
    if program.sos or program.indicators or program.semicontinuous:
        raise InputError(f"base must have linear rows only, {base!r} has others.")
    return program


def _solve(
    program: Instance, direction: NDArray[np.float64], seconds: float
) -> NDArray[np.float64]:
    from boundwise.instances.scip_build import build_model, variables_of

    turned = replace(
        program, objective=direction, sense="minimize", offset=0.0, path=None, exact={}
    )
    model = build_model(turned)
    variables = variables_of(model, turned)
    model.setParam("limits/time", seconds)
    model.optimize()
    if model.getStatus() in ("unbounded", "inforunbd"):
        raise InputError(
            f"base must have a bounded feasible set, {program.name!r} is unbounded in "
            "a random direction."
        )
    if not model.getNSols():
        raise SolverError(f"no solution of {program.name!r} within {seconds} s.")
    best = model.getBestSol()
    values = np.array([model.getSolVal(best, variable) for variable in variables])
    values[program.is_integer] = values[program.is_integer].round()
    return values
