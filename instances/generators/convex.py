"""Convex problems by name: ``generate_convex("sparse_regression:n=20,seed=1")``."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from boundwise.instances.convex import ConvexProblem
from boundwise.instances.generators.assignments import graph_matching, subset_selection
from boundwise.instances.generators.congestion import network_design
from boundwise.instances.generators.design import optimal_design
from boundwise.instances.generators.mip_quadratic import mip_quadratic
from boundwise.instances.generators.portfolio import portfolio
from boundwise.instances.generators.sparse_models import (
    poisson_regression,
    sparse_logistic,
    sparse_regression,
)
from boundwise.instances.generators.specification import call

#: Family name -> generator.
CONVEX_FAMILIES: Mapping[str, Callable[..., ConvexProblem]] = MappingProxyType(
    {
        function.__name__: function
        for function in (
            graph_matching,
            mip_quadratic,
            network_design,
            optimal_design,
            poisson_regression,
            portfolio,
            sparse_logistic,
            sparse_regression,
            subset_selection,
        )
    }
)


def generate_convex(spec: str) -> ConvexProblem:
    """Generate a convex mixed-integer problem from a text.

    Parameters
    ----------
    spec
        ``family`` or ``family:name=value,name=value``; what is not given has the
        default of the family's function.

    Returns
    -------
    ConvexProblem
        The problem.

    Raises
    ------
    InputError
        If the family, a name or a value is wrong.

    Examples
    --------
    >>> generate_convex("sparse_regression:n=4,seed=1").n_variables
    40
    """
    return call(spec, CONVEX_FAMILIES)
