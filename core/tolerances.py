"""The tolerances of boundwise, named once; no algorithm writes them as literals."""

from typing import Final

#: Feasibility of rows and bounds, scaled as the checker scales them.
FEAS_TOL: Final = 1e-6
#: Distance of an integer variable to the nearest integer, absolute.
INT_TOL: Final = 1e-6
#: Relative difference below which two objective values are the same.
OBJ_TOL: Final = 1e-9
#: Tolerances with which the MIPLIB 2017 scripts call their checker.
MIPLIB_TOL: Final = 1e-4
#: Values at or beyond this magnitude are infinite, as in SCIP.
INFINITY: Final = 1e20
