"""One portfolio on many machines: runs that share incumbents by way of a Dask actor."""
