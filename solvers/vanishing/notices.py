"""Warnings of this room, each with a name so that it can be filtered."""

from boundwise.core.errors import BoundwiseWarning


class NoGeneratorWarning(BoundwiseWarning):
    """No polynomial vanishes: the transformed data have no columns."""


class PrecisionWarning(BoundwiseWarning):
    """A decision lies below the resolution of double precision."""
