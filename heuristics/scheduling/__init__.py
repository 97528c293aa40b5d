"""Bandit-scheduled heuristics inside a tree search: arms and the one who calls them."""
