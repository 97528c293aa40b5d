"""Branch-and-bound whose nodes are solved by Frank-Wolfe methods.

    pop the open node of least bound
    minimise F over the relaxation of its box, from the vertices it inherits;
        every new vertex is a candidate for the incumbent
    lift its bound; close it if the gap to the incumbent is closed
    look for solutions near its iterate; tighten its box by reduced costs
    split it at a fractional variable: each child inherits the vertices on its side

A node keeps the better of its parent's bound and its own. The bound of the run is the
least over open nodes and over nodes that were closed within the gap, so it is proven
whatever the order of the search and whatever stops it.

References
----------
Hendrych, Troppens, Besançon, Pokutta (2022), Convex mixed-integer optimization with
Frank-Wolfe methods, arXiv:2208.11010.
"""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from boundwise.core.errors import InputError, SolverError
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline, Limits
from boundwise.core.memory import resident_mebibytes
from boundwise.core.status import Status, Termination
from boundwise.core.tolerances import INT_TOL
from boundwise.heuristics.frank_wolfe.protocols import Floats, Indices
from boundwise.heuristics.frank_wolfe.result import FrankWolfeResult, Reason
from boundwise.heuristics.frank_wolfe.rows import sides
from boundwise.solvers.convex.bounds import squared_distance_to_integers
from boundwise.solvers.convex.branching import BranchingContext, make_rule
from boundwise.solvers.convex.incumbent import Incumbent
from boundwise.solvers.convex.log import TreeLog
from boundwise.solvers.convex.nodes import Branching, Node, NodeQueue
from boundwise.solvers.convex.primal import PrimalHeuristics
from boundwise.solvers.convex.pseudocosts import Pseudocosts
from boundwise.solvers.convex.relaxation import Cutoff, NodeRelaxation
from boundwise.solvers.convex.settings import TreeSettings
from boundwise.solvers.convex.space import ConvexSpace
from boundwise.solvers.convex.tightening import ReducedCosts, tighten_by_reduced_costs
from boundwise.solvers.convex.vertices import VertexStore

if TYPE_CHECKING:
    from boundwise.heuristics.frank_wolfe.active_set import ActiveSet

#: Nodes between two looks at the memory of the process.
_MEMORY_CHECK = 64
#: Heuristic searches over integer points for each node of a linear relaxation.
_SEARCHES_A_NODE = 0.1


