"""Engines that carry out jobs: local processes, Dask, plain SLURM scripts."""
