"""What SCIP's final statuses prove about the whole problem."""

from boundwise.core.status import Status


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
    if scip_status == "unbounded":
        return Status.UNBOUNDED
    if found:
        return None
    return {
        "infeasible": Status.INFEASIBLE,
        "inforunbd": Status.INFEASIBLE_OR_UNBOUNDED,
    }.get(scip_status)
