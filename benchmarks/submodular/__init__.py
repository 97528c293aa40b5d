"""Instances, runs and tables of the submodular suite."""
