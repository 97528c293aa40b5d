"""Frank-Wolfe methods: smooth convex minimisation through linear oracles."""
