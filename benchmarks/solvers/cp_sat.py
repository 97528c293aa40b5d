"""CP-SAT through OR-Tools' MathOpt; ``settings`` are CP-SAT parameters by name.

CP-SAT knows integers only. MathOpt hands it the problem as it is; CP-SAT scales
coefficients to integers and rounds the domains of continuous variables to a grid, and
scales the solution back. On problems with continuous variables its answers are
therefore approximate: the checker judges them like all others, and a claim of
optimality holds for the scaled problem only. Variables without bounds get bounds of
+-1e7 (CP-SAT's ``mip_max_bound``).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np

from boundwise.benchmarks.solvers.base import (
    Answer,
    ReadError,
    Recorder,
    SettingError,
    Task,
    counts_cpu,
)
from boundwise.core.errors import InputError
from boundwise.core.interrupt import Interrupter
from boundwise.core.status import Status, Termination
from boundwise.instances.instance import Instance
from boundwise.instances.reader import read

_LIMITS = {
    "TIME": Termination.TIME_LIMIT,
    "MEMORY": Termination.MEMORY_LIMIT,
    "INTERRUPTED": Termination.INTERRUPTED,
}
_CLAIMS = {
    "OPTIMAL": Status.OPTIMAL,
    "INFEASIBLE": Status.INFEASIBLE,
    "UNBOUNDED": Status.UNBOUNDED,
    "INFEASIBLE_OR_UNBOUNDED": Status.INFEASIBLE_OR_UNBOUNDED,
    "FEASIBLE": Status.FEASIBLE,
}


class Adapter:
    """Solve with CP-SAT."""

    def version(self) -> str:
        """Return the version of OR-Tools."""
        import ortools

        return str(ortools.__version__)

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Set the parameters on an empty message."""
        _parameters(settings)

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Read, convert, solve, and return the claim of CP-SAT."""
        from ortools.math_opt.python import mathopt
        from ortools.util.python.solve_interrupter import SolveInterrupter

        try:
            instance = read(task.instance)
        except InputError as error:
            raise ReadError(str(error)) from error
        model = mathopt.Model.from_model_proto(to_proto(instance))
        own = _parameters(task.settings)
        if task.memory_limit is not None:
            own.max_memory_in_mb = int(task.memory_limit)
        limit = timedelta(seconds=max(0.01, recorder.clock.remaining()))
        parameters = mathopt.SolveParameters(
            # It counts wall-clock seconds only: else the clock interrupts it.
            time_limit=None if counts_cpu() else limit,
            threads=task.threads,
            random_seed=task.seed,
            relative_gap_tolerance=task.gap,
            absolute_gap_tolerance=0.0,
            enable_output=True,
            cp_sat=own,
        )
        stop = SolveInterrupter()
        with (
            Interrupter(
                recorder.clock, grace=0.0 if counts_cpu() else 1e9
            ) as interrupter,
            interrupter.running(stop.interrupt),
        ):
            result = mathopt.solve(
                model,
                mathopt.SolverType.CP_SAT,
                params=parameters,
                callback_reg=mathopt.CallbackRegistration(
                    events={mathopt.Event.MIP_SOLUTION},
                    # Values of all variables would cost more than finding them.
                    mip_solution_filter=mathopt.VariableFilter(filtered_items=[]),
                ),
                cb=_follow(recorder),
                interrupter=stop,
            )
        return _answer(result, instance, timed_out=recorder.clock.expired(0.1))


def to_proto(instance: Instance) -> Any:
    """Return a problem as MathOpt's model message.

    Raises
    ------
    ReadError
        If the problem has constraints other than linear ones.
    """
    from ortools.math_opt import model_pb2

    if instance.sos or instance.indicators or instance.semicontinuous:
        raise ReadError(
            "CP-SAT is given linear constraints only, not SOS and the like."
        )
    n, m = len(instance.names), len(instance.row_names)
    proto = model_pb2.ModelProto(name="instance")
    proto.variables.ids.extend(range(n))
    proto.variables.lower_bounds.extend(instance.lower.tolist())
    proto.variables.upper_bounds.extend(instance.upper.tolist())
    proto.variables.integers.extend(instance.is_integer.tolist())
    used = np.flatnonzero(instance.objective)
    proto.objective.maximize = instance.sense == "maximize"
    proto.objective.offset = instance.offset
    proto.objective.linear_coefficients.ids.extend(used.tolist())
    proto.objective.linear_coefficients.values.extend(instance.objective[used].tolist())
    proto.linear_constraints.ids.extend(range(m))
    proto.linear_constraints.lower_bounds.extend(instance.row_lower.tolist())
    proto.linear_constraints.upper_bounds.extend(instance.row_upper.tolist())
    entries = instance.matrix.tocoo()
    matrix = proto.linear_constraint_matrix
    matrix.row_ids.extend(entries.row.tolist())
    matrix.column_ids.extend(entries.col.tolist())
    matrix.coefficients.extend(entries.data.tolist())
    return proto


def _parameters(settings: Mapping[str, Any]) -> Any:
    from ortools.sat import sat_parameters_pb2

    parameters = sat_parameters_pb2.SatParameters()
    for name, value in settings.items():
        try:
            setattr(parameters, name, value)
        except (AttributeError, TypeError, ValueError) as error:
            raise SettingError(
                f"CP-SAT refuses the setting {name} = {value!r}: {error}."
            ) from error
    return parameters


def _follow(recorder: Recorder) -> Any:
    from ortools.math_opt.python import mathopt

    def improved(data: Any) -> Any:
        stats = data.mip_stats
        recorder.improved(
            objective=stats.primal_bound, bound=stats.dual_bound, who="incumbent"
        )
        return mathopt.CallbackResult()

    return improved


def _answer(result: Any, instance: Instance, *, timed_out: bool) -> Answer:
    termination = result.termination
    reason = termination.reason.name
    found = result.has_primal_feasible_solution()
    status = _CLAIMS.get(reason)
    if status is None or (status.has_solution and not found):
        status = Status.FEASIBLE if found else Status.UNKNOWN
    limit = termination.limit.name if termination.limit is not None else ""
    # Of a time limit, MathOpt only says that some limit ended the run.
    default = Termination.TIME_LIMIT if timed_out else Termination.ERROR
    if not limit:
        default = Termination.CONVERGED
    solution = None
    if found:
        solution = {
            instance.names[variable.id]: value
            for variable, value in result.variable_values().items()
        }
    return Answer(
        status=status,
        termination=_LIMITS.get(limit, default),
        raw_status=f"{reason} {limit} {termination.detail}".strip()[:200],
        sense=instance.sense,
        objective=result.objective_value() if found else None,
        bound=termination.objective_bounds.dual_bound,
        nodes=None,
        solution=solution,
    )
