"""Two-stage robust problems by name: ``generate_robust("robust_knapsack:n=20")``."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from boundwise.instances.generators.robust_budgeting import robust_budgeting
from boundwise.instances.generators.robust_knapsack import robust_knapsack
from boundwise.instances.generators.robust_location import robust_location
from boundwise.instances.generators.specification import call
from boundwise.instances.robust.budgeting import BudgetingInstance
from boundwise.instances.robust.knapsack import KnapsackInstance
from boundwise.instances.robust.location import LocationInstance

RobustInstance = BudgetingInstance | KnapsackInstance | LocationInstance

#: Family name -> generator.
ROBUST_FAMILIES: Mapping[str, Callable[..., RobustInstance]] = MappingProxyType(
    {
        "robust_budgeting": robust_budgeting,
        "robust_knapsack": robust_knapsack,
        "robust_location": robust_location,
    }
)


def generate_robust(spec: str) -> RobustInstance:
    """Generate a two-stage robust problem from a text.

    Parameters
    ----------
    spec
        ``family`` or ``family:name=value,name=value``; what is not given has the
        default of the family's function.

    Returns
    -------
    BudgetingInstance or KnapsackInstance or LocationInstance
        The data.

    Raises
    ------
    InputError
        If the family, a name or a value is wrong.

    Examples
    --------
    >>> generate_robust("robust_knapsack:n=4,correlation=SC,seed=1").n
    4
    """
    return call(spec, ROBUST_FAMILIES)
