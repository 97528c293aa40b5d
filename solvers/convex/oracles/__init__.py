"""Feasible sets whose linear minimisation has a direct method, and sets of solvers."""

from boundwise.solvers.convex.oracles.birkhoff import Birkhoff
from boundwise.solvers.convex.oracles.box import Box, Cube
from boundwise.solvers.convex.oracles.cardinality import Cardinality
from boundwise.solvers.convex.oracles.knapsack import Knapsack
from boundwise.solvers.convex.oracles.lp import LinearRelaxation
from boundwise.solvers.convex.oracles.matching import Matching
from boundwise.solvers.convex.oracles.min_cost_flow import MinCostFlow
from boundwise.solvers.convex.oracles.mip import MixedIntegerSet
from boundwise.solvers.convex.oracles.norm_balls import (
    KSparseBall,
    L1Ball,
    NuclearNormBall,
)
from boundwise.solvers.convex.oracles.product import FacedProduct, Product
from boundwise.solvers.convex.oracles.shortest_path import ShortestPath
from boundwise.solvers.convex.oracles.simplex import (
    BoundedSum,
    Hypersimplex,
    ProbabilitySimplex,
    UnitHypersimplex,
    UnitSimplex,
)
from boundwise.solvers.convex.oracles.spanning_tree import SpanningTree

__all__ = [
    "Birkhoff",
    "BoundedSum",
    "Box",
    "Cardinality",
    "Cube",
    "FacedProduct",
    "Hypersimplex",
    "KSparseBall",
    "Knapsack",
    "L1Ball",
    "LinearRelaxation",
    "Matching",
    "MinCostFlow",
    "MixedIntegerSet",
    "NuclearNormBall",
    "ProbabilitySimplex",
    "Product",
    "ShortestPath",
    "SpanningTree",
    "UnitHypersimplex",
    "UnitSimplex",
]
