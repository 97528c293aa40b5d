"""Submodular objectives: compiled ones, and the protocol for a user's own.

`Objective` is what the algorithms ask for: f of a set, and stacks of chosen elements
that answer f(e | prefix).
"""

from boundwise.solvers.submodular.objectives.coverage import Coverage
from boundwise.solvers.submodular.objectives.protocol import Objective, Stack

__all__ = ["Coverage", "Objective", "Stack"]
