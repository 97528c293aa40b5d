"""`OAVI`: generators of the approximate vanishing ideal of a set of points."""

import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted, validate_data

from boundwise.core.optional import require
from boundwise.solvers.vanishing.base import (
    VanishingTransformer,
    checked_psis,
    original_powers,
)
from boundwise.solvers.vanishing.fitting import Task, fit_ideals
from boundwise.solvers.vanishing.gram import GramSource
from boundwise.solvers.vanishing.grow import grow_all
from boundwise.solvers.vanishing.ideal import Ideal
from boundwise.solvers.vanishing.monomials import MonomialGram, ReorderedGram
from boundwise.solvers.vanishing.notices import NoGeneratorWarning
from boundwise.solvers.vanishing.terms import term_name

if TYPE_CHECKING:
    from boundwise.solvers.vanishing.scaling import Scaling

Floats = npt.NDArray[np.float64]

#: Generators that ``print`` shows.
SHOWN = 20


class OAVI(VanishingTransformer):
    """Find polynomials that approximately vanish on a set of points.

    Parameters
    ----------
    psi
        Largest mean squared error of a polynomial that vanishes, at least 1e-13.
    tau
        Largest l1 norm of a generator's coefficients, the leading one (which is 1)
        included; None for no bound (1000 for the oracles ``bpcg, pcg, cg``, which
        need one). A generator beyond it is solved again over the l1 ball, alone.
    max_degree
        Last degree to look at. Data in the unit cube need at most
        ceil(log(1/psi) / log 4).
    oracle
        How a border term is fitted: ``"ihb"`` exactly; ``"wihb"`` decides exactly
        and makes the generators sparse; ``"bpcg"``, ``"pcg"``, ``"cg"`` by
        conditional gradients over the l1 ball; ``"agd"`` by accelerated gradients;
        ``"abm"`` and ``"vca"`` are other methods of the field, for comparison (their
        normalisation differs, so the same psi means something else).
    factorization
        For ``"ihb"``: ``"cholesky"``, or ``"inverse"`` for the published update of
        the explicit inverse (slower and less accurate; the same generators).
    term_order
        Order of the columns before terms are ordered by degree and
        lexicographically: ``"deglex"`` as given, ``"pearson"`` by ascending sum of
        absolute correlations, ``"reverse_pearson"`` descending.
    scale
        Map the columns to [0, 1] by the bounds seen in ``fit``.
    clip
        Clip the data to those bounds in ``transform``.
    absolute
        Return absolute values of the generators.
    chunk_size
        Rows evaluated at a time; None lets the cache decide. Results agree up to
        rounding: a term may change sides if its error is within about 1e-12 of psi.
    n_jobs
        Threads, as in scikit-learn; None is one.

    Attributes
    ----------
    terms_ : ndarray of shape (n_terms, n_features)
        Exponents of the terms that do not lead a generator, in term order.
    leading_terms_ : ndarray of shape (n_generators, n_features)
        Exponents of the leading terms.
    coef_ : ndarray of shape (n_terms, n_generators)
        Coefficients over ``terms_``, on scaled data.
    leading_coef_ : ndarray of shape (n_generators,)
        Coefficients of the leading terms.
    losses_ : ndarray of shape (n_generators,)
        Mean squared errors on the training rows.
    degree_, n_generators_, n_features_in_ : int
        Largest degree of a generator; numbers of generators and of columns.
    data_min_, data_max_ : ndarray of shape (n_features,)
        Bounds of the columns.

    References
    ----------
    Wirth, Kera, Pokutta (2023), "Approximate Vanishing Ideal Computations at Scale",
    ICLR, arXiv:2207.01236. Wirth, Pokutta (2022), "Conditional Gradients for the
    Approximately Vanishing Ideal", AISTATS, arXiv:2202.03349.

    Examples
    --------
    >>> angle = np.linspace(0, 6, 50)
    >>> circle = np.column_stack([np.cos(angle), np.sin(angle)])
    >>> model = OAVI(psi=1e-9, scale=False).fit(circle)
    >>> text = model.ideal_.to_text(["x", "y"])
    >>> print(text)  # doctest: +ELLIPSIS
    g0 = y^2 + x^2 - 1   (mse ...)
    """

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the generators.

        Parameters
        ----------
        X
            Array, data frame or memory map; path of a ``.npy`` or ``.parquet`` file;
            a function that returns an iterator of row blocks; or a Dask array.
        y
            Ignored.

        Returns
        -------
        OAVI
            The estimator.

        Raises
        ------
        InputError
            If a parameter or the data are not usable.
        """
        settings = self._settings()
        source = self._prepare(X)
        [ideal] = fit_ideals(settings, [Task(settings.psi)], [source])
        return self._accept(ideal)

    def psi_path(self, X: Any, psis: Iterable[float]) -> list[Self]:
        """Fit one estimator per psi, with the sweeps over the data shared.

        A path costs little more than the fit with the smallest psi.

        Parameters
        ----------
        X
            As for `fit`.
        psis
            The values, in any order.

        Returns
        -------
        list of OAVI
            Fitted estimators in the order of ``psis``; this one is left as it was.

        Raises
        ------
        InputError
            If a parameter or the data are not usable.
        """
        settings = self._settings()
        values = checked_psis(psis)
        scout, cls = clone(self), type(self)
        source = cls._prepare(scout, X)
        ideals = fit_ideals(settings, [Task(psi) for psi in values], [source])
        return [
            cls._accept(cls._sibling(scout, psi), ideal)
            for psi, ideal in zip(values, ideals, strict=True)
        ]

    def partial_fit(self, X: Any, y: Any = None) -> Self:
        """Add rows to those seen so far and refit, without the earlier rows.

        The Gram matrix of all monomials up to ``max_degree`` is kept, which must
        therefore be small. The result is that of ``fit`` on all rows.

        Parameters
        ----------
        X
            Array or data frame.
        y
            Ignored.

        Returns
        -------
        OAVI
            The estimator.

        Raises
        ------
        InputError
            If a parameter or the data are not usable, or there are too many
            monomials.
        """
        settings = self._settings()
        gram: MonomialGram | None = getattr(self, "_sums", None)
        X = validate_data(
            self, X, reset=gram is None, dtype="numeric", ensure_all_finite=False
        )
        basis = self._accumulate(X, [gram])
        if gram is None:
            gram = self._sums = MonomialGram(basis)
        self._add_rows(gram, X)
        self.scaling_ = self._ordered(gram)
        source = ReorderedGram(gram, self.scaling_.columns)
        [ideal] = grow_all([settings.growth(X.shape[1])], [source])
        return self._accept(ideal)

    def _prepare(self, X: Any) -> GramSource:
        """Open the data, fit the scaling and order the variables."""
        if hasattr(self, "_sums"):
            del self._sums
        table = self._opened(X)
        low, high, _ = table.bounds()
        self._set_scaling(low, high)
        [self.scaling_] = self._order_variables([table])
        return table.gram_source(self.scaling_)

    def _accept(self, ideal: Ideal) -> Self:
        self.ideal_ = ideal
        self.terms_ = original_powers(ideal.powers, self.scaling_)
        self.leading_terms_ = original_powers(ideal.leading_powers, self.scaling_)
        self.coef_ = ideal.coefficients
        self.leading_coef_ = ideal.leading_coefficients
        self.losses_ = ideal.losses
        self.degree_ = ideal.degree
        self.n_generators_ = ideal.n_generators
        if not ideal.n_generators:
            warnings.warn(
                f"no polynomial of degree {self.max_degree} or less vanishes within "
                f"psi={self.psi!r}: the transformed data have no columns.",
                NoGeneratorWarning,
                stacklevel=3,
            )
        return self

    def transform(self, X: Any) -> Floats:
        """Evaluate the generators.

        Parameters
        ----------
        X
            Rows, in any form that ``fit`` takes except Dask arrays.

        Returns
        -------
        ndarray of shape (n_rows, n_generators)
            Their absolute values, unless ``absolute`` is false.
        """
        check_is_fitted(self)
        return self._transformed(X, [(self.ideal_, self.scaling_)])

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[Any]:
        """Name the columns of the transformed data by their leading terms.

        Parameters
        ----------
        input_features
            Names of the columns of X; None for those seen in ``fit``.

        Returns
        -------
        ndarray of str
            Such as ``"g3[x0^2 x2]"``.
        """
        names = self._input_names(input_features)
        return generator_names(self.leading_terms_, names)

    def to_sympy(self, *, scaled: bool = False) -> list[Any]:
        """Return the generators as sympy expressions (needs sympy).

        Parameters
        ----------
        scaled
            In the variables scaled to [0, 1], instead of the columns of X.

        Returns
        -------
        list of sympy.Expr
            One expression for each generator.
        """
        names = self._input_names()
        sympy = require("sympy", extra="symbolic")
        symbols = [sympy.Symbol(name) for name in names]
        scaling: Scaling = self.scaling_
        variables = []
        for column, shift, factor in zip(*scaling.arrays(), strict=True):
            symbol = symbols[column]
            plain = scaled or (shift == 0.0 and factor == 1.0)
            variables.append(
                symbol if plain else (symbol - sympy.Float(shift)) * sympy.Float(factor)
            )
        return self.ideal_.to_sympy(variables)

    def __str__(self) -> str:
        """Write the parameters and, once fitted, the generators on scaled data."""
        if not hasattr(self, "ideal_"):
            return repr(self)
        names = np.array(self._input_names(), dtype=object)[self.scaling_.columns]
        head = (
            f"{self!r}: {self.n_generators_} generators over {len(self.terms_)} terms, "
            f"degree {self.degree_}"
        )
        return "\n".join([head, self.ideal_.to_text(list(names), SHOWN)]).rstrip()


def generator_names(
    leading_terms: npt.NDArray[np.int64], names: list[str], prefix: str = ""
) -> npt.NDArray[Any]:
    """Name generators by number and leading term."""
    return np.array(
        [
            f"{prefix}g{j}[{term_name(powers, names)}]"
            for j, powers in enumerate(leading_terms)
        ],
        dtype=object,
    )
