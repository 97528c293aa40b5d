"""Parameter sets of SCIP for each role it plays.

An emphasis call resets parameters it does not mean to: every function here makes its
emphasis call first and sets single parameters after it.
"""

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from boundwise.core.errors import InputError

if TYPE_CHECKING:
    from boundwise.heuristics.linear import LinearMip

#: How thoroughly a problem that has been presolved is presolved again.
Presolve = Literal["default", "fast", "off"]

#: Nonzeros from which presolving again takes longer than it can save.
_LARGE = 50_000
#: Length of a row from which even fast presolving is long: it is quadratic in it.
_LONG_ROW = 20_000

#: Largest seed SCIP takes.
_MAX_SEED = 2**31 - 1

#: Parameters of SCIP that decide what a second and what a solution is.
_CLOCK_AND_TOLERANCES = (
    "timing/clocktype",
    "numerics/epsilon",
    "numerics/sumepsilon",
    "numerics/feastol",
    "numerics/dualfeastol",
    "numerics/lpfeastolfactor",
)


def clock_and_tolerances(model: Any) -> dict[str, Any]:
    """Return what a model that is not a copy must have in common with its source."""
    return {name: model.getParam(name) for name in _CLOCK_AND_TOLERANCES}


def changed_parameters(model: Any) -> dict[str, Any]:
    """Return the parameters of a model that are not as SCIP sets them by default.

    Parameters of plug-ins that a fresh model does not have are left out.
    """
    defaults = _default_parameters()
    return {
        name: value
        for name, value in model.getParams().items()
        if name in defaults and defaults[name] != value
    }


@functools.cache
def _default_parameters() -> dict[str, Any]:
    from pyscipopt import Model

    return dict(Model().getParams())


def presolve_again(mip: "LinearMip | None") -> Presolve:
    """Return how a copy of a presolved problem should be presolved.

    A copy has lost what SCIP has learnt beside the reductions, such as cliques, so
    presolving pays where it is cheap. On large problems it has taken seconds to
    minutes to reduce nothing.

    Parameters
    ----------
    mip
        The presolved problem, or None if it has other constraints than rows.
    """
    if mip is None or mip.n_nonzeros < _LARGE:
        return "default"
    longest = int(np.diff(mip.matrix.indptr).max(initial=0))
    return "off" if longest >= _LONG_ROW else "fast"


def set_presolve(model: Any, effort: Presolve) -> None:
    """Set how thoroughly a model is presolved; after any emphasis call."""
    from pyscipopt import SCIP_PARAMSETTING

    if effort == "fast":
        model.setPresolve(SCIP_PARAMSETTING.FAST)
    elif effort == "off":
        model.setPresolve(SCIP_PARAMSETTING.OFF)


def set_seed(model: Any, seed: int) -> None:
    """Make every random choice of the model depend on ``seed``."""
    model.setParam("randomization/randomseedshift", seed % _MAX_SEED)


def reset_limits(model: Any) -> None:
    """Set every limit of a model to its default.

    Copies inherit parameters: a limit that a user set on a model of their own would
    otherwise act on every part of a search that copies it.
    """
    for name in model.getParams():
        if name.startswith("limits/"):
            model.resetParam(name)


def use_feasibility_emphasis(model: Any) -> None:
    """Look for solutions first: dives, feasibility pump, little separation.

    The pump runs at every node, with SCIP's own limit on its loops: cut off after ten
    loops, as Balans sets it, it misses the first solution of problems where it is the
    only heuristic to find one.
    """
    from pyscipopt import SCIP_PARAMEMPHASIS

    model.setEmphasis(SCIP_PARAMEMPHASIS.FEASIBILITY)
    model.setParam("heuristics/feaspump/freq", 1)


def use_lns_settings(model: Any) -> None:
    """Search a small sub-MIP quickly, as SCIP's own LNS heuristics do.

    No separation, fast presolve, no heuristics that run sub-MIPs of their own,
    estimate node selection, inference branching, conflict analysis with a pool.
    """
    from pyscipopt import SCIP_PARAMSETTING

    model.setSeparating(SCIP_PARAMSETTING.OFF)
    model.setPresolve(SCIP_PARAMSETTING.FAST)
    model.setHeuristics(SCIP_PARAMSETTING.FAST)
    for name in _SUBSCIP_HEURISTICS:
        model.setParam(f"heuristics/{name}/freq", -1)
    model.setParam("nodeselection/estimate/stdpriority", 1_000_000)
    model.setParam("branching/inference/priority", 1_000_000)
    model.setParam("conflict/enable", True)
    model.setParam("conflict/useboundlp", "o")
    model.setParam("conflict/maxstoresize", 100)
    model.setParam("lp/checkdualfeas", False)
    model.setParam("misc/usesymmetry", 0)


#: SCIP's heuristics that solve sub-MIPs; a sub-MIP must not nest them.
_SUBSCIP_HEURISTICS = (
    "alns",
    "clique",
    "completesol",
    "crossover",
    "dins",
    "gins",
    "localbranching",
    "locks",
    "lpface",
    "mutation",
    "ofins",
    "proximity",
    "rens",
    "repair",
    "rins",
    "scheduler",
    "trustregion",
    "undercover",
    "vbounds",
    "zeroobj",
)


def apply_options(model: Any, options: Mapping[str, Any]) -> None:
    """Set the user's own SCIP parameters.

    Raises
    ------
    InputError
        If a parameter does not exist or does not take the value as it is.
    """
    for name, value in options.items():
        try:
            model.setParam(name, value)
        except Exception as error:
            raise InputError(
                f"solver_options[{name!r}] = {value!r} is refused by SCIP: {error}."
            ) from error
        taken = model.getParam(name)
        if taken != value:
            raise InputError(
                f"solver_options[{name!r}] = {value!r} would become {taken!r}."
            )


def use_oracle_settings(model: Any) -> None:
    """Answer the same model again and again for other linear objectives.

    No presolving (its reductions may respect one objective only, and cost more than
    they save), fast heuristics and separation, a few solutions kept from one call to
    the next.
    """
    from pyscipopt import SCIP_PARAMSETTING

    model.setPresolve(SCIP_PARAMSETTING.OFF)
    model.setHeuristics(SCIP_PARAMSETTING.FAST)
    model.setSeparating(SCIP_PARAMSETTING.FAST)
    model.setParam("limits/maxorigsol", 10)
    model.setParam("misc/usesymmetry", 0)
