"""The parameters of OAVI, checked once, and the growth they stand for."""

from dataclasses import dataclass
from typing import Any

from boundwise.core.arguments import as_count, as_number
from boundwise.core.errors import InputError
from boundwise.solvers.vanishing.exact import ExactOracle
from boundwise.solvers.vanishing.grow import Growing, Growth, Oracle
from boundwise.solvers.vanishing.termwise import (
    AcceleratedGradient,
    ConditionalGradients,
    InverseHessian,
    SmallestEigenvector,
    TermSolver,
    TermwiseOracle,
)
from boundwise.solvers.vanishing.vca import ComponentGrowth

ORACLES = ("ihb", "wihb", "bpcg", "pcg", "cg", "agd", "abm", "vca")
TERM_ORDERS = ("deglex", "pearson", "reverse_pearson")
FACTORIZATIONS = ("cholesky", "inverse")

#: Below this, rounding errors decide which terms vanish.
SMALLEST_PSI = 1e-13
#: The bound that conditional gradients use when tau is None; it has never been
#: seen to bind on data in the unit cube.
LARGE_TAU = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Hold the checked parameters of a fit (see `OAVI` for their meaning).

    Raises
    ------
    InputError
        If a parameter is of the wrong type, out of range, or at odds with another.
    """

    psi: float
    tau: float | None
    max_degree: int
    oracle: str
    factorization: str
    term_order: str
    chunk_size: int | None

    def __post_init__(self) -> None:
        """Check every parameter."""
        check_psi(self.psi)
        if self.tau is not None:
            as_number("tau", self.tau)
            if self.tau <= 1:
                raise InputError(
                    f"tau must be above 1 (the leading coefficient is one) or None, "
                    f"got {self.tau!r}."
                )
            if self.oracle in {"abm", "vca"}:
                raise InputError(f"oracle {self.oracle!r} knows no tau; set tau=None.")
        as_count("max_degree", self.max_degree)
        if self.chunk_size is not None:
            as_count("chunk_size", self.chunk_size)
        _require_one_of("oracle", self.oracle, ORACLES)
        _require_one_of("term_order", self.term_order, TERM_ORDERS)
        _require_one_of("factorization", self.factorization, FACTORIZATIONS)
        if self.factorization == "inverse" and self.oracle != "ihb":
            raise InputError(
                "factorization='inverse' goes with oracle='ihb' only, got "
                f"oracle={self.oracle!r}."
            )

    @property
    def is_plain(self) -> bool:
        """Whether the exact oracle decides, with no bound on the coefficients."""
        return (
            self.oracle in {"ihb", "wihb"}
            and self.factorization == "cholesky"
            and self.tau is None
        )

    def growth(
        self, n_variables: int, parts: tuple[int, ...] = (0,), psi: float | None = None
    ) -> Growing:
        """Return a fresh growth with these settings, perhaps with another psi."""
        psi = float(self.psi if psi is None else psi)
        if self.oracle == "vca":
            return ComponentGrowth(psi, n_variables, self.max_degree, parts)
        return Growth(self._oracle(psi), n_variables, self.max_degree, parts)

    def _oracle(self, psi: float) -> Oracle:
        if self.factorization == "cholesky" and self.oracle in {"ihb", "wihb"}:
            return ExactOracle(psi, self.tau, sparse=self.oracle == "wihb")
        large = LARGE_TAU if self.tau is None else float(self.tau)
        solver: TermSolver
        if self.oracle == "ihb":
            solver = InverseHessian(psi, self.tau)
        elif self.oracle == "agd":
            solver = AcceleratedGradient(psi, self.tau)
        elif self.oracle == "abm":
            solver = SmallestEigenvector()
        else:
            solver = ConditionalGradients(self.oracle, psi, large)  # type: ignore[arg-type]
        return TermwiseOracle(solver, psi)


def check_psi(psi: Any) -> None:
    """Raise InputError unless psi is a number that double precision can decide on."""
    as_number("psi", psi)
    if psi < SMALLEST_PSI:
        raise InputError(
            f"psi must be at least {SMALLEST_PSI:g} (below, rounding decides), got "
            f"{psi!r}."
        )


def _require_one_of(name: str, value: Any, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InputError(f"{name} must be one of {choices}, got {value!r}.")
