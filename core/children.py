"""What a child process is started with: pinned thread counts, this very package."""

import os
from pathlib import Path

_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def child_environment(threads: int = 1) -> dict[str, str]:
    """Return the environment for a child that imports the package.

    Parameters
    ----------
    threads
        Threads of the libraries for linear algebra.

    Examples
    --------
    >>> child_environment(2)["OMP_NUM_THREADS"]
    '2'
    """
    import boundwise

    environment = dict(os.environ)
    for name in _THREAD_VARIABLES:
        environment[name] = str(threads)
    # The child must import this very package, wherever it was imported from.
    home = str(Path(boundwise.__file__).absolute().parent.parent)
    others = environment.get("PYTHONPATH")
    environment["PYTHONPATH"] = f"{home}{os.pathsep}{others}" if others else home
    return environment
