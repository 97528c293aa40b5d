"""Cost of one node given its predecessors, for linear models, from the covariance.

With r(w) = Var(x_u - sum_v w_v x_v), the kinds of cost are

    LASSO   1/2 r(w) + lam |w|_1                 (NOTEARS' least squares with l1)
    SQRT    sqrt(r(w)) + lam |w|_1               (CoLiDE-NV, its scale profiled out)
    LOG     1/2 log r(w) + lam |w|_1             (GOLEM-NV)
    SUBSET  1/2 log r(w) + price |supp w|        (BIC)

minimised over w. At the minimum of SQRT and LOG, w is a lasso with penalty lam s,
s = sqrt(r) or r: a fixed point in one number. SQRT is convex, and its answer unique;
LOG may have several, and the least of those reached from three starts is taken.
"""

from typing import NamedTuple

import numpy as np

from boundwise.heuristics.compiled import compiled
from boundwise.solvers.dag.lasso import gradient, lasso, residual_variance
from boundwise.solvers.dag.moments import Bools, Floats, Ints
from boundwise.solvers.dag.subset_choice import choose_parents

LASSO, SQRT, LOG, SUBSET = 0, 1, 2, 3
#: Change of the scale, relative, at which a fixed point is reached.
_FIXED = 1e-13
_MAX_STEPS = 200
#: Residual variance, relative to the variance, that counts as none.
_INTERPOLATES = 1e-14


class Problem(NamedTuple):
    """Data of all node fits.

    Parameters
    ----------
    kind
        One of the kinds above.
    S
        Covariance.
    can
        ``can[u, v]``: v may be a parent of u.
    free
        ``free[u, v]``: as a parent of u, v is exempt from the penalty.
    lam
        Penalty of the l1 norm.
    price
        Price of a parent.
    """

    kind: int
    S: Floats
    can: Bools
    free: Bools
    lam: float
    price: float


class Room(NamedTuple):
    """Scratch memory of a node fit.

    Parameters
    ----------
    work, active, pen, inside, kept
        See `room`.
    """

    work: Floats
    active: Ints
    pen: Floats
    inside: Bools
    kept: Floats


@compiled()
def assign(target: Floats, source: Floats) -> None:
    """Copy a vector (an array assignment would compile for seconds)."""
    for v in range(len(target)):
        target[v] = source[v]


@compiled()
def room(d: int) -> Room:
    """Return scratch memory for d nodes."""
    return Room(
        np.zeros((d + 2, d)),
        np.zeros(d, dtype=np.int64),
        np.zeros(d),
        np.zeros(d, dtype=np.bool_),
        np.zeros(d),
    )


@compiled(inline=True)
def _penalised(
    problem: Problem,
    u: int,
    allowed: Bools,
    lam: float,
    w: Floats,
    g: Floats,
    room: Room,
) -> float:
    for v in range(len(w)):
        room.pen[v] = 0.0 if problem.free[u, v] else lam
    return lasso(problem.S, u, allowed, room.pen, w, g, room.work, room.active)


@compiled()
def _norm(problem: Problem, u: int, w: Floats) -> float:
    total = 0.0
    for v in range(len(w)):
        if not problem.free[u, v]:
            total += abs(w[v])
    return total


@compiled()
def _cost_at(problem: Problem, u: int, r: float, w: Floats) -> float:
    penalty = problem.lam * _norm(problem, u, w)
    if problem.kind == LASSO:
        return 0.5 * r + penalty
    if problem.kind == SQRT:
        return np.sqrt(r) + penalty  # type: ignore[no-any-return]
    return 0.5 * np.log(max(r, 1e-300)) + penalty  # type: ignore[no-any-return]


