"""Bonmin through CasADi: branch-and-bound on nonlinear relaxations, or a hybrid.

References
----------
Bonami et al. (2008), An algorithmic framework for convex mixed integer nonlinear
programs, doi:10.1016/j.disopt.2006.10.011.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from boundwise.benchmarks.solvers.base import (
    Answer,
    Recorder,
    SettingError,
    Task,
    refuse_settings,
)
from boundwise.core.errors import InputError, NotAvailableError
from boundwise.core.optional import require
from boundwise.core.status import Termination

if TYPE_CHECKING:
    from boundwise.benchmarks.convex.separable import Separable

_ALGORITHMS = ("B-BB", "B-OA", "B-QG", "B-Hyb", "B-iFP")


class Adapter:
    """Solve with Bonmin; the setting ``algorithm`` is ``"B-BB"`` by default."""

    def version(self) -> str:
        """Return the version of CasADi, which brings Bonmin."""
        casadi = require("casadi", extra="peers")
        if not casadi.has_nlpsol("bonmin"):
            raise NotAvailableError("this build of casadi has no Bonmin.")
        return f"casadi-{casadi.__version__}"

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Refuse an unknown algorithm."""
        refuse_settings(settings, ("algorithm",), "bonmin")
        if settings.get("algorithm", "B-BB") not in _ALGORITHMS:
            raise SettingError(
                f"algorithm must be one of {_ALGORITHMS}, got "
                f"{settings['algorithm']!r}."
            )

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Build the problem, solve it, and tell the result."""
        import numpy as np

        from boundwise.benchmarks.convex.answers import (
            answer_of_peer,
            not_expressible,
            problem_of,
        )
        from boundwise.benchmarks.convex.separable import separable

        problem = problem_of(task)
        try:
            form = separable(problem)
        except InputError as error:
            return not_expressible(error)
        casadi = require("casadi", extra="peers")
        options = {
            "discrete": form.is_integer.tolist(),
            "print_time": False,
            "error_on_fail": False,
            "bonmin": {
                "algorithm": task.settings.get("algorithm", "B-BB"),
                "allowable_fraction_gap": task.gap,
                "time_limit": max(0.1, recorder.clock.remaining()),
                "bb_log_level": 0,
                "nlp_log_level": 0,
                "print_level": 0,
            },
        }
        solver = casadi.nlpsol("solver", "bonmin", _build(casadi, form), options)
        found = solver(
            x0=np.clip(0.0, form.lower, form.upper),
            lbx=form.lower,
            ubx=form.upper,
            lbg=form.row_lower,
            ubg=form.row_upper,
        )
        stats = solver.stats()
        raw = str(stats.get("return_status", ""))
        x = np.array(found["x"], dtype=np.float64).ravel()
        has_point = bool(
            np.isfinite(x).all() and raw in {"SUCCESS", "LIMIT_EXCEEDED", "USER"}
        )
        objective = form.value(x) if has_point else None
        recorder.improved(objective=objective, who="bonmin")
        return answer_of_peer(
            problem,
            x[: form.n_original] if has_point else None,
            objective,
            None,
            raw,
            is_proven=raw == "SUCCESS",
            termination=Termination.TIME_LIMIT
            if raw == "LIMIT_EXCEEDED"
            else Termination.ERROR,
            gap=task.gap,
        )


def _build(casadi: Any, form: "Separable") -> dict[str, Any]:
    x = casadi.MX.sym("x", len(form.lower))
    rows = form.matrix.tocoo()
    matrix = casadi.DM.triplet(
        rows.coords[0].tolist(), rows.coords[1].tolist(), rows.data, *rows.shape
    )
    value = form.constant + casadi.dot(casadi.DM(form.linear), x)
    for term in form.terms:
        u = x[term.index]
        match term.function:
            case "square":
                value += term.weight * u**2
            case "exp":
                value += term.weight * casadi.exp(u)
            case _:
                value += term.weight * casadi.log1p(casadi.exp(u))
    return {"x": x, "f": value, "g": casadi.mtimes(matrix, x)}
