"""Perceptron node model: one small neural network for each node.

    cost(j, A) = min_theta  1/(2n) |x_j - f(x_A; theta)|^2
                            + lam |first layer|_1 + lam/2 |theta|^2

f has one hidden layer of logistic units and no biases; the weight of the edge i -> j is
the norm of the first-layer weights of input i, as in Zheng, Dan, Aragam, Ravikumar,
Xing (2020), arXiv:1909.13189, with the order search of Deng, Bello, Aragam, Ravikumar
(2023), arXiv:2305.17277. The absolute value is made smooth by a product,
|w| = min (a^2 + b^2) / 2 over a b = w, and the whole is minimised by L-BFGS until the
cost settles. The fit of a node depends on its predecessors only, so costs can be
cached. Needs the extra ``learn``.
"""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from boundwise.core.arguments import as_count, as_number
from boundwise.core.errors import InputError
from boundwise.core.optional import require
from boundwise.solvers.dag.moments import Floats, Moments

Ints = npt.NDArray[np.int64]

#: Iterations over which a fit must gain more than its tolerance to go on.
_PATIENCE = 5


@dataclass(frozen=True, slots=True)
class MlpScore:
    """Score nodes by a perceptron on their predecessors.

    Parameters
    ----------
    hidden
        Number of hidden units.
    max_iterations
        Largest number of L-BFGS steps of one fit.
    tolerance
        Relative gain of the cost over five steps below which a fit has settled.
    """

    hidden: int = 40
    max_iterations: int = 300
    tolerance: float = 1e-4

    def __post_init__(self) -> None:
        """Check the parameters."""
        for name in ("hidden", "max_iterations"):
            as_count(name, getattr(self, name))
        as_number("tolerance", self.tolerance, at_least=0, below=1)

    def bind(self, moments: Moments, lam: float) -> "MlpCosts":
        """Return the node costs on data.

        Parameters
        ----------
        moments
            Moments that hold the data.
        lam
            Strength of both penalties; 0.01 in the published experiments.

        Raises
        ------
        InputError
            If only a covariance is known or ``lam`` is negative.
        NotAvailableError
            If JAX or optax is not installed.
        """
        if moments.data is None:
            raise InputError("score='mlp' needs the data X, not a covariance.")
        lam = as_number("lam", lam, at_least=0)
        require("jax", extra="learn")
        require("optax", extra="learn")
        return MlpCosts(moments.centred(), lam, self)


class MlpCosts:
    """Fit nodes of one data set.

    Parameters
    ----------
    X
        Centred data, shape (n, d).
    lam
        Strength of the penalties.
    score
        Size of the network and ending of the fits.
    """

    def __init__(self, X: Floats, lam: float, score: MlpScore) -> None:
        self._X, self._lam, self._score = X, lam, score
        self._minimise = _minimiser()
        #: Number of L-BFGS steps of the last fit.
        self.n_steps = 0

    def cost(self, node: int, predecessors: Ints) -> tuple[float, Floats]:
        """Return the cost of a node and the norms of its inputs.

        Parameters
        ----------
        node
            The node.
        predecessors
            Nodes that may be its parents.
        """
        if not len(predecessors):
            self.n_steps = 0
            return 0.5 * float(np.mean(self._X[:, node] ** 2)), np.zeros(0)
        value, first, _ = self.fit(node, predecessors)
        norms: Floats = np.linalg.norm(first, axis=1)
        return value, norms

    def fit(self, node: int, predecessors: Ints) -> tuple[float, Floats, Floats]:
        """Return the cost and the two layers.

        Parameters
        ----------
        node
            The node.
        predecessors
            Nodes that may be its parents.

        Returns
        -------
        tuple
            The cost; the first layer, shape (n_predecessors, hidden); the second.
        """
        jax = require("jax", extra="learn")
        d, hidden = self._X.shape[1], self._score.hidden
        mask = np.zeros(d)
        mask[predecessors] = 1.0
        rng = np.random.default_rng([node, d])
        root = 0.5 * rng.standard_normal((d, hidden)) / math.sqrt(d)
        start = (
            np.sqrt(np.abs(root)),
            np.sign(root) * np.sqrt(np.abs(root)),
            0.1 * rng.standard_normal(hidden),
        )
        with jax.enable_x64(True):
            layers, steps = self._minimise(
                start,
                self._X,
                self._X[:, node],
                mask,
                self._lam,
                self._score.max_iterations,
                self._score.tolerance,
            )
            first = np.asarray(layers[0] * layers[1]) * mask[:, None]
            second = np.asarray(layers[2])
        self.n_steps = int(steps)
        value = perceptron_cost(self._X, node, first, second, self._lam)
        plain = 0.5 * float(np.mean(self._X[:, node] ** 2))
        if not value < plain:
            # Nothing is always a model; networks that do worse are not used.
            return plain, np.zeros((len(predecessors), hidden)), np.zeros(hidden)
        return value, first[predecessors], second


def perceptron_cost(
    X: Floats, node: int, first: Floats, second: Floats, lam: float
) -> float:
    """Return the cost of given layers, from the definition.

    Parameters
    ----------
    X
        Centred data.
    node
        The node.
    first, second
        Layers, shapes (d, hidden) and (hidden,).
    lam
        Strength of the penalties.
    """
    units = 0.5 * (1.0 + np.tanh(0.5 * (X @ first)))
    error = X[:, node] - units @ second
    square = float((first**2).sum() + (second**2).sum())
    penalty = lam * float(np.abs(first).sum()) + 0.5 * lam * square
    return 0.5 * float(np.mean(error**2)) + penalty


@functools.cache
def _minimiser() -> Callable[..., Any]:
    """Compile the fit of one node; the shapes of the data are compiled in."""
    jax = require("jax", extra="learn")
    optax = require("optax", extra="learn")
    jnp = jax.numpy

    def cost(layers: Any, X: Any, y: Any, mask: Any, lam: Any) -> Any:
        a, b, second = layers
        a, b = a * mask[:, None], b * mask[:, None]
        first = a * b
        error = y - jax.nn.sigmoid(X @ first) @ second
        norm1 = 0.5 * (jnp.sum(a * a) + jnp.sum(b * b))
        square = jnp.sum(first * first) + jnp.sum(second * second)
        return 0.5 * jnp.mean(error * error) + lam * norm1 + 0.5 * lam * square

    def minimise(
        start: Any, X: Any, y: Any, mask: Any, lam: Any, most: Any, tolerance: Any
    ) -> Any:
        def value_of(layers: Any) -> Any:
            return cost(layers, X, y, mask, lam)

        method = optax.lbfgs()
        value_and_grad = optax.value_and_grad_from_state(value_of)

        def step(carry: Any) -> Any:
            layers, state, recent, count = carry
            value, gradient = value_and_grad(layers, state=state)
            updates, state = method.update(
                gradient, state, layers, value=value, grad=gradient, value_fn=value_of
            )
            recent = jnp.concatenate([recent[1:], value[None]])
            return optax.apply_updates(layers, updates), state, recent, count + 1

        def goes_on(carry: Any) -> Any:
            _, _, recent, count = carry
            gain = recent[0] - recent[-1]
            moving = ~(gain <= tolerance * jnp.abs(recent[-1]))
            return (count < most) & ((count <= _PATIENCE) | moving)

        recent = jnp.full(_PATIENCE + 1, jnp.inf)
        carry = (start, method.init(start), recent, 0)
        layers, _, _, count = jax.lax.while_loop(goes_on, step, carry)
        return layers, count

    compiled: Callable[..., Any] = jax.jit(minimise)
    return compiled
