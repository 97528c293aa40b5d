"""Variants by name."""

from typing import Final

from boundwise.core.errors import InputError
from boundwise.heuristics.frank_wolfe.corrective import Corrective, make_corrective
from boundwise.heuristics.frank_wolfe.protocols import InFaceSet, Objective, Oracle
from boundwise.heuristics.frank_wolfe.restricted import Restricted
from boundwise.heuristics.frank_wolfe.variants.away import away
from boundwise.heuristics.frank_wolfe.variants.blended import (
    blended,
    descend_weights,
)
from boundwise.heuristics.frank_wolfe.variants.decomposition_invariant import (
    decomposition_invariant,
)
from boundwise.heuristics.frank_wolfe.variants.moves import Variant, step_pairwise
from boundwise.heuristics.frank_wolfe.variants.pairwise import pairwise
from boundwise.heuristics.frank_wolfe.variants.standard import standard

VARIANTS: Final = ("fw", "afw", "pairwise", "bpcg", "bcg", "dicg")


def make_variant(
    name: str, objective: Objective, oracle: Oracle, *, corrective: bool
) -> Variant:
    """Return the function that makes one iteration of a variant.

    Parameters
    ----------
    name
        One of `VARIANTS`.
    objective, oracle
        What the run minimises, and over what.
    corrective
        Whether blended variants may solve for the weights directly.

    Raises
    ------
    InputError
        If the name is unknown, or the set does not know its faces, as dicg asks.
    """
    solver: Corrective | None = make_corrective(objective) if corrective else None
    match name:
        case "fw":
            return standard
        case "afw":
            return away
        case "pairwise":
            return pairwise
        case "bpcg":
            return blended(step_pairwise, solver)
        case "bcg":
            return blended(descend_weights, solver)
        case "dicg":
            return _dicg(oracle)
    raise InputError(f"variant must be one of {VARIANTS}, got {name!r}.")


def _dicg(oracle: Oracle) -> Variant:
    if isinstance(oracle, Restricted) and isinstance(oracle.feasible_set, InFaceSet):
        return decomposition_invariant(oracle.feasible_set, oracle.lower, oracle.upper)
    raise InputError(
        "variant 'dicg' needs a set with in_face_extreme_point and max_step."
    )
