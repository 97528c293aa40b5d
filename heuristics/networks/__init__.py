"""Trained ReLU networks as plain arrays, and their embedding in SCIP models.

    h_0 = input,   z_k = W_k h_{k-1} + b_k,   h_k = max(z_k, 0)  or  z_k

No learning framework is needed here: a network trained anywhere comes in as weight
matrices (`Mlp.from_arrays`), and `add_network` makes its output a variable of a model.
"""

from boundwise.heuristics.networks.bounds import Bounds, interval_bounds
from boundwise.heuristics.networks.embedding import (
    Embedding,
    add_network,
    embed_network,
    switch_separation_off,
)
from boundwise.heuristics.networks.mlp import Layer, Mlp
from boundwise.heuristics.networks.relaxation import TriangleRelaxation
from boundwise.heuristics.networks.tightening import tightened_bounds

__all__ = [
    "Bounds",
    "Embedding",
    "Layer",
    "Mlp",
    "TriangleRelaxation",
    "add_network",
    "embed_network",
    "interval_bounds",
    "switch_separation_off",
    "tightened_bounds",
]
