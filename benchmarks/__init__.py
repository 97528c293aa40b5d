"""The benchmark runner and its suites."""
