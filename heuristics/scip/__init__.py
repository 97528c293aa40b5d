"""What plugs the heuristics into a PySCIPOpt model."""
