"""Find an adapter by name: a file of this folder, or a file of the user's.

Only names are handled here; nothing is imported until the child calls `load`.
"""

import difflib
import importlib.util
import pkgutil
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import boundwise.benchmarks.solvers as home
from boundwise.benchmarks.solvers.base import Adapter
from boundwise.core.errors import InputError

_NOT_SOLVERS = {"base", "registry"}


def available_adapters() -> tuple[str, ...]:
    """Return the names of the adapters that come with the package."""
    names = (module.name for module in pkgutil.iter_modules(home.__path__))
    return tuple(
        sorted(name.replace("_", "-") for name in names if name not in _NOT_SOLVERS)
    )


def resolve(name: str, folder: Path) -> str:
    """Return a name or an absolute file path under which the child finds an adapter.

    Parameters
    ----------
    name
        Built-in name, or path of a Python file with a class ``Adapter``.
    folder
        Folder that relative paths start from.

    Raises
    ------
    InputError
        If there is no such adapter; near names are suggested.
    """
    if name.endswith(".py"):
        path = (folder / name).resolve()
        if not path.is_file():
            raise InputError(f"adapter must be an existing file, got {name!r}.")
        return str(path)
    known = available_adapters()
    if name.replace("_", "-") in known:
        return name.replace("_", "-")
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise InputError(
        f"solver must be one of {', '.join(known)} or a .py file, got {name!r}{hint}"
    )


def load(name: str) -> Adapter:
    """Import an adapter (in the child process) and make one.

    Raises
    ------
    InputError
        If the file has no class ``Adapter``.
    """
    if name.endswith(".py"):
        module = _load_file(Path(name))
    else:
        module = import_module(f"{home.__name__}.{name.replace('-', '_')}")
    try:
        adapter: Adapter = module.Adapter()
    except AttributeError as error:
        raise InputError(f"{name!r} has no class called Adapter: {error}.") from error
    return adapter


def _load_file(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"adapter_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise InputError(f"adapter must be a Python file, got {str(path)!r}.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
