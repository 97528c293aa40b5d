"""What a run found (`Status`) and why it stopped (`Termination`): never mixed."""

from enum import StrEnum


class Status(StrEnum):
    """State what is known about the problem when the run ends."""

    OPTIMAL = "optimal"
    """A solution within the requested gap of a proven bound."""
    FEASIBLE = "feasible"
    """A solution, without such a proof."""
    INFEASIBLE = "infeasible"
    """Proven: there is no solution."""
    UNBOUNDED = "unbounded"
    """Proven: the objective has no finite optimum."""
    INFEASIBLE_OR_UNBOUNDED = "infeasible_or_unbounded"
    """Proven: one of the two, without knowing which."""
    UNKNOWN = "unknown"
    """No solution and no proof."""

    @property
    def has_solution(self) -> bool:
        """Whether the run returns a solution."""
        return self in {Status.OPTIMAL, Status.FEASIBLE}

    @property
    def is_proven(self) -> bool:
        """Whether the status is a proof, with or without a solution."""
        return self not in {Status.FEASIBLE, Status.UNKNOWN}


class Termination(StrEnum):
    """State why the run stopped."""

    CONVERGED = "converged"
    """The method finished: a proof, the gap, or its own stopping rule."""
    TIME_LIMIT = "time_limit"
    MEMORY_LIMIT = "memory_limit"
    NODE_LIMIT = "node_limit"
    WORK_LIMIT = "work_limit"
    ITERATION_LIMIT = "iteration_limit"
    INTERRUPTED = "interrupted"
    """Ctrl-C, SIGTERM or a callback asked for the end."""
    ERROR = "error"
    """The method could not go on; what it had is returned."""
