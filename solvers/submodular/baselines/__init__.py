"""Other ways to maintain a set under updates, in the interface of `DynamicMaximizer`.

All are compiled and charged alike, so that their calls and times compare.
"""

from boundwise.solvers.submodular.baselines.incremental import IncrementalGreedy
from boundwise.solvers.submodular.baselines.lattanzi import LattanziMaximizer
from boundwise.solvers.submodular.baselines.periodic import PeriodicGreedy
from boundwise.solvers.submodular.baselines.random_subset import RandomSubset
from boundwise.solvers.submodular.baselines.sieve import SieveStreaming

__all__ = [
    "IncrementalGreedy",
    "LattanziMaximizer",
    "PeriodicGreedy",
    "RandomSubset",
    "SieveStreaming",
]
