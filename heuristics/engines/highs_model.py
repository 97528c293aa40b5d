"""A problem as HiGHS's model."""

from typing import Any, Final

import highspy

from boundwise.core.errors import SolverError
from boundwise.heuristics.engines.problem import ProblemArrays

#: HiGHS's status of a primal solution that is feasible.
FEASIBLE: Final = 2


def make_highs(options: dict[str, Any]) -> Any:
    """Return a quiet HiGHS of one thread.

    Raises
    ------
    SolverError
        If HiGHS refuses an option.
    """
    highs = highspy.Highs()
    everything = {"output_flag": False, "threads": 1, **options}
    for name, value in everything.items():
        if highs.setOptionValue(name, value) == highspy.HighsStatus.kError:
            raise SolverError(f"HiGHS refuses the option {name} = {value!r}.")
    return highs


def load(highs: Any, problem: ProblemArrays) -> None:
    """Pass a problem to HiGHS.

    Raises
    ------
    SolverError
        If HiGHS refuses it.
    """
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = problem.n_variables, problem.n_rows
    lp.col_cost_ = problem.objective
    lp.col_lower_, lp.col_upper_ = problem.lower, problem.upper
    lp.row_lower_, lp.row_upper_ = problem.row_lower, problem.row_upper
    matrix = lp.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.num_col_, matrix.num_row_ = lp.num_col_, lp.num_row_
    matrix.start_, matrix.index_ = problem.starts, problem.indices
    matrix.value_ = problem.coefficients
    if problem.is_integer.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[flag] for flag in problem.is_integer.astype(int)]
    if highs.passModel(lp) == highspy.HighsStatus.kError:
        raise SolverError("HiGHS refuses the problem.")
