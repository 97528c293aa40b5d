"""Two-stage robust problems as data, and readers of published sets."""

from boundwise.instances.robust.budgeting import BudgetingInstance, Loans
from boundwise.instances.robust.collection import (
    published_budgeting,
    published_knapsack,
    published_names,
    published_results,
    published_scenarios,
)
from boundwise.instances.robust.knapsack import KnapsackInstance
from boundwise.instances.robust.location import LocationInstance
from boundwise.instances.robust.text import read_budgeting, read_knapsack

__all__ = [
    "BudgetingInstance",
    "KnapsackInstance",
    "Loans",
    "LocationInstance",
    "published_budgeting",
    "published_knapsack",
    "published_names",
    "published_results",
    "published_scenarios",
    "read_budgeting",
    "read_knapsack",
]
