"""Bandit-scheduled dives and neighbourhoods inside SCIP's own tree search."""
