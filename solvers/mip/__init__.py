"""Mixed-integer programs: the adaptive LNS meta-solver over SCIP."""
