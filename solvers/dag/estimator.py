"""`TopologicalDAG`: the weights of a directed acyclic graph, learned from data."""

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from boundwise.core.arguments import as_count, as_number
from boundwise.core.errors import InputError
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Limits
from boundwise.solvers.dag.constraints import Constraints
from boundwise.solvers.dag.engines import Neighbourhood
from boundwise.solvers.dag.kkt import KktNeighbourhood, run_kkt
from boundwise.solvers.dag.moments import Floats, Moments
from boundwise.solvers.dag.orders import checked_weights
from boundwise.solvers.dag.problem import OrderProblem
from boundwise.solvers.dag.scores import Score
from boundwise.solvers.dag.search import Found, run
from boundwise.solvers.dag.stopping import Stopper

if TYPE_CHECKING:
    import networkx as nx

_NAMED = {
    "insert+swap": Neighbourhood(),
    "window": Neighbourhood(width=8),
    "kkt": KktNeighbourhood(),
}


class TopologicalDAG(BaseEstimator):  # type: ignore[misc]
    """Learn a directed acyclic graph by search over topological orders.

    The score of an order is that of the best weights whose edges all point forwards
    in it; so every answer is acyclic. ``[i, j]`` of every matrix is the edge i -> j.

    Parameters
    ----------
    score
        ``"ls"``, ``"l1"``, ``"golem_ev"``, ``"golem_nv"``, ``"colide_ev"``,
        ``"colide_nv"``, ``"bic"`` (formulas in `linear_scores`), ``"logistic"``,
        ``"mlp"`` (in `nonlinear`), or any `Score`.
    lam
        Strength of the penalty; for ``"bic"`` the gamma of the extended BIC.
    neighbourhood
        ``"insert+swap"``: the exact best of all insertions and swaps; ``"window"``:
        also all reorderings of 8 successive nodes (for scores without node costs);
        ``"kkt"``: the published candidate sets. Or a `Neighbourhood` or
        `KktNeighbourhood` with parameters.
    init
        ``"min_pivot"`` (the node of least conditional variance, again and again),
        ``"variance"``, ``"random"``, an order, or a weight matrix.
    restarts
        Number of starts; all but the first are random.
    threshold
        Weights below this magnitude are no edges of ``adjacency_matrix_``.
    time_limit
        Wall-clock seconds after which the best answer so far is returned.
    required_edges, forbidden_edges
        Pairs (i, j) for i -> j, by index or column name, or a boolean matrix.
    tiers
        Groups of nodes, earliest first: no edge points to an earlier group.
    n_jobs
        Threads that search from different starts.
    random_state
        Seed of random starts and perturbations.

    Attributes
    ----------
    weights_ : ndarray of shape (d, d)
        Best weights found, ``[i, j]`` of edge i -> j, before the threshold.
    adjacency_matrix_ : ndarray of shape (d, d)
        The weights after the threshold, ``[i, j]`` of edge i -> j.
    order_ : ndarray of shape (d,)
        A topological order of both.
    score_ : float
        Score of ``weights_``.
    history_ : list of (float, float)
        Seconds and score at each improvement, from that of the first start on.
    kkt_residual_ : float
        Largest gradient over the edges that would close no cycle, 0 at a KKT point.
    n_iter_ : int
        Rounds of moves.
    termination_ : Termination
        Why the search ended.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (d,)
        Their names, if X had any.

    References
    ----------
    Deng, Bello, Aragam, Ravikumar (2023), "Optimizing NOTEARS Objectives via
    Topological Swaps", ICML, arXiv:2305.17277. Saboksayr, Mateos, Tepper (2024),
    "CoLiDE: Concomitant Linear DAG Estimation", ICLR, arXiv:2310.02895.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=500)
    >>> X = np.column_stack([2 * x + rng.normal(size=500), x])
    >>> TopologicalDAG().fit(X).adjacency_matrix_.round(1)
    array([[0., 0.],
           [2., 0.]])
    """

    def __init__(
        self,
        score: str | Score = "ls",
        lam: float = 0.0,
        neighbourhood: str | Neighbourhood | KktNeighbourhood = "insert+swap",
        init: Any = "min_pivot",
        restarts: int = 1,
        threshold: float = 0.3,
        time_limit: float | None = None,
        required_edges: Any = None,
        forbidden_edges: Any = None,
        tiers: Any = None,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.score = score
        self.lam = lam
        self.neighbourhood = neighbourhood
        self.init = init
        self.restarts = restarts
        self.threshold = threshold
        self.time_limit = time_limit
        self.required_edges = required_edges
        self.forbidden_edges = forbidden_edges
        self.tiers = tiers
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the graph of the columns of X.

        Parameters
        ----------
        X
            Array or data frame, one row for each sample; centred here, not modified.
        y
            Ignored.

        Returns
        -------
        TopologicalDAG
            The estimator.

        Raises
        ------
        InputError
            If a parameter or the data are not usable.
        """
        X = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        return self._fit(Moments.of_data(X), self.init, None)

    def fit_covariance(self, S: Any, n: int) -> Self:
        """Learn the graph from a covariance matrix.

        Parameters
        ----------
        S
            Covariance about the mean, divided by n; not modified.
        n
            Number of samples behind it.

        Returns
        -------
        TopologicalDAG
            The estimator.

        Raises
        ------
        InputError
            If a parameter or the covariance is not usable.
        """
        moments = Moments.of_covariance(S, n)
        self.n_features_in_ = moments.d
        if hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        return self._fit(moments, self.init, None)

    def improve(self, W: Any, X: Any) -> Self:
        """Improve the answer of another method.

        The search starts from the order of W (with its smallest weights dropped until
        it is acyclic), instead of from ``init``. The score is never above that of the
        order, and so never above that of W if W is acyclic and meets the constraints.

        Parameters
        ----------
        W
            Weights, ``W[i, j]`` of edge i -> j (transpose those of lingam).
        X
            As for `fit`.

        Returns
        -------
        TopologicalDAG
            The estimator.

        Raises
        ------
        InputError
            If W, X or a parameter is not usable.
        """
        X = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        weights = checked_weights(W, X.shape[1])
        return self._fit(Moments.of_data(X), weights, weights)

    def _fit(self, moments: Moments, init: Any, given: Floats | None) -> Self:
        restarts, threshold = self._checked_numbers()
        moves = self._checked_neighbourhood()
        names = getattr(self, "feature_names_in_", None)
        constraints = Constraints.make(
            moments.d, self.required_edges, self.forbidden_edges, self.tiers, names
        )
        problem = OrderProblem.of(moments, self.score, self.lam, constraints)
        limits = Limits(time_limit=self.time_limit)
        seed = check_random_state(self.random_state).randint(2**31 - 1)
        rng = np.random.default_rng(seed)
        deadline = limits.start()
        starts = [problem.start(init, rng)]
        starts += [problem.start("random", rng) for _ in range(restarts - 1)]
        seeds = [int(value) for value in rng.integers(2**62, size=restarts)]
        with Interrupter(deadline) as interrupter:
            stopper = Stopper(deadline, interrupter)
            if isinstance(moves, KktNeighbourhood):
                found = run_kkt(problem, starts, moves, stopper, self.n_jobs)
            else:
                make = problem.engines(moves, seeds)
                found = run(make, starts, moves, stopper, self.n_jobs)
        self._accept(found, problem, threshold, given)
        return self

    def _accept(
        self,
        found: Found,
        problem: OrderProblem,
        threshold: float,
        given: Floats | None,
    ) -> None:
        weights = found.weights
        assert weights is not None
        order = found.order
        value = problem.value(weights, order)
        if given is not None and problem.admits(given):
            # A score with local minima may have missed the weights that were given.
            given_value = problem.value(given, order)
            if problem.linear is not None and given_value < value:
                weights, value = given, given_value
                order = problem.start(given, np.random.default_rng(0))
        required = problem.constraints.required
        self.weights_ = weights
        self.order_ = order
        self.score_ = value
        keep = (np.abs(weights) >= threshold) | required
        self.adjacency_matrix_ = np.where(keep, weights, 0.0)
        self.history_ = found.history
        self.kkt_residual_ = problem.kkt_residual(weights, order)
        self.n_iter_ = found.rounds
        self.termination_ = found.termination

    def _checked_numbers(self) -> tuple[int, float]:
        restarts = as_count("restarts", self.restarts)
        return restarts, as_number("threshold", self.threshold, at_least=0)

    def _checked_neighbourhood(self) -> Neighbourhood | KktNeighbourhood:
        moves = self.neighbourhood
        if isinstance(moves, Neighbourhood | KktNeighbourhood):
            return moves
        if not isinstance(moves, str) or moves not in _NAMED:
            raise InputError(
                f"neighbourhood must be one of {sorted(_NAMED)}, got {moves!r}."
            )
        return _NAMED[moves]  # type: ignore[return-value]

    def _names(self) -> list[str]:
        names = getattr(self, "feature_names_in_", None)
        if names is None:
            return [f"x{i}" for i in range(self.n_features_in_)]
        return [str(name) for name in names]

    def to_networkx(self) -> "nx.DiGraph[str]":
        """Return the graph of ``adjacency_matrix_`` with edge attribute ``weight``.

        Returns
        -------
        networkx.DiGraph
            Nodes are named as the columns of X, or x0, x1, ...
        """
        import networkx as nx

        check_is_fitted(self)
        graph: nx.DiGraph[str] = nx.DiGraph()
        names = self._names()
        graph.add_nodes_from(names)
        for i, j in np.argwhere(self.adjacency_matrix_):
            weight = float(self.adjacency_matrix_[i, j])
            graph.add_edge(names[i], names[j], weight=weight)
        return graph

    def to_lingam(self) -> Floats:
        """Return ``adjacency_matrix_`` as lingam has it: ``[i, j]`` is j -> i.

        Returns
        -------
        ndarray of shape (d, d)
            The transpose.
        """
        check_is_fitted(self)
        transposed: Floats = self.adjacency_matrix_.T.copy()
        return transposed

    def plot(self, axes: Any = None) -> Any:
        """Draw the graph of ``adjacency_matrix_`` (extra ``report``).

        Parameters
        ----------
        axes
            Matplotlib axes to draw on; new ones if None.

        Returns
        -------
        matplotlib.axes.Axes
            The axes.
        """
        from boundwise.solvers.dag.plot import plot_graph

        check_is_fitted(self)
        return plot_graph(self.adjacency_matrix_, names=self._names(), axes=axes)
