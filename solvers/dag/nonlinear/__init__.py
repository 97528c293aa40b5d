"""Scores of node models that are not linear: logistic regressions and perceptrons.

Each is a `boundwise.solvers.dag.scores.Score`: the search over orders is the same, only
the fit of a node on its predecessors differs.
"""
