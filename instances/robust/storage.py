"""One robust instance as one ``.npz`` file: its kind, its numbers, its arrays."""

import dataclasses
import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zipfile import BadZipFile

import numpy as np

from boundwise.core.errors import InputError
from boundwise.core.files import atomic_write
from boundwise.instances.robust.budgeting import BudgetingInstance, Loans
from boundwise.instances.robust.knapsack import KnapsackInstance
from boundwise.instances.robust.location import LocationInstance

RobustInstance = BudgetingInstance | KnapsackInstance | LocationInstance

_KINDS: Mapping[str, type[RobustInstance]] = MappingProxyType(
    {
        "budgeting": BudgetingInstance,
        "knapsack": KnapsackInstance,
        "location": LocationInstance,
    }
)


def write_robust(instance: RobustInstance, path: str | os.PathLike[str]) -> None:
    """Write an instance.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    kind = next(name for name, cls in _KINDS.items() if isinstance(instance, cls))
    numbers: dict[str, Any] = {"kind": kind}
    arrays: dict[str, Any] = {}
    for field in dataclasses.fields(instance):
        value = getattr(instance, field.name)
        if isinstance(value, np.ndarray):
            arrays[field.name] = value
        elif isinstance(value, Loans):
            numbers[field.name] = dataclasses.asdict(value)
        else:
            numbers[field.name] = value
    text = json.dumps(numbers, allow_nan=False).encode()
    with atomic_write(path, "wb") as stream:
        np.savez_compressed(stream, json=np.frombuffer(text, np.uint8), **arrays)


def read_robust(path: str | os.PathLike[str]) -> RobustInstance:
    """Read an instance that `write_robust` wrote.

    Raises
    ------
    InputError
        If the file is missing, damaged or no such instance.
    """
    try:
        with (
            Path(path).open("rb") as stream,
            np.load(stream, allow_pickle=False) as archive,
        ):
            fields: dict[str, Any] = json.loads(archive["json"].tobytes())
            fields |= {name: archive[name] for name in archive if name != "json"}
        kind = fields.pop("kind")
        if fields.get("loans") is not None:
            fields["loans"] = Loans(**fields["loans"])
        return _KINDS[kind](**fields)
    except (OSError, BadZipFile, KeyError, TypeError, ValueError, EOFError) as error:
        raise InputError(f"{path!r} is not a robust instance: {error}.") from error
