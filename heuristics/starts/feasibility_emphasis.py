"""Start: SCIP's tree search with FEASIBILITY emphasis and an eager feasibility pump.

On mixed problems with a hard root, this emphasis alone decides much: it finds in
seconds what the default settings have not found after a minute. The tree can be kept
and continued, since its root has then been paid for.
"""

from boundwise.heuristics.protocols import StartContext
from boundwise.heuristics.scip.plugin import TreePlugin
from boundwise.heuristics.scip.tree import TreeSearch


class FeasibilityEmphasis:
    """Run SCIP with FEASIBILITY emphasis.

    Parameters
    ----------
    plugin
        Heuristics of our own that run inside the tree.

    Attributes
    ----------
    tree
        The tree of the last run, to be continued or freed by its user.
    """

    name = "feasibility"

    def __init__(self, plugin: TreePlugin | None = None) -> None:
        self._plugin = plugin
        self.tree: TreeSearch | None = None

    def run(self, context: StartContext) -> None:
        """Search until the slice ends or the context says it is enough."""
        if self.tree is None:
            self.tree = TreeSearch(
                context.source,
                seed=context.seed,
                interrupter=context.interrupter,
                meter=context.meter,
                on_solution=context.on_solution,
                feasibility=True,
                plugin=self._plugin,
            )
        self.tree.run(
            context.seconds,
            context.work,
            memory=context.memory,
            until=context.until,
        )
