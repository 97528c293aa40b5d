"""Products of sets: one oracle for each block of variables."""

from collections.abc import Sequence

import numpy as np

from boundwise.core.errors import InputError
from boundwise.heuristics.frank_wolfe.protocols import FeasibleSet, Floats, InFaceSet


class Product:
    """All points whose consecutive blocks lie in the given sets.

    Parameters
    ----------
    parts
        The sets, in the order of their variables.

    Raises
    ------
    InputError
        If there is none, or one is not a `FeasibleSet`.

    Examples
    --------
    >>> import numpy as np
    >>> from boundwise.solvers.convex.oracles.box import Cube
    >>> from boundwise.solvers.convex.oracles.simplex import Hypersimplex
    >>> both = Product([Cube(1), Hypersimplex(3, 1)])
    >>> both.extreme_point(np.array([-1.0, 2.0, 1.0, 3.0]), both.lower, both.upper)
    array([1., 0., 1., 0.])
    """

    def __init__(self, parts: Sequence[FeasibleSet]) -> None:
        self.parts = tuple(parts)
        if not self.parts:
            raise InputError("parts must not be empty.")
        for part in self.parts:
            if not isinstance(part, FeasibleSet):
                raise InputError(f"parts must have extreme_point, got {part!r}.")
        ends = np.cumsum([len(part.lower) for part in self.parts])
        starts = np.concatenate(([0], ends[:-1]))
        self._blocks = [
            slice(int(start), int(end)) for start, end in zip(starts, ends, strict=True)
        ]
        self.lower = np.concatenate([part.lower for part in self.parts])
        self.upper = np.concatenate([part.upper for part in self.parts])
        self.integers = np.concatenate(
            [
                np.asarray(part.integers, dtype=np.intp) + start
                for part, start in zip(self.parts, starts, strict=True)
            ]
        )

    def extreme_point(
        self, direction: Floats, lower: Floats, upper: Floats
    ) -> Floats | None:
        """Return the minimisers of the blocks; None if one of them has none."""
        vertex = np.empty(len(self.lower))
        for part, block in zip(self.parts, self._blocks, strict=True):
            piece = part.extreme_point(direction[block], lower[block], upper[block])
            if piece is None:
                return None
            vertex[block] = piece
        return vertex


class FacedProduct(Product):
    """A product of sets that know their faces, as decomposition-invariant steps ask.

    Parameters
    ----------
    parts
        The sets, in the order of their variables.

    Raises
    ------
    InputError
        If there is none, or one is not an `InFaceSet`.
    """

    def __init__(self, parts: Sequence[InFaceSet]) -> None:
        super().__init__(parts)
        for part in self.parts:
            if not isinstance(part, InFaceSet):
                raise InputError(
                    f"parts must have in_face_extreme_point and max_step, got {part!r}."
                )
        self._faced = tuple(parts)

    def in_face_extreme_point(
        self, direction: Floats, x: Floats, lower: Floats, upper: Floats
    ) -> Floats:
        """Return the best vertices of the faces of the blocks of x."""
        return np.concatenate(
            [
                part.in_face_extreme_point(
                    direction[block], x[block], lower[block], upper[block]
                )
                for part, block in zip(self._faced, self._blocks, strict=True)
            ]
        )

    def max_step(
        self, x: Floats, direction: Floats, lower: Floats, upper: Floats
    ) -> float:
        """Return the smallest of the largest steps of the blocks."""
        return min(
            part.max_step(x[block], direction[block], lower[block], upper[block])
            for part, block in zip(self._faced, self._blocks, strict=True)
        )
