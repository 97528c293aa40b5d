"""The value network in JAX, on a whole grid of decisions and scenarios at once.

A problem with a decisions and b scenarios has a b labels, but only a + b embeddings
(or, if scenario elements see x, two encodings of each scenario: for x_i = 0 and 1).
Means are taken before the second linear map of the encoders.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from boundwise.core.optional import require

Parameters = Mapping[str, Any]


def initial_parameters(
    rng: np.random.Generator, features: tuple[int, int], widths: Mapping[str, int]
) -> dict[str, Any]:
    """Return random weights (He, 2015), as float32.

    Parameters
    ----------
    rng
        Source of randomness.
    features
        Inputs of a decision element and of a scenario element, x_i included.
    widths
        ``encoder_hidden, encoder_out, pool_out, head_hidden``, and ``decision_hidden``
        and ``scenario_hidden`` of the pools.
    """

    def draw(outputs: int, inputs: int) -> Any:
        return (rng.normal(size=(outputs, inputs)) * np.sqrt(2.0 / inputs)).astype(
            np.float32
        )

    parameters: dict[str, Any] = {}
    for side, count in zip(("decision", "scenario"), features, strict=True):
        pool = widths[f"{side}_hidden"]
        parameters |= {
            f"{side}_encoder_in": draw(widths["encoder_hidden"], count),
            f"{side}_encoder_out": draw(
                widths["encoder_out"], widths["encoder_hidden"]
            ),
            f"{side}_pool_in": draw(pool, widths["encoder_out"]),
            f"{side}_pool_out": draw(widths["pool_out"], pool),
        }
    hidden = widths["head_hidden"]
    return parameters | {
        "head_0_weights": draw(hidden, 2 * widths["pool_out"]),
        "head_0_bias": np.full(hidden, 0.1, dtype=np.float32),
        "head_1_weights": draw(1, hidden),
        "head_1_bias": np.zeros(1, dtype=np.float32),
    }


def predictions(
    parameters: Parameters,
    batch: tuple[Any, ...],
    joint: bool,
) -> Any:
    """Return predicted labels of a batch, shape (problems, a, b).

    Parameters
    ----------
    parameters
        Weights.
    batch
        Features and decisions: ``decision, decisions, elements, sizes`` of `Dataset`,
        scaled.
    joint
        Whether scenario elements see x.
    """
    jnp = require("jax.numpy", extra="learn")
    p = parameters
    decision, decisions, elements, sizes = batch

    def relu(value: Any) -> Any:
        return jnp.maximum(value, 0.0)

    def embed(side: str, mean: Any) -> Any:
        folded = p[f"{side}_pool_in"] @ p[f"{side}_encoder_out"]
        return relu(mean @ folded.T) @ p[f"{side}_pool_out"].T

    def switched(encoder: Any, features: Any) -> tuple[Any, Any]:
        off = features @ encoder[:, 1:].T
        low = relu(off)
        return low, relu(off + encoder[:, 0]) - low

    low, gain = switched(p["decision_encoder_in"], decision)
    total = jnp.einsum("pan,pnh->pah", decisions, gain) + low.sum(1)[:, None]
    of_x = embed("decision", total / sizes[:, 0, None, None])
    count = sizes[:, 1, None, None, None]
    if joint:
        low, gain = switched(p["scenario_encoder_in"], elements)
        total = jnp.einsum("pan,pbnh->pabh", decisions, gain) + low.sum(2)[:, None]
    else:
        total = relu(elements @ p["scenario_encoder_in"].T).sum(2)[:, None]
    of_xi = embed("scenario", total / count)
    split = of_x.shape[-1]
    weights = p["head_0_weights"]
    hidden = relu(
        (of_x @ weights[:, :split].T)[:, :, None]
        + of_xi @ weights[:, split:].T
        + p["head_0_bias"]
    )
    return (hidden @ p["head_1_weights"].T)[..., 0] + p["head_1_bias"][0]
