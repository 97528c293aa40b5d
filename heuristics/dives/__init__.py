"""Dives: down one path of the tree, towards a solution, and back."""
