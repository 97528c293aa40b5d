"""Plug-in parts of solvers; none of them runs a whole solve."""