@compiled()
def _scaled(
    problem: Problem, u: int, allowed: Bools, r: float, w: Floats, g: Floats, room: Room
) -> tuple[float, float]:
    """Iterate the scale from residual variance r; return cost and penalty."""
    lam, root = problem.lam, problem.kind == SQRT
    # An interpolating fit would take the penalty, and with it the screens, to 0.
    least = _INTERPOLATES * problem.S[u, u]
    penalty = lam * (np.sqrt(max(r, least)) if root else max(r, least))
    old_square, old_r = -1.0, 0.0
    for _ in range(_MAX_STEPS):
        r = _penalised(problem, u, allowed, penalty, w, g, room)
        target = lam * (np.sqrt(max(r, least)) if root else max(r, least))
        if abs(target - penalty) <= _FIXED * max(penalty, target):
            break
        square = penalty * penalty
        following = target
        if old_square >= 0.0 and square != old_square:
            # While the support stays, r is a + c penalty^2: solve for the fixed point.
            c = (r - old_r) / (square - old_square)
            a = r - c * square
            if root and a > 0.0 and 1.0 - lam * lam * c > 0.5:
                following = lam * np.sqrt(a / (1.0 - lam * lam * c))
            elif not root and a > 0.0 and 0.0 <= 4.0 * lam * lam * a * c < 0.5:
                following = 2.0 * lam * a / (1.0 + np.sqrt(1.0 - 4 * lam * lam * a * c))
        old_square, old_r = square, r
        penalty = following
    return _cost_at(problem, u, r, w), penalty


@compiled(inline=True)
def _chosen(
    problem: Problem,
    u: int,
    allowed: Bools,
    w: Floats,
    g: Floats,
    room: Room,
    thorough: bool,
) -> float:
    d = len(w)
    for v in range(d):
        room.inside[v] = w[v] != 0.0
    free = problem.free[u]
    S, price = problem.S, problem.price
    cost = choose_parents(S, u, allowed, free, price, room.inside, room.work)
    if thorough:
        other = np.zeros(d, dtype=np.bool_)
        value = choose_parents(S, u, allowed, free, price, other, room.work)
        if value < cost:
            cost = value
            for v in range(d):
                room.inside[v] = other[v]
    for v in range(d):
        w[v] = 0.0
        room.pen[v] = 0.0
    lasso(S, u, room.inside, room.pen, w, g, room.work, room.active)
    return cost


@compiled()
def fit_node(
    problem: Problem,
    u: int,
    allowed: Bools,
    w: Floats,
    g: Floats,
    room: Room,
    thorough: bool,
) -> tuple[float, float]:
    """Fit node u in place, starting from w; return cost and screen.

    Parameters
    ----------
    problem
        The data.
    u
        The node.
    allowed
        Its predecessors that may be parents.
    w, g
        Start and answer; gradient of r / 2 at the answer.
    room
        Scratch memory.
    thorough
        Try further starts where there may be several local minima.

    Returns
    -------
    tuple
        The cost, and the number such that a further predecessor v changes nothing if
        ``abs(g[v])`` is not above it (negative: cannot tell).
    """
    if problem.kind == SUBSET:
        return _chosen(problem, u, allowed, w, g, room, thorough), -1.0
    if problem.kind == LASSO or problem.lam == 0.0:
        r = _penalised(problem, u, allowed, problem.lam, w, g, room)
        return _cost_at(problem, u, r, w), problem.lam
    for v in range(len(w)):
        if not allowed[v]:
            w[v] = 0.0
    gradient(problem.S, u, w, g)
    r = residual_variance(problem.S, u, w, g)
    cost, screen = _scaled(problem, u, allowed, r, w, g, room)
    if thorough and problem.kind == LOG:
        for turn in range(2):
            for v in range(len(w)):
                room.kept[v] = w[v]
                w[v] = 0.0
            far = 0.0 if turn else problem.S[u, u]
            other, penalty = _scaled(problem, u, allowed, far, w, g, room)
            if other < cost:
                cost, screen = other, penalty
            else:
                for v in range(len(w)):
                    w[v] = room.kept[v]
                gradient(problem.S, u, w, g)
    return cost, screen
