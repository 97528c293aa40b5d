"""Optional dependencies: imported where they are used, named when they are missing."""

from importlib import import_module
from typing import Any

from boundwise.core.errors import NotAvailableError


def require(module: str, *, extra: str) -> Any:
    """Import a module that belongs to an extra of the package.

    Parameters
    ----------
    module
        Dotted name of the module.
    extra
        Name of the extra that installs it.

    Returns
    -------
    module
        The imported module.

    Raises
    ------
    NotAvailableError
        If the module is not installed; the message says how to install it.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise NotAvailableError(
            f"{module} is needed here and cannot be imported ({error}); "
            f"install it with: pip install 'boundwise[{extra}]'"
        ) from error
