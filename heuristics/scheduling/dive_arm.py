"""A dive as an arm: its rule, and the LP threshold that adapts from call to call."""

import math

from boundwise.heuristics.dives.driver import DiveEnding, DiveLimits, dive
from boundwise.heuristics.dives.rule import DiveRule
from boundwise.heuristics.dives.threshold import LpThreshold
from boundwise.heuristics.protocols import Ending
from boundwise.heuristics.scheduling.arm import ArmRun, NodeContext

_ENDINGS = {
    DiveEnding.LEAF: Ending.EXHAUSTED,
    DiveEnding.DEAD_END: Ending.EXHAUSTED,
    DiveEnding.LIMIT: Ending.LIMIT,
    DiveEnding.STOPPED: Ending.INTERRUPTED,
}
#: Simplex iterations of a dive, whatever the tree has used so far.
_LEAST_ITERATIONS = 500
#: A dive may use as many iterations as this many LPs of the tree on average.
_MOST_LPS = 50
#: LPs of a dive may take as many more iterations a second than the solve has so far.
_FASTER = 2.0


class DiveArm:
    """Dive by one rule.

    Parameters
    ----------
    rule
        Ranks the candidates.
    levels
        Largest number of probing nodes of one dive.
    spares_cuts
        Whether to leave the cut loop of the root alone once there is a solution: the
        LPs of a dive age the cuts.
    """

    def __init__(
        self, rule: DiveRule, levels: int = 1000, *, spares_cuts: bool = False
    ) -> None:
        self._rule = rule
        self._levels = levels
        self._spares_cuts = spares_cuts
        self._threshold = LpThreshold()

    @property
    def name(self) -> str:
        """Name of the rule."""
        return self._rule.name

    @property
    def setting(self) -> float:
        """Share of domain changes after which the LP is solved again."""
        return self._threshold.value

    def is_available(self, node: NodeContext) -> bool:
        """Tell whether the rule knows what it needs and something is fractional."""
        if self._spares_cuts and node.in_cut_loop and node.view.incumbent is not None:
            return False
        return node.model.getNLPBranchCands() > 0 and self._rule.applies(node.view)

    def run(self, node: NodeContext) -> ArmRun:
        """Dive once and adapt the threshold."""
        model = node.model
        before = model.getUpperbound()
        limits = self._limits(node)
        report = dive(
            model,
            node.view,
            self._rule,
            rng=node.rng,
            limits=limits,
            threshold=self._threshold.value,
            heuristic=node.heuristic,
            should_stop=lambda: model.getStatus() != "unknown",
        )
        self._threshold.update(
            hit_limit=report.ending is DiveEnding.LIMIT,
            found=model.getUpperbound() < before,
        )
        return ArmRun(
            ending=_ENDINGS[report.ending],
            n_solutions=report.n_solutions,
            is_dive=True,
            budget_used=min(1.0, report.iterations / limits.iterations),
            conflicts=report.conflicts,
        )

    def _limits(self, node: NodeContext) -> DiveLimits:
        if not node.is_timed:
            iterations = max(_LEAST_ITERATIONS, int(1000.0 * node.allowance))
            return DiveLimits(levels=self._levels, iterations=iterations)
        model, seconds = node.model, max(1e-3, node.allowance)
        so_far = model.getNLPIterations()
        # The clock is read between LPs only: within one, iterations stand for it.
        most = min(
            _MOST_LPS * so_far / max(1, model.getNLPs()),
            _FASTER * seconds * so_far / max(1e-3, model.getSolvingTime()),
        )
        return DiveLimits(
            levels=self._levels,
            iterations=max(_LEAST_ITERATIONS, math.ceil(most)),
            seconds=seconds,
        )
