"""Kinds of terms: their C functions (clear, gain at a prefix, push, pop)."""
