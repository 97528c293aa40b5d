"""What SCIP tells about the node where a dive is, as arrays."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from boundwise.heuristics.dives.rule import Candidates
from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.protocols import FloatVector, IntVector
from boundwise.heuristics.scip.columns import (
    Places,
    bounds,
    column,
    counts,
    is_binary,
    is_integer,
)
from boundwise.heuristics.scip.transfer import read_values


class ScipView:
    """Read a model that is being solved; made anew after each restart.

    Parameters
    ----------
    model
        A ``pyscipopt.Model`` in the solving stage.
    make_rows
        Returns the linear rows in the order of the transformed variables, or None;
        called when a rule first asks for them.
    """

    def __init__(
        self, model: Any, make_rows: Callable[[], LinearMip | None] | None = None
    ) -> None:
        self._model = model
        self.variables: list[Any] = model.getVars(transformed=True)
        self._places = Places(self.variables)
        self.objective = column(self.variables, "getObj")
        self.is_binary = is_binary(self.variables)
        self.is_integer = is_integer(self.variables)
        self.root: FloatVector | None = None
        self._make_rows = make_rows
        self._rows: LinearMip | None = None
        self._incumbent: FloatVector | None = None
        self._incumbent_objective = np.inf

    @property
    def n_variables(self) -> int:
        """Number of variables."""
        return len(self.variables)

    @property
    def rows(self) -> LinearMip | None:
        """The linear rows, or None if there are none to be had."""
        if self._make_rows is not None:
            self._rows, self._make_rows = self._make_rows(), None
        return self._rows

    @property
    def incumbent(self) -> FloatVector | None:
        """Best known solution, or None; read again only if it has changed."""
        objective = self._model.getUpperbound()
        if objective != self._incumbent_objective:
            self._incumbent_objective = objective
            best = self._model.getBestSol() if self._model.getNSols() else None
            self._incumbent = (
                None if best is None else read_values(self._model, best, self.variables)
            )
        return self._incumbent

    @cached_property
    def can_be_copied(self) -> bool:
        """Whether copies have all variables: SCIP leaves out those of relaxations."""
        return not any(v.isRelaxationOnly() for v in self.variables)

    def is_current(self) -> bool:
        """Tell whether the model still has the variables of this view."""
        return bool(self._model.getNVars(transformed=True) == len(self.variables))

    def candidates(self) -> tuple[list[Any], Candidates]:
        """Return the fractional variables of the present LP solution."""
        variables, values, _, n, _, _ = self._model.getLPBranchCands()
        del variables[n:]
        return variables, Candidates(
            positions=np.array(self._places.of(variables), dtype=np.int64),
            values=np.array(values[:n], dtype=np.float64),
            locks_down=counts(variables, "getNLocksDown"),
            locks_up=counts(variables, "getNLocksUp"),
        )

    def values(self) -> FloatVector:
        """Return the LP solution."""
        return column(self.variables, "getLPSol")

    def global_bounds(self) -> tuple[FloatVector, FloatVector]:
        """Return the bounds that hold in the whole tree; infinite ones as inf."""
        return bounds(self._model, self.variables)

    def local_bounds(self) -> tuple[FloatVector, FloatVector]:
        """Return the bounds at this node; infinite ones as inf."""
        return bounds(self._model, self.variables, local=True)

    def pseudocosts(self, positions: IntVector) -> tuple[FloatVector, FloatVector]:
        """Return the objective gained for each unit moved down and up."""
        from pyscipopt import SCIP_BRANCHDIR

        cost, variables = self._model.getVarPseudocost, self.variables
        down, up = SCIP_BRANCHDIR.DOWNWARDS, SCIP_BRANCHDIR.UPWARDS
        chosen = [variables[j] for j in positions.tolist()]
        return (
            np.array([cost(v, down) for v in chosen], dtype=np.float64),
            np.array([cost(v, up) for v in chosen], dtype=np.float64),
        )
