"""Distribution dive: round the way that keeps rows likely to hold, clearest first.

With every unfixed variable uniform between its bounds, the activity of a row is about
normal, of mean mu and variance s^2, and the row holds with probability

    P = Phi((row_upper - mu) / s) - Phi((row_lower - mu) / s).

Rounding a variable changes mu and s of its rows. Each candidate is rounded the way that
leaves the larger sum of P over its rows, and the candidates whose two sums differ most
come first. Rows over variables without finite bounds are left out.

Pryor, Chinneck (2011), doi:10.1016/j.cor.2010.10.025.
"""

from dataclasses import dataclass

import numpy as np

from boundwise.core.tolerances import FEAS_TOL
from boundwise.heuristics.dives.rule import Candidates, DiveView, Ranking, prefer
from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.protocols import BoolVector, FloatVector

#: Least standard deviation: a row over fixed variables holds or does not.
_DECIDED = FEAS_TOL / 6.0


@dataclass(frozen=True, slots=True)
class Distribution:
    """Round the candidate whose direction matters most for its rows."""

    name: str = "dive-distribution"

    def applies(self, view: DiveView) -> bool:
        """Tell whether the rows are known."""
        return view.rows is not None and view.rows.n_rows > 0

    def rank(
        self, candidates: Candidates, view: DiveView, rng: np.random.Generator
    ) -> Ranking:
        """Return the candidates by the difference that their direction makes."""
        rows = view.rows
        assert rows is not None
        lower, upper = view.local_bounds()
        mean, variance = moments(lower, upper, rows.is_integer)
        bounded = np.isfinite(mean)
        mean, variance = np.where(bounded, mean, 0.0), np.where(bounded, variance, 0.0)
        row_mean = rows.matrix @ mean
        squares = rows.matrix.copy()
        squares.data = squares.data**2
        row_variance = squares @ variance
        usable = (squares @ (~bounded).astype(np.float64)) == 0.0

        positions = candidates.positions
        columns = rows.columns[:, positions]
        owner = np.repeat(np.arange(len(candidates)), np.diff(columns.indptr))
        touched, coefficients = columns.indices, columns.data
        is_integer = np.ones(len(candidates), dtype=bool)
        sums = []
        for low, high in (
            (lower[positions], np.floor(candidates.values)),
            (np.ceil(candidates.values), upper[positions]),
        ):
            new_mean, new_variance = moments(low, high, is_integer)
            shift = coefficients * (new_mean - mean[positions])[owner]
            change = coefficients**2 * (new_variance - variance[positions])[owner]
            with np.errstate(invalid="ignore"):
                likely = probability(
                    rows,
                    touched,
                    row_mean[touched] + shift,
                    row_variance[touched] + change,
                )
            counted = usable[touched] & np.isfinite(likely)
            sums.append(
                np.bincount(
                    owner, np.where(counted, likely, 0.0), minlength=len(candidates)
                )
            )
        difference = sums[1] - sums[0]
        up = np.where(difference != 0.0, difference > 0.0, candidates.fractions > 0.5)
        distances = candidates.distances(up)
        return Ranking(prefer(candidates, view, np.abs(difference), distances), up)


def moments(
    lower: FloatVector, upper: FloatVector, is_integer: BoolVector
) -> tuple[FloatVector, FloatVector]:
    """Return mean and variance of uniform variables; nan or inf without bounds."""
    with np.errstate(invalid="ignore"):
        mean = 0.5 * (lower + upper)
        width = upper - lower
        variance = np.where(is_integer, (width + 1.0) ** 2 - 1.0, width**2) / 12.0
    return mean, variance


def probability(
    rows: LinearMip, touched: np.ndarray, mean: FloatVector, variance: FloatVector
) -> FloatVector:
    """Return the probability with which each of the touched rows holds."""
    # A third of a second to import, and most runs never come here.
    from scipy.special import ndtr

    deviation = np.maximum(np.sqrt(np.maximum(variance, 0.0)), _DECIDED)
    above = (rows.row_upper[touched] + FEAS_TOL - mean) / deviation
    below = (rows.row_lower[touched] - FEAS_TOL - mean) / deviation
    result: FloatVector = ndtr(above) - ndtr(below)
    return result
