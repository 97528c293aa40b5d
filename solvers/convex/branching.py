"""Which fractional variable a node is split at.

    most-infeasible   argmax min(frac, 1 - frac)
    gradient          argmax min(frac, 1 - frac) |g|
    pseudocost        argmax of the product of expected gains; most infeasible as long
                      as a variable has no records
    strong            argmax of the smaller objective of the two children, each after a
                      few Frank-Wolfe steps, over the best candidates
    hierarchy         candidates are filtered by most-infeasible, then pseudocost,
                      then gradient; ties are broken at random

References
----------
Hendrych, Troppens, Besançon, Pokutta (2022), arXiv:2208.11010.
Achterberg, Koch, Martin (2005), doi:10.1016/j.orl.2004.04.002.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from boundwise.core.arguments import as_count
from boundwise.core.errors import InputError
from boundwise.heuristics.frank_wolfe.protocols import Floats, Indices
from boundwise.solvers.convex.pseudocosts import Pseudocosts

#: Candidates that strong branching tries.
_STRONG_CANDIDATES = 8


@dataclass(frozen=True, slots=True)
class BranchingContext:
    """Show a rule what it may know of a node.

    Parameters
    ----------
    candidates
        Fractional integer variables.
    fractions
        Fractional parts of their values.
    gradient
        Gradient at the iterate, full length.
    pseudocosts
        Records of the tree.
    rng
        Breaks ties.
    probe
        Returns the objectives that the two children of a variable reach soon.
    """

    candidates: Indices
    fractions: Floats
    gradient: Floats
    pseudocosts: Pseudocosts
    rng: np.random.Generator
    probe: Callable[[int], tuple[float, float]]

    @property
    def infeasibility(self) -> Floats:
        """Distance of each candidate from the nearest integer."""
        distances: Floats = np.minimum(self.fractions, 1.0 - self.fractions)
        return distances


class BranchingRule(Protocol):
    """Choose a variable."""

    def choose(self, context: BranchingContext) -> int:
        """Return one of the candidates, of which there is at least one."""
        ...


class MostInfeasible:
    """Take the variable farthest from an integer."""

    def choose(self, context: BranchingContext) -> int:
        """Return one of the candidates."""
        return int(context.candidates[np.argmax(context.infeasibility)])


class GradientWeighted:
    """Take the variable whose rounding changes the linearised objective most."""

    def choose(self, context: BranchingContext) -> int:
        """Return one of the candidates."""
        slopes = np.abs(context.gradient[context.candidates])
        return int(context.candidates[np.argmax(context.infeasibility * slopes)])


class PseudocostBranching:
    """Take the variable with the best expected gains."""

    def choose(self, context: BranchingContext) -> int:
        """Return one of the candidates."""
        known = context.pseudocosts.is_known(context.candidates)
        if not known.all():
            distances = np.where(known, -1.0, context.infeasibility)
            return int(context.candidates[np.argmax(distances)])
        scores = context.pseudocosts.scores(context.candidates, context.fractions)
        return int(context.candidates[np.argmax(scores)])


class StrongBranching:
    """Take the variable whose better child is worst.

    Parameters
    ----------
    candidates
        How many variables are tried, most infeasible first.

    Raises
    ------
    InputError
        If ``candidates`` is less than one.
    """

    def __init__(self, candidates: int = _STRONG_CANDIDATES) -> None:
        self._candidates = as_count("candidates", candidates)

    def choose(self, context: BranchingContext) -> int:
        """Return one of the candidates."""
        order = np.argsort(-context.infeasibility, kind="stable")[: self._candidates]
        tried = [
            (min(context.probe(int(j))), int(j)) for j in context.candidates[order]
        ]
        best = max(bound for bound, _ in tried)
        return next(j for bound, j in tried if bound == best)


class Hierarchy:
    """Filter candidates stage by stage."""

    def choose(self, context: BranchingContext) -> int:
        """Return one of the candidates."""
        keep = np.arange(len(context.candidates))
        distances = context.infeasibility
        limit = max(0.5 * distances.max() + 0.5 * distances.mean(), 1e-3)
        keep = _at_least(keep, distances, limit)
        scores = context.pseudocosts.scores(context.candidates, context.fractions)
        kept = scores[keep]
        keep = _at_least(keep, scores, 0.75 * kept.max() + 0.25 * kept.mean())
        slopes = distances * np.abs(context.gradient[context.candidates])
        keep = _at_least(keep, slopes, slopes[keep].max())
        return int(context.candidates[context.rng.choice(keep)])


def _at_least(keep: Indices, scores: Floats, limit: float) -> Indices:
    """Return those of ``keep`` that reach the limit; all if rounding leaves none."""
    passing = keep[scores[keep] >= limit]
    return passing if len(passing) else keep


_RULES: dict[str, Callable[[], BranchingRule]] = {
    "most-infeasible": MostInfeasible,
    "gradient": GradientWeighted,
    "pseudocost": PseudocostBranching,
    "strong": StrongBranching,
    "hierarchy": Hierarchy,
}


def make_rule(rule: str | BranchingRule) -> BranchingRule:
    """Return a rule by name, or the given object.

    Raises
    ------
    InputError
        If the name is unknown or the object has no ``choose``.
    """
    if isinstance(rule, str):
        if rule not in _RULES:
            raise InputError(
                f"branching must be one of {', '.join(_RULES)}, got {rule!r}."
            )
        return _RULES[rule]()
    if not callable(getattr(rule, "choose", None)):
        raise InputError(f"branching must be a name or have choose(), got {rule!r}.")
    return rule
