"""CP-SAT as an engine: clause learning on integers.

Perron, Didier, Gay (2023), doi:10.4230/LIPIcs.CP.2023.3.
"""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from boundwise.heuristics.engines.repair import RepairSession
from boundwise.heuristics.engines.session import ProcessSession

if TYPE_CHECKING:
    from boundwise.heuristics.linear import LinearMip

#: Largest share of continuous variables: beyond it, CP-SAT was never the best solver
#: of an instance on which solvers were compared.
_MOST_CONTINUOUS = 0.5


#: Without a solution to begin with: one worker, one search.
_SEARCH = "num_workers: 1"
#: From a solution: one worker that divides its time between a search with an LP and
#: neighbourhoods; presolving once, since the problem has been presolved already.
_IMPROVEMENT = (
    "num_workers: 1 interleave_search: true subsolvers: 'default_lp' "
    "max_presolve_iterations: 1"
)


@dataclass(frozen=True, slots=True)
class CpSat:
    """Open sessions of CP-SAT.

    Parameters
    ----------
    parameters, improvement, repair_parameters
        CP-SAT's own parameters, in its text format: for the whole problem, for the
        whole problem when there is a solution to begin with, and for sub-MIPs.
    name
        Short name for logs and statistics.
    """

    parameters: str = _SEARCH
    improvement: str = _IMPROVEMENT
    repair_parameters: str = "num_workers: 1"
    name: str = "cp-sat"

    def is_available(self) -> bool:
        """Tell whether OR-Tools is installed, without importing it."""
        return find_spec("ortools") is not None

    def refuses(self, mip: "LinearMip") -> str | None:
        """Return why CP-SAT is of no use on a problem, or None if it is."""
        if mip.n_variables == 0:
            return "there is no variable"
        share = len(mip.continuous) / mip.n_variables
        if share > _MOST_CONTINUOUS:
            return f"{share:.0%} of the variables are continuous"
        integers = mip.is_integer
        if not np.isfinite([mip.lower[integers], mip.upper[integers]]).all():
            return "an integer variable is not bounded"
        return None

    def open(
        self,
        mip: "LinearMip",
        *,
        seed: int,
        memory: float | None = None,
        gap: float = 0.0,
    ) -> ProcessSession:
        """Begin a session; see `Engine`."""
        return ProcessSession(
            "cp-sat",
            mip,
            {
                "seed": seed,
                "gap": gap,
                "memory": memory,
                "parameters": self.parameters,
                "improvement": self.improvement,
            },
            approximates=True,
        )

    def open_repair(
        self, mip: "LinearMip", *, memory: float | None = None
    ) -> RepairSession:
        """Begin to solve sub-MIPs; see `RepairEngine`."""
        options = {"parameters": self.repair_parameters, "memory": memory}
        return RepairSession("cp-sat-repair", mip, options, approximates=True)
