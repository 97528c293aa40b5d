"""A convex mixed-integer problem as data: an objective's arrays over linear rows.

    minimise f(x)   subject to   x in the feasible set of an `Instance`

The instance holds rows, bounds and types; its own objective is zero. What the set is
besides (a cardinality constraint, permutation matrices) stands in ``structure``, for
solvers that know such sets by name. A problem is one ``.npz`` file.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from boundwise.core.errors import InputError
from boundwise.core.files import atomic_write
from boundwise.instances.instance import Instance

#: Kind of objective -> its arrays. "linear" may be left out everywhere.
OBJECTIVES: Mapping[str, tuple[str, ...]] = {
    "quadratic": ("Q", "constant"),
    "least_squares": ("A", "y", "ridge"),
    "logistic": ("A", "labels", "mu"),
    "poisson": ("A", "counts", "alpha"),
    "d_optimal": ("A",),
    "a_optimal": ("A",),
}
#: Kind of structure -> its arrays.
STRUCTURES: Mapping[str, tuple[str, ...]] = {
    "rows": (),
    "cardinality": ("pairs", "bounds", "limit"),
    "birkhoff": ("size",),
    "hypersimplex": ("size",),
}
_ROWS = ("row_lower", "row_upper", "lower", "upper", "is_integer")
_CSR = ("data", "indices", "indptr")


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Hold a kind and its arrays, read-only.

    Parameters
    ----------
    kind
        A key of `OBJECTIVES` or `STRUCTURES`.
    arrays
        The arrays by name.
    """

    kind: str
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for array in self.arrays.values():
            array.setflags(write=False)


@dataclass(frozen=True, kw_only=True, eq=False)
class ConvexProblem:
    """Hold one convex mixed-integer problem.

    Parameters
    ----------
    name
        Name of the problem.
    objective
        Kind and arrays of the function, see `OBJECTIVES`:

        - ``quadratic``: 1/2 x'Qx + linear'x + constant (Q a matrix or a diagonal),
        - ``least_squares``: ||Ax - y||^2 + sum ridge_j x_j^2 + linear'x,
        - ``logistic``: mean log(1 + exp(-labels_i a_i x)) + 1/2 sum mu_j x_j^2 + ...,
        - ``poisson``: mean (exp(a_i x) - counts_i a_i x) + sum alpha_j x_j^2 + ...,
        - ``d_optimal``: -log det A' diag(x) A;  ``a_optimal``: trace of its inverse.
    feasible
        Rows, bounds and types.
    structure
        What the set is, see `STRUCTURES`: ``cardinality`` (|x_j| <= bounds z_k for the
        pairs (j, k), at most ``limit`` binaries; first all x_j, then all z_k, then
        other variables), ``birkhoff`` (permutation matrices, row by row),
        ``hypersimplex`` (exactly ``size`` binaries), or only ``rows``.

    Raises
    ------
    InputError
        If a kind is not known or arrays are missing.
    """

    name: str
    objective: Part
    feasible: Instance
    structure: Part = field(default_factory=lambda: Part("rows"))

    def __post_init__(self) -> None:
        """Check kinds and names."""
        for part, known in (
            (self.objective, OBJECTIVES),
            (self.structure, STRUCTURES),
        ):
            if part.kind not in known:
                raise InputError(
                    f"kind must be one of {', '.join(known)}, got {part.kind!r}."
                )
            missing = set(known[part.kind]) - set(part.arrays)
            if missing:
                raise InputError(f"{part.kind} lacks {', '.join(sorted(missing))}.")

    @property
    def n_variables(self) -> int:
        """Number of variables."""
        return self.feasible.n_variables


def polyhedron(
    name: str,
    *,
    matrix: Any,
    row_lower: Any,
    row_upper: Any,
    lower: Any,
    upper: Any,
    is_integer: Any,
    names: tuple[str, ...] | None = None,
) -> Instance:
    """Return an instance without an objective; sides and bounds may be one number.

    Parameters
    ----------
    name
        Name of the problem.
    matrix
        Rows, dense or sparse, shape (m, n).
    row_lower, row_upper, lower, upper, is_integer
        Sides, bounds and types.
    names
        Names of the variables; x0, x1, ... if None.
    """
    rows = csr_array(matrix, dtype=np.float64)
    rows.sum_duplicates()
    rows.eliminate_zeros()
    m, n = rows.shape

    def spread(value: Any, size: int) -> NDArray[np.float64]:
        return np.array(np.broadcast_to(np.asarray(value, dtype=np.float64), (size,)))

    return Instance(
        name=name,
        objective=np.zeros(n),
        matrix=rows,
        row_lower=spread(row_lower, m),
        row_upper=spread(row_upper, m),
        lower=spread(lower, n),
        upper=spread(upper, n),
        is_integer=np.array(np.broadcast_to(np.asarray(is_integer, dtype=bool), (n,))),
        names=names or tuple(f"x{j}" for j in range(n)),
        row_names=tuple(f"row{i}" for i in range(m)),
    )


def write_problem(problem: ConvexProblem, path: str | os.PathLike[str]) -> None:
    """Write a problem to one ``.npz`` file, atomically.

    Raises
    ------
    InputError
        If the set has special constraints, or the file cannot be written.
    """
    feasible = problem.feasible
    if feasible.sos or feasible.indicators or feasible.semicontinuous:
        raise InputError(f"{problem.name!r} has constraints that are not linear rows.")
    arrays: dict[str, Any] = {
        "json": np.frombuffer(
            json.dumps(
                {
                    "name": problem.name,
                    "objective": problem.objective.kind,
                    "structure": problem.structure.kind,
                    "names": list(feasible.names),
                    "row_names": list(feasible.row_names),
                }
            ).encode(),
            dtype=np.uint8,
        )
    }
    arrays |= {f"rows.{name}": getattr(feasible, name) for name in _ROWS}
    arrays |= {f"matrix.{name}": getattr(feasible.matrix, name) for name in _CSR}
    for role in ("objective", "structure"):
        part: Part = getattr(problem, role)
        arrays |= {f"{role}.{name}": array for name, array in part.arrays.items()}
    with atomic_write(path, "wb") as stream:
        np.savez_compressed(stream, **arrays)


def read_problem(path: str | os.PathLike[str]) -> ConvexProblem:
    """Read a problem that `write_problem` wrote.

    Raises
    ------
    InputError
        If the file is missing, damaged or not such a problem.
    """
    try:
        with (
            Path(path).open("rb") as stream,
            np.load(stream, allow_pickle=False) as archive,
        ):
            document = json.loads(archive["json"].tobytes())
            parts = {
                role: Part(
                    document[role],
                    {
                        key.partition(".")[2]: np.array(archive[key])
                        for key in archive.files
                        if key.startswith(f"{role}.")
                    },
                )
                for role in ("objective", "structure")
            }
            rows: dict[str, Any] = {
                name: np.array(archive[f"rows.{name}"]) for name in _ROWS
            }
            n, m = len(document["names"]), len(document["row_names"])
            feasible = Instance(
                name=document["name"],
                objective=np.zeros(n),
                matrix=csr_array(
                    tuple(np.array(archive[f"matrix.{name}"]) for name in _CSR),
                    shape=(m, n),
                ),
                names=tuple(document["names"]),
                row_names=tuple(document["row_names"]),
                **rows,
            )
            return ConvexProblem(name=document["name"], feasible=feasible, **parts)
    except (OSError, KeyError, ValueError, TypeError, EOFError, BadZipFile) as error:
        raise InputError(f"{str(path)!r} is not a convex problem: {error}.") from error
