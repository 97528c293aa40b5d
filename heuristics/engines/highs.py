"""HiGHS as an engine: branch and cut with its own heuristics (extra ``peers``).

Huangfu and Hall (2018), doi:10.1007/s12532-017-0130-5.
"""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from boundwise.core.arguments import as_number
from boundwise.heuristics.engines.repair import RepairSession
from boundwise.heuristics.engines.session import ProcessSession

if TYPE_CHECKING:
    from boundwise.heuristics.linear import LinearMip


@dataclass(frozen=True, slots=True)
class Highs:
    """Open sessions of HiGHS.

    Parameters
    ----------
    heuristic_effort
        Share of its effort that HiGHS gives to heuristics, in [0, 1].
    name
        Short name for logs and statistics.

    Raises
    ------
    InputError
        If the effort is out of range.
    """

    heuristic_effort: float = 0.05
    name: str = "highs"

    def __post_init__(self) -> None:
        """Validate the effort."""
        as_number("heuristic_effort", self.heuristic_effort, at_least=0, at_most=1)

    def is_available(self) -> bool:
        """Tell whether highspy is installed, without importing it."""
        return find_spec("highspy") is not None

    def refuses(self, mip: "LinearMip") -> str | None:
        """Return why HiGHS is of no use on a problem, or None if it is."""
        if mip.n_variables == 0:
            return "there is no variable"
        if mip.n_nonzeros >= 2**31:
            return f"{mip.n_nonzeros} nonzeros are too many"
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
            "highs",
            mip,
            {
                "seed": seed,
                "gap": gap,
                "memory": memory,
                "heuristic_effort": self.heuristic_effort,
            },
        )

    def open_repair(
        self, mip: "LinearMip", *, memory: float | None = None
    ) -> RepairSession:
        """Begin to solve sub-MIPs; see `RepairEngine`."""
        options = {"heuristic_effort": self.heuristic_effort, "memory": memory}
        return RepairSession("highs-repair", mip, options)
