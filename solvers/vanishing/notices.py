"""Warnings of this room, each with a name so that it can be filtered."""

import warnings

from boundwise.core.errors import BoundwiseWarning


class NoGeneratorWarning(BoundwiseWarning):
    """No polynomial vanishes: the transformed data have no columns."""


class PrecisionWarning(BoundwiseWarning):
    """A decision lies below the resolution of double precision."""


def warn_refused(count: int) -> None:
    """Warn that terms could neither vanish nor join O."""
    warnings.warn(
        f"{count} term(s) were left out: their residuals cannot be told from rounding "
        "errors.",
        PrecisionWarning,
        stacklevel=2,
    )
