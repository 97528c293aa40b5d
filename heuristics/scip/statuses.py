"""What SCIP's final statuses say: why a search stopped, and what it proves."""

from collections.abc import Mapping
from typing import Final

from boundwise.core.status import Status, Termination

#: What a complete search of SCIP states, by SCIP's name for it.
STATEMENTS: Final[Mapping[str, Status]] = {
    "optimal": Status.OPTIMAL,
    "infeasible": Status.INFEASIBLE,
    "unbounded": Status.UNBOUNDED,
    "inforunbd": Status.INFEASIBLE_OR_UNBOUNDED,
}
#: SCIP's name for a statement.
SCIP_NAMES: Final[Mapping[Status, str]] = {s: name for name, s in STATEMENTS.items()}
#: Statuses of searches that a limit or the user stopped.
_TERMINATIONS: Final[Mapping[str, Termination]] = {
    "timelimit": Termination.TIME_LIMIT,
    "memlimit": Termination.MEMORY_LIMIT,
    "nodelimit": Termination.NODE_LIMIT,
    "totalnodelimit": Termination.NODE_LIMIT,
    "stallnodelimit": Termination.NODE_LIMIT,
    "userinterrupt": Termination.INTERRUPTED,
}


def termination_of(scip_status: str) -> Termination:
    """Return why a SCIP search stopped: ``CONVERGED`` if nothing stopped it.

    Examples
    --------
    >>> termination_of("memlimit").value, termination_of("optimal").value
    ('memory_limit', 'converged')
    """
    return _TERMINATIONS.get(scip_status, Termination.CONVERGED)


def proof_of(scip_status: str, *, found: bool) -> Status | None:
    """Return what a finished SCIP search proves, other than optimality.

    Parameters
    ----------
    scip_status
        SCIP's status of a search of the whole problem.
    found
        Whether a verified solution is known.

    Returns
    -------
    Status or None
        None if nothing is proven. A claim of infeasibility against a verified
        solution proves nothing: the solution is the stronger evidence.
    """
    stated = STATEMENTS.get(scip_status)
    if stated is Status.OPTIMAL or (found and stated is not Status.UNBOUNDED):
        return None
    return stated
