"""Python heuristics inside SCIP that cannot break the solve.

PySCIPOpt ignores an exception in a callback, but leaves the callback's result unset,
and SCIP ends with an error. Here the exception goes to a handler, and SCIP is told
that the heuristic did not run.
"""

from collections.abc import Callable
from typing import Any, Protocol

#: Frequencies of a heuristic.
EVERYWHERE, AT_ROOT, NOWHERE = 1, 0, -1


class HeuristicCallback(Protocol):
    """What a heuristic does at each of SCIP's calls."""

    def prepare(self, model: Any) -> None:
        """Get ready before presolving; parameters may still be set."""
        ...

    def begin(self, model: Any) -> None:
        """Begin a tree search (also after a restart); the variables may be others."""
        ...

    def execute(self, model: Any, heuristic: Any, during_loop: bool) -> bool | None:
        """Run once; tell whether a solution was found, or None for not run.

        Parameters
        ----------
        model, heuristic
            The model and the plug-in.
        during_loop
            Whether the LP of the node is still being separated.
        """
        ...


class TreePlugin(Protocol):
    """Something that plugs itself into a model before its tree search."""

    def attach(
        self, model: Any, on_error: Callable[[BaseException], object] | None = None
    ) -> object:
        """Plug in; what goes wrong later is handed to ``on_error``."""
        ...


def include_heuristic(
    model: Any,
    name: str,
    callback: HeuristicCallback,
    *,
    on_error: Callable[[BaseException], object],
    description: str,
    priority: int = -100,
) -> None:
    """Include a heuristic that runs after node LPs and in the root's cut loop.

    SCIP calls a heuristic that runs after nodes for the first time when the root has
    been separated, which may take minutes: so a second one, called `in_cut_loop` of
    the first one's name, is called in the LP loop of the root. (One heuristic for both
    would be called twice at each node.) They ask for no sub-SCIP in SCIP's sense:
    emphasis calls would switch them off.

    Parameters
    ----------
    model
        ``pyscipopt.Model`` before its tree search.
    name
        Name of the heuristic.
    callback
        What it does.
    on_error
        Receives an exception of the callback.
    description
        One line for SCIP's table.
    priority
        Among SCIP's heuristics of the same timing.
    """
    from pyscipopt import SCIP_HEURTIMING, SCIP_RESULT, Heur

    did_not_run = {"result": SCIP_RESULT.DIDNOTRUN}

    class AfterNode(Heur):  # type: ignore[misc]
        during_loop = False

        def heurexec(self, heurtiming: int, nodeinfeasible: bool) -> dict[str, int]:
            if nodeinfeasible:
                return did_not_run
            try:
                found = callback.execute(self.model, self, self.during_loop)
            except BaseException as error:
                on_error(error)
                found = None
            if found is None:
                return did_not_run
            result = SCIP_RESULT.FOUNDSOL if found else SCIP_RESULT.DIDNOTFIND
            return {"result": result}

    class InCutLoop(AfterNode):
        during_loop = True

        def heurinit(self) -> None:
            try:
                callback.prepare(self.model)
            except BaseException as error:
                on_error(error)

        def heurinitsol(self) -> None:
            try:
                callback.begin(self.model)
            except BaseException as error:
                on_error(error)

    options = {"priority": priority, "usessubscip": False}
    for plugin, own, frequency, timing in (
        (InCutLoop(), in_cut_loop(name), AT_ROOT, SCIP_HEURTIMING.DURINGLPLOOP),
        (AfterNode(), name, EVERYWHERE, SCIP_HEURTIMING.AFTERLPNODE),
    ):
        model.includeHeur(
            plugin, own, description, "b", freq=frequency, timingmask=timing, **options
        )


def in_cut_loop(name: str) -> str:
    """Return the name of the heuristic in the root's cut loop."""
    return f"{name}-root"


def set_active(model: Any, name: str, active: bool) -> None:
    """Have a heuristic of `include_heuristic` called, or not.

    Parameters
    ----------
    model
        The model that it was included in.
    name
        Its name.
    active
        Whether it is called.
    """
    for own, frequency in ((name, EVERYWHERE), (in_cut_loop(name), AT_ROOT)):
        wanted = frequency if active else NOWHERE
        if model.getParam(f"heuristics/{own}/freq") != wanted:
            model.setParam(f"heuristics/{own}/freq", wanted)
