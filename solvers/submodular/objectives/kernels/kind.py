"""A kind of term: its C functions and the state that they need."""

from collections.abc import Callable
from dataclasses import dataclass

from boundwise.solvers.submodular.objectives.native import Primitive
from boundwise.solvers.submodular.objectives.program import StateSize, Term


@dataclass(frozen=True, eq=False)
class Kind:
    """Hold the primitives of a kind of term.

    Parameters
    ----------
    clear, gain, push, pop
        Functions of five words: ``element`` and ``size`` are those of the gain; push
        and pop get the position of the element as ``size``.
    state
        Returns the state that a stack of a height needs.
    """

    clear: Primitive
    gain: Primitive
    push: Primitive
    pop: Primitive
    state: Callable[[Term, int], StateSize]

    @property
    def addresses(self) -> tuple[int, ...]:
        """Addresses of clear, gain, batch and value (none), push and pop."""
        clear, gain = self.clear.address, self.gain.address
        return clear, gain, 0, 0, self.push.address, self.pop.address
