"""Take a problem in any of the forms that users have, as arrays and as a SCIP model."""

import os
from typing import TYPE_CHECKING

from boundwise.core.collector import without_collector
from boundwise.core.errors import InputError
from boundwise.heuristics.scip.settings import reset_limits
from boundwise.heuristics.scip.transfer import make_quiet
from boundwise.instances.instance import Instance
from boundwise.instances.reader import read

if TYPE_CHECKING:
    import pyscipopt


@without_collector()
def load(
    problem: "str | os.PathLike[str] | Instance | pyscipopt.Model",
) -> "tuple[Instance, pyscipopt.Model]":
    """Return a problem as an instance and as a SCIP model of its own.

    Raises
    ------
    InputError
        If it cannot be read, or is none of the types that are understood.
    """
    if isinstance(problem, str | os.PathLike):
        instance = read(problem)
    elif isinstance(problem, Instance):
        instance = problem
    else:
        from pyscipopt import Model

        if not isinstance(problem, Model):
            raise InputError(
                "problem must be a path, a name, an Instance or a pyscipopt.Model, "
                f"got {type(problem).__name__}."
            )
        model = Model(sourceModel=problem, origcopy=True)
        make_quiet(model)
        reset_limits(model)
        return Instance.from_model(model), model
    model = instance.to_model()
    make_quiet(model)
    return instance, model
