"""Calls written as text: ``family:name=value,name=value``."""

import inspect
from collections.abc import Callable, Mapping
from typing import TypeVar

from boundwise.core.errors import InputError

Made = TypeVar("Made")


def call(spec: str, families: Mapping[str, Callable[..., Made]]) -> Made:
    """Call the function that a text names.

    Parameters
    ----------
    spec
        ``family`` or ``family:name=value,name=value``; what is not given has the
        default of the family's function, which also tells the type.
    families
        Family name -> function, every parameter of which has a default.

    Returns
    -------
    object
        What the function returns.

    Raises
    ------
    InputError
        If the family, a name or a value is wrong.
    """
    family, _, rest = spec.partition(":")
    if family not in families:
        known_families = ", ".join(families)
        raise InputError(f"spec must begin with one of {known_families}; got {spec!r}.")
    function = families[family]
    known = inspect.signature(function).parameters
    arguments: dict[str, int | float | str] = {}
    for part in filter(None, rest.split(",")):
        name, equals, text = part.partition("=")
        name = name.strip()
        if not equals or name not in known:
            raise InputError(
                f"{family} has the parameters {', '.join(known)}: got {part!r}."
            )
        if name in arguments:
            raise InputError(f"{name} is given twice in {spec!r}.")
        arguments[name] = _value(name, text.strip(), known[name].default)
    return function(**arguments)


def _value(name: str, text: str, default: object) -> int | float | str:
    """Convert a text to the type of the parameter's default."""
    if isinstance(default, str):
        return text
    kind = float if isinstance(default, float) else int
    try:
        return kind(text)
    except ValueError:
        raise InputError(f"{name} must be a number, got {text!r}.") from None
