"""Compiled primitives of each kind of term: gain at a prefix, push, pop."""
