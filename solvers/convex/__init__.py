"""Frank-Wolfe branch-and-bound for convex mixed-integer nonlinear problems."""
