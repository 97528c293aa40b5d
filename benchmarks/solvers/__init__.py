"""Solvers to compare, one small file each, imported only in the child process."""
