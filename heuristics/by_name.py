"""Parts of a method given by name or as objects, for keyword arguments."""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeVar

from boundwise.core.errors import InputError


class Named(Protocol):
    """Anything with a name."""

    @property
    def name(self) -> str:
        """Name, distinct among those used together."""
        ...


T = TypeVar("T", bound=Named)


def make_named(
    argument: str,
    given: Iterable[str | T],
    known: Mapping[str, Callable[[], T]],
    kind: type,
    needs: str,
) -> tuple[T, ...]:
    """Return the parts that an argument names.

    Parameters
    ----------
    argument
        Name of the argument, for errors.
    given
        Names in ``known``, or objects.
    known
        Makes a part by its name.
    kind
        Protocol that an object must fulfil.
    needs
        What it must have, for errors.

    Raises
    ------
    InputError
        If ``given`` is no sequence, a name is unknown, an object is of another kind,
        two have the same name, or there is none.
    """
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InputError(f"{argument} must be a sequence of names, got {given!r}.")
    made = [_make(argument, part, known, kind, needs) for part in given]
    check_distinct(argument, made)
    return tuple(made)


def check_distinct(argument: str, made: Iterable[Named]) -> None:
    """Raise InputError unless there is one part at least and all names differ."""
    names = [part.name for part in made]
    if not names or len(set(names)) != len(names):
        raise InputError(
            f"{argument} must be at least one, of distinct names, got {names}."
        )


def _make(
    argument: str,
    part: str | T,
    known: Mapping[str, Callable[[], T]],
    kind: type,
    needs: str,
) -> T:
    if isinstance(part, str):
        if part not in known:
            raise InputError(
                f"{argument} must be among {', '.join(known)}, got {part!r}."
            )
        return known[part]()
    if isinstance(part, kind) and not isinstance(part, type):
        return part
    raise InputError(
        f"each of {argument} must be a name or have {needs}, got {type(part).__name__}."
    )
