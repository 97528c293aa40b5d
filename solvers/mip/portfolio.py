"""The portfolio: partners take turns on one problem, and the run learns whom to ask.

Loop: the shares name the partner that lags most behind what it has earned; it takes a
turn; what it found is booked as its gain, what it spent as its cost. With one thread
turns follow each other; with more, each thread takes the next turn as soon as it is
free. All partners work on the common pool, and the run ends with the first proof or at
a limit.
"""

import math

from boundwise.core.status import Termination
from boundwise.solvers.mip.crew import Crew
from boundwise.solvers.mip.exchange import Border
from boundwise.solvers.mip.log import SearchLog
from boundwise.solvers.mip.parameters import LnsParameters
from boundwise.solvers.mip.search import Search
from boundwise.solvers.mip.shares import Shares
from boundwise.solvers.mip.team import Team
from boundwise.solvers.mip.trees import FeasibilityTree, ProvingTree, stall_of


class Portfolio:
    """Run the partners.

    Parameters
    ----------
    search
        State shared by all parts of the run.
    team
        The partners.
    parameters
        How to search.
    log
        Live table.
    border
        Where news are exchanged with other runs, or None.
    """

    def __init__(
        self,
        search: Search,
        team: Team,
        parameters: LnsParameters,
        log: SearchLog,
        border: Border | None = None,
    ) -> None:
        self._search = search
        self._partners = {partner.name: partner for partner in team.partners}
        self._parameters = parameters
        self._log = log
        self._border = border
        half_life = search.budget.portion(parameters.memory, 2.0, 120.0)
        self._shares = Shares(team.claims, half_life)
        self._running: list[str] = []
        self._ended: Termination | None = None
        self.turn_log: list[tuple[float, str, float]] = []

    @property
    def shares(self) -> Shares:
        """What each partner gained and spent."""
        return self._shares

    def run(self) -> Termination:
        """Search until a limit or a proof, and return why it ended."""
        search = self._search
        if search.limits.threads == 1:
            while (name := self._next()) is not None:
                self._take(name)
                self._tick()
        else:
            crew = Crew(search.limits.threads, search.interrupter)
            crew.run(self._next, self._take, self._tick, self._has_ended)
        return self._ended or search.reason_to_stop() or self._nothing_left()

    def _tick(self) -> None:
        search = self._search
        if self._border is not None:
            self._border.cross()
        self._log.tick(search.deadline.elapsed(), search.objective, search.bound)

    def _has_ended(self) -> bool:
        return self._ended is not None or self._search.reason_to_stop() is not None

    def _next(self) -> str | None:
        """Return whose turn it is; None if nobody is ready, now or any more."""
        with self._search.lock:
            self._ended = self._ended or self._search.reason_to_stop()
            if self._ended is not None:
                return None
            ready = self._ready()
            if not ready:
                if not self._running:
                    self._ended = self._nothing_left()
                return None
            pending: dict[str, float] = {}
            for name in self._running:
                length = self._partners[name].turn_length
                pending[name] = pending.get(name, 0.0) + length
            name = self._shares.next(ready, pending)
            self._running.append(name)
            return name

    def _ready(self) -> list[str]:
        search = self._search
        ready = [
            name
            for name, partner in self._partners.items()
            if partner.is_ready() and self._running.count(name) < partner.concurrency
        ]
        # Once a tree is finished without a proof to show, only a limit ends the run.
        trees = [
            tree
            for tree in self._partners.values()
            if isinstance(tree, FeasibilityTree | ProvingTree)
        ]
        all_searched = bool(trees) and not any(tree.is_ready() for tree in trees)
        if all_searched and not self._running and math.isinf(search.budget.total):
            return []
        return ready

    def _nothing_left(self) -> Termination:
        # Nothing is left to do. Without a solution that means that the checker has
        # refused all that the solvers hold to be optimal.
        found = self._search.x is not None
        return Termination.CONVERGED if found else Termination.ERROR

    def _take(self, name: str) -> None:
        """Give a partner its turn and book it."""
        search, budget = self._search, self._search.budget
        gained, spent = search.gains.get(name, 0.0), budget.spent()
        try:
            self._partners[name].take_turn()
        finally:
            with search.lock:
                self._running.remove(name)
                gain = search.gains.get(name, 0.0) - gained
                ready = self._ready()
                others = ready if name in ready else [*ready, name]
                stall = stall_of(search, self._parameters)
                shares = self._shares.shares(others, stall)
                effort = budget.spent() - spent
                self._shares.settle(name, gain, effort, shares)
                now = search.deadline.elapsed()
                self.turn_log.append((round(now, 3), name, round(effort, 3)))
