"""Save and restore the arrays of a maximizer: JSON and arrays, no pickle."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from boundwise.core.errors import InputError
from boundwise.core.files import atomic_write
from boundwise.solvers.submodular.leveled.state import (
    DEAD,
    FAILED,
    FIXED,
    HEAD,
    LARGEST_BUCKET,
    LENGTH,
    LEVEL,
    N_ALIVE,
    N_DEAD,
    NEWEST,
    NEXT,
    PREVIOUS,
    SIZE,
    SOLUTION,
    START,
    SYNCED,
    TIME,
    TOP,
    UPPER_SLOT,
    State,
    with_more_slots,
)
from boundwise.solvers.submodular.objectives.program import Ints
from boundwise.solvers.submodular.parameters import Parameters

_FORMAT = 1
_CHANGING = tuple(name for name in State._fields if name not in FIXED)


def copied(state: State) -> State:
    """Return the state with copies of the arrays that change."""
    return state._replace(**{name: getattr(state, name).copy() for name in _CHANGING})


@dataclass(frozen=True, eq=False)
class Stored:
    """Hold what a file says."""

    parameters: Parameters
    seed: int
    arrays: dict[str, npt.NDArray[Any]]

    def subset_like(self, fresh: Ints) -> Ints:
        """Return which elements take part.

        Raises
        ------
        InputError
            If their number does not fit.
        """
        subset: Ints = _fitting("subset", self.arrays["subset"], fresh)
        return subset

    def state_like(self, fresh: State) -> State:
        """Return the state for the objective of a fresh one.

        Raises
        ------
        InputError
            If it does not fit.
        """
        slots = len(self.arrays["guess"])
        while len(fresh.guess) < slots:
            fresh = with_more_slots(fresh)
        state = fresh._replace(
            **{
                name: _fitting(name, self.arrays[name], getattr(fresh, name))
                for name in _CHANGING
            }
        )
        _check_ranges(state)
        return state


def save(
    path: str | os.PathLike[str],
    parameters: Parameters,
    seed: int,
    subset: Ints,
    state: State,
) -> None:
    """Write a state.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    arrays = {name: getattr(state, name) for name in _CHANGING} | {"subset": subset}
    document = {
        "format": _FORMAT,
        "parameters": asdict(parameters),
        "seed": seed,
        "digest": _digest(arrays),
    }
    text = json.dumps(document, default=float).encode()
    with atomic_write(path, "wb") as stream:
        np.savez_compressed(
            stream,
            json=np.frombuffer(text, dtype=np.uint8),
            **arrays,
        )


def load(path: str | os.PathLike[str]) -> Stored:
    """Read a state.

    Raises
    ------
    InputError
        If the file is missing, damaged or of another kind.
    """
    try:
        # numpy does not close a file of its own that is no archive.
        with (
            Path(path).open("rb") as stream,
            np.load(stream, allow_pickle=False) as archive,
        ):
            document = json.loads(archive["json"].tobytes())
            arrays = {name: np.array(archive[name]) for name in (*_CHANGING, "subset")}
        if document["format"] != _FORMAT:
            raise ValueError(f"format {document['format']!r}")
        if document["digest"] != _digest(arrays):
            raise ValueError("its arrays were changed")
        return Stored(
            Parameters(**document["parameters"]), int(document["seed"]), arrays
        )
    except Exception as error:
        # A damaged archive fails in a dozen ways: zlib, zipfile, numpy, json.
        raise InputError(f"{path!r} is not a saved maximizer: {error}.") from error


def _digest(arrays: dict[str, npt.NDArray[Any]]) -> str:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()


def _fitting(name: str, found: npt.NDArray[Any], fresh: npt.NDArray[Any]) -> Any:
    if found.shape != fresh.shape or found.dtype != fresh.dtype:
        raise InputError(
            f"the file does not fit the objective: {name} has shape {found.shape}, "
            f"not {fresh.shape}."
        )
    return np.ascontiguousarray(found)


def _check_ranges(state: State) -> None:
    """Raise InputError if an index leads outside: compiled code would not notice."""
    n, k, slots = len(state.single), len(state.solution), len(state.guess)
    link, level, guess, now = state.link, state.level, state.guess, state.now
    for name, array, low, high in (
        ("element", state.element, -1, n),
        ("link", link[:, LEVEL], 0, k + 3),
        ("link", link[:, [NEXT, PREVIOUS]], -1, n),
        ("level", level[:, HEAD], -1, n),
        ("level", level[:, START], 0, k + 1),
        ("pick", state.pick, 0, n),
        ("pick", state.pick[:, DEAD], 0, 2),
        ("guess", guess[:, [TOP, SIZE, N_DEAD]], 0, k + 1),
        ("guess", guess[:, SYNCED], -1, now[TIME] + 1),
        ("solution", state.solution, 0, n),
        ("singles_in", state.singles_in, 0, n + 1),
        ("now", now[[NEWEST]], -1, n),
        ("now", now[[N_ALIVE]], 0, n + 1),
        ("now", now[[LENGTH]], 0, k + 1),
        ("now", now[[LARGEST_BUCKET]], -1, len(state.singles_in)),
        ("now", now[[SOLUTION, UPPER_SLOT]], -1, slots),
        ("now", now[[FAILED]], 0, 1),
    ):
        if array.size and not low <= array.min() <= array.max() < high:
            raise InputError(f"the file is damaged: {name} leads outside.")