class BranchAndBound:
    """Search the tree of one problem.

    Parameters
    ----------
    space
        The problem.
    settings
        How to search.
    limits, deadline, interrupter
        What ends the run.
    incumbent
        Keeps the best solution and the bound.
    log
        Table of the run.
    rng
        Random choices.
    """

    def __init__(
        self,
        space: ConvexSpace,
        settings: TreeSettings,
        limits: Limits,
        deadline: Deadline,
        interrupter: Interrupter,
        incumbent: Incumbent,
        log: TreeLog,
        rng: np.random.Generator,
    ) -> None:
        self._space = space
        self._settings = settings
        self._limits = limits
        self._deadline = deadline
        self._interrupter = interrupter
        self._incumbent = incumbent
        self._log = log
        self._rng = rng
        self._rule = make_rule(settings.branching)
        self._queue = NodeQueue(settings.traversal)
        self._store = VertexStore(space.n_variables)
        self._pseudocosts = Pseudocosts(space.n_variables)
        self._relaxation = NodeRelaxation(
            space, settings, deadline, self._is_stopped, rng
        )
        # A search over integer points costs a hundred times what a relaxation does.
        share = 1.0 if space.has_integral_vertices else _SEARCHES_A_NODE
        self._primal = PrimalHeuristics(space, incumbent, rng, share)
        self._created = 0
        self._closed_bound = math.inf
        self._pruned_at = math.inf
        self._best_vertex: tuple[float, Floats] | None = None
        self.nodes = 0
        self.tightenings = 0
        self.steps = 0
        self.is_infeasible = False

    def run(self, start: Floats | None = None) -> tuple[Status, Termination]:
        """Search to the end or a limit; return what is known and why it stopped.

        Parameters
        ----------
        start
            A feasible integer point, or None.
        """
        if start is not None:
            self._primal.consider(start, "start")
        self._push(Node(self._next_number(), -math.inf, 0))
        termination = Termination.CONVERGED
        while len(self._queue):
            reason = self._reason_to_stop()
            if reason is not None:
                termination = reason
                break
            node = self._queue.pop()
            if node.bound >= self._incumbent.threshold:
                self._close(node.bound)
                self._note_bound()
                continue
            finished = self._process(node)
            if not finished:
                self._push(node)
            self._note_bound()
            if self._incumbent.is_converged:
                break
        self._note_bound()
        if self._incumbent.x is not None:
            done = self._incumbent.is_converged
            if done:
                return Status.OPTIMAL, Termination.CONVERGED
            return Status.FEASIBLE, termination
        if termination is Termination.CONVERGED and not len(self._queue):
            if self._closed_bound == math.inf:
                self.is_infeasible = True
                self._incumbent.raise_bound(math.inf, "tree")
                return Status.INFEASIBLE, termination
            termination = Termination.ERROR
        return Status.UNKNOWN, termination

    def stats(self) -> dict[str, Any]:
        """Return the figures of the search."""
        space = self._space
        return {
            "nodes": self.nodes,
            "open_nodes": len(self._queue),
            "frank_wolfe_steps": self.steps,
            "oracle_calls": space.oracle_calls,
            "oracle_seconds": space.oracle_seconds,
            "heuristic_calls": self._primal.calls,
            "heuristic_seconds": self._primal.seconds,
            "tightenings": self.tightenings,
            "vertices": len(self._store),
            "outside_domain": self._relaxation.n_outside,
            "rejected_solutions": self._incumbent.n_rejected,
        }

    # -- one node -------------------------------------------------------------

    def _process(self, node: Node) -> bool:
        """Search one node; return False if the run was stopped before its end."""
        space, incumbent = self._space, self._incumbent
        lower, upper = node.box(space.lower, space.upper)
        active, shadow = self._store.start_of(node)
        result = self._relaxation.solve(
            lower, upper, active, shadow, self._cutoff, self._see_vertex
        )
        self._count(result)
        self._polish_best_vertex()
        if result.reason is Reason.EMPTY:
            return True
        node.bound = max(node.bound, self._lifted(result, lower, upper))
        stopped = self._is_stopped() or self._deadline.expired()
        if stopped:
            self._keep(node, result)
            return False
        if result.x is None:
            raise SolverError(
                "the oracle neither found a point of a node nor proved that there is "
                "none."
            )
        self._learn(node, result.value)
        if node.bound >= incumbent.threshold:
            return self._close(node.bound)
        x = result.x
        candidates = self._fractional(x, lower, upper)
        if not len(candidates):
            return self._finish_leaf(node, result, lower, upper)
        self._primal.run(x, lower, upper, is_root=node.depth == 0)
        if node.bound >= incumbent.threshold:
            return self._close(node.bound)
        if self._tighten(node, result, lower, upper):
            lower, upper = node.box(space.lower, space.upper)
            candidates = self._fractional(x, lower, upper)
            if not len(candidates) or self._leaves(x, lower, upper):
                # The iterate is cut off: the smaller box gets a relaxation of its own.
                self._keep(node, result)
                self._push(node)
                return True
        self._branch(node, result, candidates, lower, upper)
        return True

    def _finish_leaf(
        self, node: Node, result: FrankWolfeResult, lower: Floats, upper: Floats
    ) -> bool:
        """Close a node whose iterate is integral, or split it if it is not solved."""
        assert result.x is not None
        self._primal.consider(self._rounded(result.x), "tree")
        if node.bound >= self._incumbent.threshold:
            return self._close(node.bound)
        cutoff = self._cutoff()
        if self._incumbent.objective <= result.value and (
            result.value - node.bound <= cutoff.tolerance(result.value)
        ):
            # What is left open is a small part of the gap of the run.
            return self._close(node.bound)
        if result.reason is Reason.CALLBACK and not cutoff.is_enough(
            result.value, node.bound
        ):
            # Stopped early, before its own iterate closed the gap: go on from there.
            self._keep(node, result)
            self._push(node)
            return True
        integers = self._space.integers
        free = integers[lower[integers] < upper[integers]]
        if not len(free):
            return self._close(node.bound)
        # Integral, but neither solved nor accepted: only smaller boxes can tell.
        j = int(free[np.argmax(upper[free] - lower[free])])
        middle = math.floor(0.5 * (lower[j] + upper[j])) + 0.5
        self._split(node, result, j, middle)
        return True

    def _branch(
        self,
        node: Node,
        result: FrankWolfeResult,
        candidates: Indices,
        lower: Floats,
        upper: Floats,
    ) -> None:
        assert result.x is not None
        assert result.gradient is not None
        values = result.x[candidates]
        context = BranchingContext(
            candidates,
            values - np.floor(values),
            result.gradient,
            self._pseudocosts,
            self._rng,
            lambda j: self._probe(result, j, lower, upper),
        )
        chosen: object = self._rule.choose(context)
        if not isinstance(chosen, int | np.integer) or int(chosen) not in candidates:
            raise InputError(
                "branching must choose one of the fractional variables "
                f"{candidates.tolist()}, got {chosen!r}."
            )
        j = int(chosen)
        self._split(node, result, j, float(result.x[j]))

    def _split(
        self, node: Node, result: FrankWolfeResult, j: int, value: float
    ) -> None:
        """Push the two children of a node."""
        assert result.x is not None
        lower, upper = node.box(self._space.lower, self._space.upper)
        atoms, weights, shadow = self._store.within(result, lower, upper)
        on_sides = sides(self._store.column(atoms, j), value)
        shadow_on_sides = sides(self._store.column(shadow, j), value)
        x_j = float(result.x[j])
        for is_up in (False, True):
            kept = on_sides[is_up]
            child = Node(
                self._next_number(),
                node.bound,
                node.depth + 1,
                dict(node.lower),
                dict(node.upper),
                atoms[kept],
                weights[kept],
                shadow[shadow_on_sides[is_up]],
                Branching(
                    j,
                    is_up,
                    math.ceil(value) - x_j if is_up else x_j - math.floor(value),
                    result.value,
                ),
            )
            if is_up:
                child.lower[j] = float(math.ceil(value))
            else:
                child.upper[j] = float(math.floor(value))
            self._push(child)

    # -- bounds ---------------------------------------------------------------

    def _lifted(self, result: FrankWolfeResult, lower: Floats, upper: Floats) -> float:
        """Return the bound, lifted by the distance from all integer points."""
        bound, sharpness = result.bound, self._settings.sharpness
        mu = self._settings.strong_convexity
        if result.x is None or not math.isfinite(bound):
            return bound
        if mu == 0.0 and sharpness is None:
            return bound
        away = squared_distance_to_integers(result.x[self._space.integers])
        lifted = bound
        if sharpness is not None:
            lifted = bound + sharpness.lift(away, result.gap)
        if mu > 0.0 and away > 0.0:
            # This lift belongs to the bound at this very iterate, so it is asked anew.
            assert result.gradient is not None
            oracle = self._space.relaxed_oracle(lower, upper)
            answer = oracle.minimize(result.gradient)
            here = result.value - float(result.gradient @ result.x) + answer.bound
            lifted = max(lifted, here + 0.5 * mu * away)
        return lifted

    def _tighten(
        self, node: Node, result: FrankWolfeResult, lower: Floats, upper: Floats
    ) -> bool:
        """Tighten the node's box; return whether anything changed."""
        relaxation = self._space.relaxation
        threshold = self._incumbent.threshold
        if not isinstance(relaxation, ReducedCosts) or math.isinf(threshold):
            return False
        assert result.x is not None
        assert result.gradient is not None
        room = threshold - result.value + float(result.gradient @ result.x)
        value, reduced = relaxation.reduced_costs(result.gradient, lower, upper)
        boxes = tighten_by_reduced_costs(
            room, value, reduced, lower, upper, self._space.integers
        )
        for j, (low, up) in boxes.items():
            node.lower[j], node.upper[j] = low, up
        if boxes:
            # Points cut off are no better than the threshold: no bound may exceed it.
            self._closed_bound = min(self._closed_bound, threshold)
            self.tightenings += len(boxes)
        return bool(boxes)

    def _close(self, bound: float) -> bool:
        self._closed_bound = min(self._closed_bound, bound)
        return True

    def _note_bound(self) -> None:
        if self._incumbent.threshold < self._pruned_at:
            # Only a better incumbent closes nodes that are open.
            self._pruned_at = self._incumbent.threshold
            self._close(self._queue.drop_above(self._pruned_at))
        bound = min(self._queue.bound, self._closed_bound)
        if self._incumbent.x is not None:
            bound = min(bound, self._incumbent.objective)
        if math.isfinite(bound):
            self._incumbent.raise_bound(bound, "tree")
        self._log.open_nodes = len(self._queue)
        self._log.tick(
            self._deadline.elapsed(), self._incumbent.objective, self._incumbent.bound
        )

    def _cutoff(self) -> Cutoff:
        return Cutoff(self._incumbent.objective, self._incumbent.threshold)

    # -- vertices -------------------------------------------------------------

    def _see_vertex(self, vertex: Floats) -> None:
        """Evaluate a new vertex of a relaxation as a solution."""
        if not self._space.has_integral_vertices:
            return
        self._incumbent.offer(vertex, "vertex")
        if len(self._space.integers) == self._space.n_variables:
            return
        value = self._space.value(vertex)
        if self._best_vertex is None or value < self._best_vertex[0]:
            self._best_vertex = (value, vertex.copy())

    def _polish_best_vertex(self) -> None:
        if self._best_vertex is not None:
            _, vertex = self._best_vertex
            self._best_vertex = None
            self._primal.consider(vertex, "vertex")

    def _keep(self, node: Node, result: FrankWolfeResult) -> None:
        """Let a node that is searched again start where it stopped."""
        lower, upper = node.box(self._space.lower, self._space.upper)
        node.atoms, node.weights, node.shadow = self._store.within(result, lower, upper)

    # -- small things ---------------------------------------------------------

    def _fractional(self, x: Floats, lower: Floats, upper: Floats) -> Indices:
        integers = self._space.integers
        free = integers[lower[integers] < upper[integers]]
        values = x[free]
        away = np.abs(values - np.rint(values)) > INT_TOL
        found: Indices = free[away]
        return found

    def _leaves(self, x: Floats, lower: Floats, upper: Floats) -> bool:
        return bool(((x < lower - INT_TOL) | (x > upper + INT_TOL)).any())

    def _rounded(self, x: Floats) -> Floats:
        point = x.copy()
        point[self._space.integers] = np.rint(point[self._space.integers])
        return point

    def _learn(self, node: Node, value: float) -> None:
        if node.branching is not None:
            made = node.branching
            gain = value - made.value
            self._pseudocosts.update(made.variable, made.is_up, made.distance, gain)

    def _probe(
        self, result: FrankWolfeResult, j: int, lower: Floats, upper: Floats
    ) -> tuple[float, float]:
        assert result.x is not None
        bounds = []
        parts: tuple[ActiveSet | None, ActiveSet | None] = (None, None)
        inside = None
        if result.active_set is not None:
            inside = result.active_set.within(lower, upper)
        if inside is not None:
            parts = inside.split(j, float(result.x[j]))
        for is_up in (False, True):
            low, up = lower.copy(), upper.copy()
            if is_up:
                low[j] = math.ceil(result.x[j])
            else:
                up[j] = math.floor(result.x[j])
            bounds.append(self._relaxation.probe(low, up, parts[is_up]))
        return bounds[0], bounds[1]

    def _count(self, result: FrankWolfeResult) -> None:
        self.nodes += 1
        self.steps += result.iterations
        log = self._log
        log.nodes, log.steps = self.nodes, self.steps
        log.oracle_calls = self._space.oracle_calls
        log.oracle_seconds = self._space.oracle_seconds
        log.atoms = 0 if result.active_set is None else len(result.active_set)
        log.shadow = len(result.shadow)

    def _push(self, node: Node) -> None:
        self._queue.push(node)

    def _next_number(self) -> int:
        self._created += 1
        return self._created

    def _is_stopped(self) -> bool:
        return self._interrupter.requested

    def _reason_to_stop(self) -> Termination | None:
        if self._interrupter.requested:
            return Termination.INTERRUPTED
        if self._deadline.expired():
            return Termination.TIME_LIMIT
        limit = self._settings.node_limit
        if limit is not None and self.nodes >= limit:
            return Termination.NODE_LIMIT
        memory = self._limits.memory_limit
        if (
            memory is not None
            and self.nodes % _MEMORY_CHECK == 0
            and resident_mebibytes() > memory
        ):
            return Termination.MEMORY_LIMIT
        return None
