"""Training data: labelled problems, drawn in parallel and stored chunk by chunk.

Problem i of seed s depends on (s, i) alone, so the data do not depend on the number of
processes, and generation that was stopped goes on with the first chunk that is missing.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundwise.core.arguments import as_count
from boundwise.core.errors import InputError
from boundwise.core.files import atomic_write, write_json
from boundwise.solvers.robust.learned.distributions import (
    Distribution,
    Labelled,
    label,
)
from boundwise.solvers.robust.learned.progress import progress_bar

Singles = NDArray[np.float32]

#: Problems in one file.
CHUNK = 50
_NAMES = ("decision", "decisions", "elements", "labels")


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Labelled problems, padded with zeros to the largest one.

    Parameters
    ----------
    decision
        Features of the decision elements, shape (problems, n, F).
    decisions
        Shape (problems, a, n).
    elements
        Features of the scenario elements, shape (problems, b, m, G).
    labels
        Relative values, shape (problems, a, b); nan where there is none.
    sizes
        Numbers n and m of elements, shape (problems, 2).
    """

    decision: Singles
    decisions: Singles
    elements: Singles
    labels: Singles
    sizes: Singles

    def __len__(self) -> int:
        return len(self.labels)

    def part(self, rows: Any) -> "Dataset":
        """Return copies of some of the problems, given by an index array or slice."""
        return Dataset(
            self.decision[rows],
            self.decisions[rows],
            self.elements[rows],
            self.labels[rows],
            self.sizes[rows],
        )

    def split(self, validation_share: float) -> tuple["Dataset", "Dataset"]:
        """Split by problem: the last ones validate, none is in both."""
        count = max(1, round(validation_share * len(self)))
        if count >= len(self):
            raise InputError(
                f"n_instances must leave some for training, got {len(self)} with "
                f"{count} for validation."
            )
        cut = len(self) - count
        return self.part(slice(0, cut)), self.part(slice(cut, None))


def generate(
    distribution: Distribution,
    n_instances: int,
    *,
    n_decisions: int = 8,
    n_scenarios: int = 16,
    seed: int = 0,
    n_jobs: int = 1,
    folder: str | os.PathLike[str] | None = None,
    progress: bool = False,
) -> Dataset:
    """Draw and label problems.

    Parameters
    ----------
    distribution
        What to draw from.
    n_instances
        Number of problems.
    n_decisions, n_scenarios
        Decisions and scenarios of each; all pairs are labelled.
    seed
        Seed of the data.
    n_jobs
        Processes.
    folder
        Where chunks are stored and looked for; nowhere if None.
    progress
        Show a progress bar.

    Returns
    -------
    Dataset
        The problems.

    Raises
    ------
    InputError
        If a number is not positive, or ``folder`` holds data of other settings or
        cannot be written.
    """
    n_instances = as_count("n_instances", n_instances)
    n_jobs = as_count("n_jobs", n_jobs)
    counts = (
        as_count("n_decisions", n_decisions),
        as_count("n_scenarios", n_scenarios),
    )
    home = None if folder is None else Path(folder)
    if home is not None:
        _claim(home, distribution, counts, seed)
    starts = range(0, n_instances, CHUNK)
    tasks = [
        (distribution, range(at, min(at + CHUNK, n_instances)), counts, seed, home)
        for at in starts
    ]
    return _joined([part for part in _run(tasks, n_jobs, progress) if len(part)])


def _run(tasks: list[Any], n_jobs: int, progress: bool) -> list[Dataset]:
    with progress_bar(len(tasks), "labels", "chunk", shown=progress) as bar:
        results = []
        if n_jobs == 1:
            for task in tasks:
                results.append(_chunk(*task))
                bar.update()
            return results
        from joblib import Parallel, delayed

        answers = Parallel(n_jobs=n_jobs, return_as="generator")(
            delayed(_chunk)(*task) for task in tasks
        )
        for answer in answers:
            results.append(answer)
            bar.update()
        return results


def _chunk(
    distribution: Distribution,
    indices: range,
    counts: tuple[int, int],
    seed: int,
    home: Path | None,
) -> Dataset:
    path = None if home is None else home / f"chunk-{indices.start:06d}.npz"
    if path is not None:
        stored = _load(path)
        if stored is not None and len(stored) == len(indices):
            return stored
    drawn = []
    for index in indices:
        rng = np.random.default_rng([seed, index])
        drawn.append(
            label(distribution, rng, n_decisions=counts[0], n_scenarios=counts[1])
        )
    data = _joined([_single(item) for item in drawn])
    if path is not None:
        with atomic_write(path, "wb") as stream:
            np.savez_compressed(
                stream,
                sizes=data.sizes,
                **{name: getattr(data, name) for name in _NAMES},
            )
    return data


def _load(path: Path) -> Dataset | None:
    """Return a stored chunk; None if it is missing or damaged."""
    if not path.exists():
        return None
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            return Dataset(
                **{name: archive[name] for name in _NAMES}, sizes=archive["sizes"]
            )
    except Exception:
        return None  # truncated: it is drawn anew


def _claim(
    home: Path, distribution: Distribution, counts: tuple[int, int], seed: int
) -> None:
    """Mark a folder as that of these data, or check that it is."""
    wanted = {
        "problem_class": distribution.problem_class,
        "distribution": type(distribution).__name__,
        "n_decisions": counts[0],
        "n_scenarios": counts[1],
        "seed": seed,
        "chunk": CHUNK,
    }
    mark = home / "data.json"
    try:
        home.mkdir(parents=True, exist_ok=True)
        found = json.loads(mark.read_text()) if mark.exists() else None
    except (OSError, ValueError) as error:
        raise InputError(
            f"folder {str(home)!r} cannot hold training data: {error}."
        ) from error
    if found is None:
        write_json(mark, wanted)
    elif found != wanted:
        raise InputError(
            f"folder {str(home)!r} holds other training data ({found}); "
            "use another one."
        )


def _single(item: Labelled) -> Dataset:
    sizes = [[item.inputs.n, item.elements.shape[1]]]
    return Dataset(
        np.asarray(item.inputs.decision, dtype=np.float32)[None],
        np.asarray(item.decisions, dtype=np.float32)[None],
        np.asarray(item.elements, dtype=np.float32)[None],
        np.asarray(item.labels, dtype=np.float32)[None],
        np.asarray(sizes, dtype=np.float32),
    )


def _joined(parts: list[Dataset]) -> Dataset:
    arrays = {}
    for name in _NAMES:
        pieces = [getattr(part, name) for part in parts]
        largest = np.max([piece.shape[1:] for piece in pieces], axis=0)
        arrays[name] = np.concatenate(
            [
                np.pad(
                    piece,
                    [(0, 0)]
                    + [
                        (0, int(most) - have)
                        for most, have in zip(largest, piece.shape[1:], strict=True)
                    ],
                )
                for piece in pieces
            ]
        )
    return Dataset(**arrays, sizes=np.concatenate([part.sizes for part in parts]))
