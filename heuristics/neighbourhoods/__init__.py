"""Neighbourhoods of large neighbourhood search: what to fix."""
