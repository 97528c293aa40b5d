"""Submodular maximization under a cardinality constraint, also on changing sets."""
