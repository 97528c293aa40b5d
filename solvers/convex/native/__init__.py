"""Convex mixed-integer problems in SCIP's own terms."""

from boundwise.solvers.convex.native.attach import FrankWolfeCuts, attach_frank_wolfe
from boundwise.solvers.convex.native.formulate import Form, NativeModel, formulate
from boundwise.solvers.convex.native.solve import solve_native

__all__ = [
    "Form",
    "FrankWolfeCuts",
    "NativeModel",
    "attach_frank_wolfe",
    "formulate",
    "solve_native",
]
