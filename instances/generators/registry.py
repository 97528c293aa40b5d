"""Generators by name: ``generate("set_cover:rows=500,cols=1000,seed=3")``."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from boundwise.instances.generators.auction import combinatorial_auction
from boundwise.instances.generators.facility_location import (
    capacitated_facility_location,
)
from boundwise.instances.generators.gisp import generalized_independent_set
from boundwise.instances.generators.independent_set import (
    maximum_independent_set,
    minimum_vertex_cover,
)
from boundwise.instances.generators.knapsack import multiple_knapsack
from boundwise.instances.generators.lot_sizing import lot_sizing
from boundwise.instances.generators.set_cover import set_cover
from boundwise.instances.generators.specification import call
from boundwise.instances.instance import Instance

#: Family name -> generator.
FAMILIES: Mapping[str, Callable[..., Instance]] = MappingProxyType(
    {
        function.__name__: function
        for function in (
            capacitated_facility_location,
            combinatorial_auction,
            generalized_independent_set,
            lot_sizing,
            maximum_independent_set,
            minimum_vertex_cover,
            multiple_knapsack,
            set_cover,
        )
    }
)


def generate(spec: str) -> Instance:
    """Generate an instance from a text.

    Parameters
    ----------
    spec
        ``family`` or ``family:name=value,name=value``; what is not given has the
        default of the family's function.

    Returns
    -------
    Instance
        The problem.

    Raises
    ------
    InputError
        If the family, a name or a value is wrong.

    Examples
    --------
    >>> generate("set_cover:rows=20,cols=40,density=0.2,seed=3").n_rows
    20
    """
    return call(spec, FAMILIES)
