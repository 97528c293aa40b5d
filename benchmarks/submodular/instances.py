"""Instances as files of a campaign, and the check of what a run left."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from boundwise.benchmarks.submodular.play import checkpoints
from boundwise.benchmarks.submodular.specification import Problem, file_name, make
from boundwise.core.errors import InputError
from boundwise.core.files import atomic_write
from boundwise.instances.generators.adversary import Adversary
from boundwise.instances.generators.streams import Stream
from boundwise.instances.solutions import read_solution
from boundwise.solvers.submodular.objectives import (
    Coverage,
    FacilityLocation,
    LogDeterminant,
    Objective,
)
from boundwise.solvers.submodular.static import maximize

Ints = NDArray[np.int64]


def objective_of(problem: Problem) -> Objective:
    """Return the function of an instance."""
    if problem.objective == "coverage":
        return Coverage(problem.data)
    if problem.objective == "facility_location":
        return FacilityLocation(problem.data)
    assert isinstance(problem.data, np.ndarray)
    return LogDeterminant(problem.data)


def write(specification: str, folder: Path) -> Path:
    """Write the instance that a specification names, once; return the file."""
    path = folder / f"{file_name(specification)}.npz"
    if path.is_file():
        return path
    problem = make(specification)
    folder.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, NDArray[Any]] = {
        "name": np.array(problem.name),
        "objective": np.array(problem.objective),
        "numbers": np.array([problem.k, problem.length, problem.seed]),
        "eps": np.array(problem.eps),
    }
    if isinstance(problem.data, np.ndarray):
        arrays["kernel"] = problem.data
    else:
        arrays["indptr"] = problem.data.indptr
        arrays["indices"] = problem.data.indices
        arrays["shape"] = np.array(problem.data.shape)
    if problem.stream is not None:
        arrays["elements"] = problem.stream.elements
        arrays["is_insertion"] = problem.stream.is_insertion
    with atomic_write(path, "wb") as stream:
        np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]
    return path


def read(path: Path) -> Problem:
    """Read an instance.

    Raises
    ------
    InputError
        If the file is not one.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            content = {name: archive[name] for name in archive.files}
        data = content.get("kernel")
        if data is None:
            indices, indptr = content["indices"], content["indptr"]
            data = csr_array(
                (np.ones(len(indices)), indices, indptr), shape=tuple(content["shape"])
            )
        k, length, seed = content["numbers"].tolist()
        name = str(content["name"])
        stream = None
        if "elements" in content:
            stream = Stream(
                name, data.shape[0], content["elements"], content["is_insertion"]
            )
        return Problem(
            name=name,
            objective=str(content["objective"]),
            data=data,
            k=k,
            eps=float(content["eps"]),
            stream=stream,
            length=length,
            seed=seed,
        )
    except (OSError, KeyError, ValueError, EOFError, BadZipFile) as error:
        raise InputError(f"{str(path)!r} is not an instance: {error}.") from error


def set_names(sets: Mapping[int, list[int]], deleted: list[int]) -> dict[str, float]:
    """List sets as a solution: ``c3:17`` for element 17 at checkpoint 3.

    ``d4:17`` is the element that an adversary deleted as its fifth.
    """
    names = {f"c{c}:{e}": 1.0 for c, chosen in sets.items() for e in chosen}
    return names | {f"d{i}:{e}": 1.0 for i, e in enumerate(deleted)}


def mean_ratio(problem: Problem, path: Path) -> float:
    """Return the mean ratio to lazy greedy of the sets that a file lists.

    Raises
    ------
    InputError
        If a set is too large or holds an element that is not alive.
    """
    sets: dict[int, list[int]] = {}
    deleted: dict[int, int] = {}
    for name in read_solution(path).values:
        place, _, element = name.partition(":")
        try:
            number, chosen = int(place[1:]), int(element)
        except ValueError as error:
            raise InputError(f"{name!r} is no element at a checkpoint.") from error
        if place[0] == "d":
            deleted[number] = chosen
        else:
            sets.setdefault(number, []).append(chosen)
    stream = problem.stream or _replayed(problem, deleted)
    objective = objective_of(problem)
    ratios = []
    for number, count in enumerate(checkpoints(len(stream))):
        if number > max(sets, default=-1):
            break
        found = sets.get(number, [])
        alive = stream.alive_after(count)
        if len(found) > problem.k or not np.isin(found, alive).all():
            raise InputError(
                f"the set at checkpoint {number} must hold at most {problem.k} alive "
                "elements."
            )
        best = maximize(objective, problem.k, elements=alive, certify=False).value
        if best > 0.0:
            ratios.append(objective.value(np.array(found, dtype=np.int64)) / best)
    return float(np.mean(ratios)) if ratios else 0.0


def _replayed(problem: Problem, deleted: Mapping[int, int]) -> Stream:
    """Return the stream that an adversary made, from what it deleted."""
    order = iter([deleted[i] for i in sorted(deleted)])
    game = Adversary(
        problem.n,
        problem.length,
        lambda solution, rng: next(order, -1),
        seed=problem.seed,
    )
    left = [len(deleted)]
    updates = []
    for word, element in game.play(lambda: [0] if left[0] else []):
        updates.append((word == "insert", element))
        left[0] -= word == "delete"
    words, elements = zip(*updates, strict=True)
    return Stream(problem.name, problem.n, np.array(elements), np.array(words))
