"""Hold the garbage collector while very many objects are made that all stay.

A million names, variables or small lists make it run again and again over all of them
for seconds, and find nothing.
"""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def without_collector() -> Iterator[None]:
    """Suspend the collector of cycles, and leave it as it was.

    Examples
    --------
    >>> import gc
    >>> with without_collector():
    ...     gc.isenabled()
    False
    >>> gc.isenabled()
    True
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
