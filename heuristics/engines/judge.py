"""Check what an engine calls a solution, and make a true one of it if that is easy."""

from typing import TYPE_CHECKING

import numpy as np

from boundwise.heuristics.continuous_part import ContinuousPart
from boundwise.heuristics.engines.frames import Array
from boundwise.heuristics.engines.process import ChildError
from boundwise.heuristics.protocols import FloatVector

if TYPE_CHECKING:
    from boundwise.heuristics.linear import LinearMip

#: Most seconds for the continuous part of one solution.
_LP_SECONDS = 5.0


class SolutionJudge:
    """Round integers, complete continuous variables, and check.

    Parameters
    ----------
    mip
        The problem.
    approximates
        Whether the values of continuous variables are approximate: then an LP finds
        the best ones for the integers. Otherwise it does so only where a solution is
        not quite feasible.
    """

    def __init__(self, mip: "LinearMip", *, approximates: bool) -> None:
        self._mip = mip
        self._approximates = approximates
        self._continuous_part = ContinuousPart(mip)
        self.n_rejected = 0

    def judge(self, x: Array | None) -> FloatVector | None:
        """Return a feasible solution with whole integers, or None.

        Parameters
        ----------
        x
            What the engine has sent.

        Raises
        ------
        ChildError
            If it is not a vector of this problem at all.
        """
        mip = self._mip
        if x is None or x.shape != (mip.n_variables,) or not np.isfinite(x).all():
            raise ChildError("a solution of the child process makes no sense.")
        judged = self._made_feasible(x)
        if judged is None:
            self.n_rejected += 1
        return judged

    def _made_feasible(self, x: Array) -> FloatVector | None:
        mip = self._mip
        lower, upper = mip.integral_bounds
        rounded = np.clip(np.where(mip.is_integer, np.round(x), x), lower, upper)
        is_feasible = mip.is_feasible(rounded)
        if not len(mip.continuous) or (is_feasible and not self._approximates):
            return rounded if is_feasible else None
        completed = self._continuous_part.complete(rounded, _LP_SECONDS)
        if completed is None:
            return rounded if is_feasible else None
        if is_feasible and mip.value(rounded) < mip.value(completed):
            return rounded
        return completed
