"""Starts: how the first solutions are found."""
