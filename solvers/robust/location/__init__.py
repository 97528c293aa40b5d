"""Two-stage robust facility location and its exact worst case."""

from boundwise.solvers.robust.location.problem import RobustFacilityLocation

__all__ = ["RobustFacilityLocation"]
