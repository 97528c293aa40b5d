"""Suites: what a family of problems brings to the runner, one file each."""
