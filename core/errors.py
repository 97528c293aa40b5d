"""Errors and warnings of boundwise: one base class, one subclass for each cause.

Every error names the argument and the value that caused it.
"""


class BoundwiseError(Exception):
    """Base class of every error that boundwise raises on purpose."""


class InputError(BoundwiseError, ValueError):
    """Reject an argument or a file: wrong shape, type, value, syntax or name."""


class StageError(BoundwiseError, RuntimeError):
    """Reject a call that comes at the wrong time, such as before ``fit``."""


class SolverError(BoundwiseError, RuntimeError):
    """Report that an underlying solver failed in a way it should not."""


class NotAvailableError(BoundwiseError, ImportError):
    """Report that an optional dependency, a file or the network is missing."""


class BoundwiseWarning(UserWarning):
    """Base class of every warning that boundwise issues."""
