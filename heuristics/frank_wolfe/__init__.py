"""Frank-Wolfe methods on problems small enough to be held as Gram data."""
