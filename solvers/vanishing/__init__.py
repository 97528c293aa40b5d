"""Approximate vanishing ideals: polynomials that almost vanish on a set of points.

OAVI walks the monomials of growing degree. A monomial whose values are, up to a mean
squared error ``psi``, a combination of the values of earlier ones leads a generator of
the ideal; every other monomial joins the set O of non-leading terms:

    t + sum_i c_i o_i  vanishes approximately   iff   min_c (1/m)||t + O c||^2 <= psi.

The data enter only through Gram matrices of monomials, so one streamed sweep per degree
and one Cholesky factorisation that skips the vanishing columns do all the work.

Wirth, Kera, Pokutta (2023), "Approximate Vanishing Ideal Computations at Scale",
ICLR 2023, arXiv:2207.01236.
"""

from boundwise.solvers.vanishing.classwise import ClasswiseOAVI
from boundwise.solvers.vanishing.estimator import OAVI

__all__ = ["OAVI", "ClasswiseOAVI"]
