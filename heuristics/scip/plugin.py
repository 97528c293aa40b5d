"""Python heuristics inside SCIP that cannot break the solve.

PySCIPOpt ignores an exception in a callback, but leaves the callback's result unset,
and SCIP ends with an error. Here the exception goes to a handler, and SCIP is told
that the heuristic did not run.
"""

from collections.abc import Callable
from typing import Any, Protocol


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
) -> Any:
    """Include a heuristic that runs after node LPs and in the root's cut loop.

    SCIP calls a heuristic that runs after nodes for the first time when the root has
    been separated, which may take minutes: so this one is called during the LP loop,
    too. It asks for no sub-SCIP in SCIP's sense: emphasis calls would switch it off.

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

    Returns
    -------
    pyscipopt.Heur
        The plug-in.
    """
    from pyscipopt import SCIP_HEURTIMING, SCIP_RESULT, Heur

    in_loop = SCIP_HEURTIMING.DURINGLPLOOP
    did_not_run = {"result": SCIP_RESULT.DIDNOTRUN}

    class Plugin(Heur):  # type: ignore[misc]
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

        def heurexec(self, heurtiming: int, nodeinfeasible: bool) -> dict[str, int]:
            if nodeinfeasible:
                return did_not_run
            try:
                during_loop = heurtiming == in_loop
                found = callback.execute(self.model, self, during_loop)
            except BaseException as error:
                on_error(error)
                found = None
            if found is None:
                return did_not_run
            result = SCIP_RESULT.FOUNDSOL if found else SCIP_RESULT.DIDNOTFIND
            return {"result": result}

    plugin = Plugin()
    model.includeHeur(
        plugin,
        name,
        description,
        "b",
        priority=priority,
        freq=1,
        timingmask=SCIP_HEURTIMING.DURINGLPLOOP | SCIP_HEURTIMING.AFTERLPNODE,
        usessubscip=False,
    )
    return plugin
