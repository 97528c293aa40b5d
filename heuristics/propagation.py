"""Fix integer variables one after the other and propagate bounds over linear rows.

For a row ``l <= a x <= u`` and each of its variables, the least and greatest activity
of the others bound it:

    a_j x_j <= u - min(a x - a_j x_j),   a_j x_j >= l - max(a x - a_j x_j).

A variable is fixed to its preferred value; if propagation ends in a conflict, that is
undone and the nearest other value is tried; if that fails too, the variable keeps its
preferred value without propagation, for somebody else to repair. Achterberg (2007),
Constraint Integer Programming, doi:10.14279/depositonce-1634; Salvagnin, Roberti,
Fischetti (2025), A fix-propagate-repair heuristic for mixed integer programming,
hdl:11577/3541116.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from boundwise.heuristics.compiled import compiled
from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.local_search.arrays import make_rows
from boundwise.heuristics.protocols import FloatVector, IntVector

#: Bounds of continuous variables must move by this share of their domain to count.
_SHARE = 0.01
#: Bounds beyond this are not derived: they come from cancellation.
_FAR = 1e12
#: Rounding forgiven when bounds of integers are rounded.
_SLACK = 1e-6
#: One decision is propagated for at most so many nonzeros, times those of the problem.
_ROUNDS = 4

_BOUND = np.dtype(
    [
        ("lower", np.float64),
        ("upper", np.float64),
        ("wish", np.float64),  # value to fix to
        ("integral", np.int32),
    ],
    align=True,
)
_CHANGE = np.dtype(
    [("lower", np.float64), ("upper", np.float64), ("at", np.int32)], align=True
)
_OWN = np.dtype(
    [
        ("n_changes", np.int64),
        ("head", np.int64),
        ("n_queued", np.int64),
        ("position", np.int64),
        ("n_conflicts", np.int64),
        ("effort", np.int64),
    ],
    align=True,
)


class Domains(NamedTuple):
    """Hold the bounds of a problem while variables are being fixed.

    ``order`` lists the variables to fix. ``changes`` lists the bounds before the
    changes of the latest decision, ``queue`` (a ring) the rows to propagate,
    ``is_queued`` which they are.
    """

    row_start: NDArray[np.int32]
    row_entry: NDArray[Any]
    col_start: NDArray[np.int32]
    col_entry: NDArray[Any]
    row: NDArray[Any]
    bound: NDArray[Any]
    order: NDArray[np.int32]
    changes: NDArray[Any]
    queue: NDArray[np.int32]
    is_queued: NDArray[np.bool_]
    own: NDArray[Any]


def make_domains(
    mip: LinearMip, order: IntVector, wishes: FloatVector, cutoff: float = np.inf
) -> Domains:
    """Return the domains of a problem before anything is fixed.

    Parameters
    ----------
    mip
        The problem.
    order
        Integer variables in the order in which to fix them.
    wishes
        Value to fix each variable to, shape (n,).
    cutoff
        The objective must stay at most here; it is propagated as the last row.
    """
    row_start, row_entry, col_start, col_entry, row = make_rows(mip)
    row["upper"][-1] = cutoff
    m, n = len(row), mip.n_variables
    bound = np.zeros(n, dtype=_BOUND)
    bound["lower"], bound["upper"] = mip.integral_bounds
    bound["wish"], bound["integral"] = wishes, mip.is_integer
    own = np.zeros(1, dtype=_OWN)
    own["n_queued"] = m
    return Domains(
        row_start,
        row_entry,
        col_start,
        col_entry,
        row,
        bound,
        order.astype(np.int32),
        np.zeros(4 * n + 8, dtype=_CHANGE),
        np.arange(m, dtype=np.int32),
        np.ones(m, dtype=np.bool_),
        own,
    )


@compiled()
def fix_all(domains: Domains, budget: int) -> bool:
    """Fix the variables of the order; tell whether that is finished.

    A call that ends because the budget is used is continued by the next one. At the
    first call all rows are queued, so that the first thing is to propagate them.
    """
    own = domains.own
    limit = own[0].effort + budget
    if own[0].position == 0 and own[0].n_queued > 0:
        if not _propagate(domains):
            own[0].n_conflicts += 1
            _undo(domains)
        own[0].n_changes = 0
    while own[0].position < len(domains.order):
        if own[0].effort >= limit:
            return False
        _decide(domains, int(domains.order[own[0].position]))
        own[0].position += 1
        own[0].effort += 1
    return True


@compiled(internal=True, words=True)
def _decide(domains: Domains, j: int) -> None:
    """Fix one variable."""
    lower, upper = domains.bound[j].lower, domains.bound[j].upper
    if lower == upper:
        return
    wish = min(max(np.rint(domains.bound[j].wish), lower), upper)
    if _try(domains, j, wish):
        return
    # The preferred value is impossible, so one of its neighbours bounds the rest.
    other = wish + 1.0 if wish < upper else wish - 1.0
    if _try(domains, j, other):
        return
    domains.own[0].n_conflicts += 1
    domains.bound[j].lower = domains.bound[j].upper = wish


@compiled(internal=True, words=True)
def _try(domains: Domains, j: int, value: float) -> bool:
    """Fix a variable to a value and propagate; undo it all in a conflict."""
    domains.own[0].n_changes = 0
    _change(domains, j, value, value)
    if _propagate(domains):
        return True
    _undo(domains)
    return False


@compiled(internal=True, words=True)
def _change(domains: Domains, j: int, lower: float, upper: float) -> None:
    """Set the bounds of a variable, remember the old ones and queue its rows."""
    at = domains.own[0].n_changes
    domains.changes[at].at = j
    domains.changes[at].lower = domains.bound[j].lower
    domains.changes[at].upper = domains.bound[j].upper
    domains.own[0].n_changes = at + 1
    domains.bound[j].lower, domains.bound[j].upper = lower, upper
    for k in range(domains.col_start[j], domains.col_start[j + 1]):
        i = domains.col_entry[k].at
        is_free = np.isinf(domains.row[i].lower) and np.isinf(domains.row[i].upper)
        if not domains.is_queued[i] and not is_free:
            domains.is_queued[i] = True
            end = domains.own[0].head + domains.own[0].n_queued
            domains.queue[end % len(domains.queue)] = i
            domains.own[0].n_queued += 1


@compiled(internal=True, words=True)
def _undo(domains: Domains) -> None:
    """Take back the changes since the last decision, latest first."""
    for k in range(domains.own[0].n_changes - 1, -1, -1):
        change = domains.changes[k]
        domains.bound[change.at].lower = change.lower
        domains.bound[change.at].upper = change.upper
    domains.own[0].n_changes = 0


@compiled(internal=True, words=True)
def _propagate(domains: Domains) -> bool:
    """Propagate the queued rows; return False at a conflict. The queue is then empty.

    Propagation that takes too long is cut off: its bounds are right, only not tight.
    """
    own = domains.own
    limit = own[0].effort + _ROUNDS * (len(domains.row_entry) + len(domains.row))
    consistent = True
    while own[0].n_queued > 0:
        i = domains.queue[own[0].head]
        own[0].head = (own[0].head + 1) % len(domains.queue)
        own[0].n_queued -= 1
        domains.is_queued[i] = False
        if consistent and own[0].effort < limit:
            own[0].effort += domains.row_start[i + 1] - domains.row_start[i]
            consistent = _propagate_row(domains, i)
    return consistent


@compiled(internal=True, words=True)
def _propagate_row(domains: Domains, i: int) -> bool:
    """Tighten the bounds of the variables of one row; return False at a conflict."""
    least, greatest, n_least, n_greatest = _activity(domains, i)
    row = domains.row[i]
    if n_least == 0 and least > row.upper + row.tolerance:
        return False
    if n_greatest == 0 and greatest < row.lower - row.tolerance:
        return False
    by_upper = row.upper < np.inf and n_least <= 1
    by_lower = row.lower > -np.inf and n_greatest <= 1
    by_upper = by_upper and not (n_greatest == 0 and greatest <= row.upper)
    by_lower = by_lower and not (n_least == 0 and least >= row.lower)
    if not by_upper and not by_lower:
        return True
    for k in range(domains.row_start[i], domains.row_start[i + 1]):
        j, coef = domains.row_entry[k].at, domains.row_entry[k].coef
        bound = domains.bound[j]
        near = bound.lower if coef > 0 else bound.upper
        far = bound.upper if coef > 0 else bound.lower
        if near == far:
            continue
        lower, upper = bound.lower, bound.upper
        if by_upper and n_least == (1 if np.isinf(near) else 0):
            rest = least if np.isinf(near) else least - coef * near
            value = (row.upper - rest) / coef
            lower, upper = (lower, value) if coef > 0 else (value, upper)
        if by_lower and n_greatest == (1 if np.isinf(far) else 0):
            rest = greatest if np.isinf(far) else greatest - coef * far
            value = (row.lower - rest) / coef
            lower, upper = (value, upper) if coef > 0 else (lower, value)
        if not _tighten(domains, j, lower, upper):
            return False
    return True


@compiled(internal=True, words=True)
def _activity(domains: Domains, i: int) -> tuple[float, float, int, int]:
    """Return the finite parts of least and greatest activity, and the infinite ones."""
    least, greatest, n_least, n_greatest = 0.0, 0.0, 0, 0
    for k in range(domains.row_start[i], domains.row_start[i + 1]):
        coef = domains.row_entry[k].coef
        bound = domains.bound[domains.row_entry[k].at]
        near = bound.lower if coef > 0 else bound.upper
        far = bound.upper if coef > 0 else bound.lower
        if np.isinf(near):
            n_least += 1
        else:
            least += coef * near
        if np.isinf(far):
            n_greatest += 1
        else:
            greatest += coef * far
    return least, greatest, n_least, n_greatest


@compiled(internal=True, words=True)
def _tighten(domains: Domains, j: int, lower: float, upper: float) -> bool:
    """Take new bounds of a variable if they are tighter; False if none are left."""
    old_lower, old_upper = domains.bound[j].lower, domains.bound[j].upper
    if domains.bound[j].integral:
        lower = max(np.ceil(lower - _SLACK), old_lower)
        upper = min(np.floor(upper + _SLACK), old_upper)
        least = 0.5
        slack = 0.0
    else:
        lower, upper = max(lower, old_lower), min(upper, old_upper)
        width = old_upper - old_lower
        least = max(_SHARE * width, 1e-3) if width < np.inf else 1e-3
        slack = _SLACK * max(1.0, abs(old_lower) if old_lower > -np.inf else 1.0)
    if lower > upper + slack:
        return False
    if lower - old_lower < least or abs(lower) > _FAR:
        lower = old_lower
    if old_upper - upper < least or abs(upper) > _FAR:
        upper = old_upper
    if lower == old_lower and upper == old_upper:
        return True
    if lower > upper:
        lower = upper
    if domains.own[0].n_changes < len(domains.changes):
        _change(domains, j, lower, upper)
    return True
