"""The step directions of Adam: gradients scaled by their running second moment.

Kingma, Ba (2015), arXiv:1412.6980.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_EPSILON = 1e-8


@dataclass(slots=True)
class Adam:
    """Keep the running moments of the gradients.

    Parameters
    ----------
    shape
        Shape of the gradients.
    beta1, beta2
        Decay of the first and of the second moment.
    """

    shape: tuple[int, ...]
    beta1: float = 0.9
    beta2: float = 0.999
    _first: Floats = field(init=False)
    _second: Floats = field(init=False)
    _steps: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        """Start from zero."""
        self._first, self._second = np.zeros(self.shape), np.zeros(self.shape)

    def direction(self, gradient: Floats) -> Floats:
        """Take in a gradient and return the direction to go against.

        Parameters
        ----------
        gradient
            Gradient at the present point.
        """
        self._steps += 1
        self._first *= self.beta1
        self._first += (1 - self.beta1) * gradient
        self._second *= self.beta2
        self._second += (1 - self.beta2) * gradient * gradient
        root = np.sqrt(self._second / (1 - self.beta2**self._steps))
        result: Floats = (self._first / (1 - self.beta1**self._steps)) / (
            root + _EPSILON
        )
        return result
