"""Two-stage robust optimization with a learned second-stage value (Neur2RO).

A small network, trained once for a class of problems, predicts the second-stage value
of a decision in a scenario. It selects the worst stored scenario in the main problem
and searches for new scenarios; what it finds is always evaluated exactly.

Dumouchelle, Julien, Kurtz, Khalil (2024), Neur2RO: Neural Two-Stage Robust
Optimization, ICLR 2024, arXiv:2310.04345.
"""

from boundwise.solvers.robust.learned.set_inputs import SetInputs
from boundwise.solvers.robust.learned.storage import (
    load_network,
    save_network,
    shipped_network,
)
from boundwise.solvers.robust.learned.value_network import ValueNetwork

__all__ = [
    "SetInputs",
    "ValueNetwork",
    "load_network",
    "save_network",
    "shipped_network",
]
