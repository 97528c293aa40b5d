"""The variants of the Frank-Wolfe method: what one iteration does."""
