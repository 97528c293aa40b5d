"""Bandit policies: which arm to pull next."""
