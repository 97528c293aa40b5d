"""Read a campaign from a TOML file; every complaint names the line.

Example::

    name = "nightly"
    instances = ["small-hard", "flugpl", "models/*.mps.gz"]
    time_limit = 60
    seeds = [0, 1, 2]

    [solvers.scip]

    [solvers.scip-aggressive]
    adapter = "scip"
    settings = { "limits/restarts" = 0 }
    set_file = "aggressive.set"

Relative paths start from the folder of the file.
"""

import difflib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from boundwise.benchmarks.campaign import Campaign, SolverChoice
from boundwise.benchmarks.job import RunLimits
from boundwise.benchmarks.solvers.base import SET_FILE_TEXT
from boundwise.core.arguments import as_count
from boundwise.core.errors import InputError

_NUMBER: tuple[type, ...] = (int, float)
_LIMIT_KEYS: dict[str, tuple[type, ...]] = {
    "time_limit": _NUMBER,
    "clock": (str,),
    "memory_limit": _NUMBER,
    "threads": (int,),
    "gap": _NUMBER,
    "interrupt_grace": _NUMBER,
    "kill_grace": _NUMBER,
}
_KEYS: dict[str, tuple[type, ...]] = {
    "name": (str,),
    "suite": (str,),
    "instances": (list,),
    "solvers": (dict,),
    "seeds": (list,),
    "permutations": (int,),
    "jobs": (int,),
    "pin": (bool,),
    **_LIMIT_KEYS,
}
_SOLVER_KEYS: dict[str, tuple[type, ...]] = {
    "adapter": (str,),
    "settings": (dict,),
    "set_file": (str,),
    "command": (str,),
}


class _File:
    """The text of a file, to find the line of a key again."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self._lines = text.splitlines()

    def error(self, message: str, key: str = "", table: str = "") -> InputError:
        line = self._find(key, table)
        return InputError(f"{self.path}, line {line}: {message}")

    def _find(self, key: str, table: str) -> int:
        current = ""
        pattern = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*[.=]""")
        fallback = 1
        for number, line in enumerate(self._lines, start=1):
            header = re.match(r"\s*\[\s*([^\]]+?)\s*\]", line)
            if header:
                current = re.sub(r"[\"'\s]", "", header[1])
                if current == table or (not table and current.startswith(key)):
                    fallback = number
            elif current == table and key and pattern.match(line):
                return number
        return fallback


def read_campaign(path: Path) -> Campaign:
    """Read and validate a campaign file.

    Parameters
    ----------
    path
        TOML file. Relative paths in it start from its folder.

    Raises
    ------
    InputError
        If the file cannot be read, or something in it is wrong; the message names
        the file and the line.
    """
    try:
        text = path.read_bytes().decode("utf-8")
        document = tomllib.loads(text)
    except OSError as error:
        raise InputError(f"cannot read {str(path)!r}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path} is not valid TOML: {error}.") from error
    file = _File(path, text)
    _check_keys(file, document, _KEYS, "")
    for name in ("instances", "solvers"):
        if name not in document:
            raise file.error(f"{name} is missing.")
    try:
        return _build(file, document)
    except InputError as error:
        if str(error).startswith(str(path)):
            raise
        key = str(error).partition(" ")[0]
        raise file.error(str(error), key) from error


def _build(file: _File, document: Mapping[str, Any]) -> Campaign:
    limits = {name: document[name] for name in _LIMIT_KEYS if name in document}
    patterns = document["instances"]
    if not all(isinstance(pattern, str) for pattern in patterns):
        raise InputError(f"instances must be strings, got {patterns!r}.")
    folder = file.path.absolute().parent
    return Campaign(
        name=document.get("name", file.path.stem),
        suite=document.get("suite", "mip"),
        instances=tuple(_anchor(pattern, folder) for pattern in patterns),
        solvers=tuple(
            _solver(file, label, table, folder)
            for label, table in document["solvers"].items()
        ),
        limits=RunLimits(**limits),
        seeds=tuple(document.get("seeds", [0])),
        permutations=permutation_seeds(document.get("permutations", 0)),
        jobs=document.get("jobs", 1),
        pin=document.get("pin", False),
    )


def permutation_seeds(count: int) -> tuple[int, ...]:
    """Return the seeds of the original order and ``count`` permutations.

    Examples
    --------
    >>> permutation_seeds(2)
    (0, 1, 2)
    """
    return tuple(range(as_count("permutations", count, least=0) + 1))


def _anchor(pattern: str, folder: Path) -> str:
    """Let relative paths start from the campaign file; leave names alone."""
    if "/" in pattern and not Path(pattern).is_absolute():
        return str(folder / pattern)
    return pattern


def _solver(file: _File, label: str, table: object, folder: Path) -> SolverChoice:
    where = f"solvers.{label}"
    if not isinstance(table, dict):
        raise file.error(f"{where} must be a table.", label, "solvers")
    _check_keys(file, table, _SOLVER_KEYS, where)
    settings = dict(table.get("settings", {}))
    if "set_file" in table:
        source = folder / table["set_file"]
        try:
            settings[SET_FILE_TEXT] = source.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise file.error(
                f"set_file must be a readable file, got {table['set_file']!r}.",
                "set_file",
                where,
            ) from error
    adapter = table.get("adapter", "command" if "command" in table else label)
    if "command" in table:
        settings["command"] = table["command"]
    if adapter.endswith(".py"):
        adapter = str(folder / adapter)
    return SolverChoice(label=label, adapter=adapter, settings=settings)


def _check_keys(
    file: _File,
    table: Mapping[str, Any],
    known: Mapping[str, tuple[type, ...]],
    where: str,
) -> None:
    for key, value in table.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise file.error(f"unknown key {key!r}{hint}", key, where)
        kinds = known[key]
        wrong_bool = isinstance(value, bool) and bool not in kinds
        if wrong_bool or not isinstance(value, kinds):
            names = " or ".join(kind.__name__ for kind in kinds)
            message = f"{key} must be of type {names}, got {value!r}."
            raise file.error(message, key, where)
