"""Step rules of Frank-Wolfe methods: how far to go along a descent direction."""
