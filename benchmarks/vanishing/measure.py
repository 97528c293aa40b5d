"""Measure fits against the yardstick in one process, in CPU time, interleaved."""

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from boundwise.benchmarks.vanishing.plain import PlainIdeal, plain_oavi
from boundwise.solvers.vanishing.estimator import OAVI
from boundwise.solvers.vanishing.fitting import Task, fit_ideals
from boundwise.solvers.vanishing.ideal import Ideal
from boundwise.solvers.vanishing.local import LocalGram
from boundwise.solvers.vanishing.rows import ArrayRows
from boundwise.solvers.vanishing.scaling import Scaling
from boundwise.solvers.vanishing.settings import Settings

Floats = npt.NDArray[np.float64]

#: Rows on which values of the two methods are compared.
_COMPARED_ROWS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Hold one line of the table.

    Parameters
    ----------
    rows, features, psi
        The data.
    terms, generators, degree
        What was found.
    same_terms
        Whether both methods found the same ordered terms and leading terms.
    value_error
        Largest difference of a generator's value.
    core, estimator, plain
        Median CPU seconds: the fit on scaled data, ``OAVI.fit`` (which validates and
        scales as well), the yardstick on scaled data.
    wall_core, wall_plain
        Median wall seconds.
    """

    rows: int
    features: int
    psi: float
    terms: int
    generators: int
    degree: int
    same_terms: bool
    value_error: float
    core: float
    estimator: float
    plain: float
    wall_core: float
    wall_plain: float

    @property
    def factor(self) -> float:
        """How many times the yardstick's CPU time the core's is."""
        return self.plain / self.core

    def to_dict(self) -> dict[str, Any]:
        """Return the fields and the factor."""
        return asdict(self) | {"factor": self.factor}


def core_fit(X: Floats, psi: float, oracle: str = "ihb", n_threads: int = 1) -> Ideal:
    """Fit to data that are scaled already, without an estimator around it."""
    settings = Settings(
        psi=psi,
        tau=None,
        max_degree=10,
        oracle=oracle,
        factorization="cholesky",
        term_order="deglex",
        chunk_size=None,
    )
    source = LocalGram(
        ArrayRows(X, n_threads), Scaling.identity(X.shape[1]), n_threads=n_threads
    )
    [ideal] = fit_ideals(settings, [Task(psi)], [source])
    return ideal


def compare(X: Floats, psi: float, repeats: int = 5) -> Comparison:
    """Fit by both methods, several times in turn."""
    ideal = core_fit(X, psi)
    capacity = len(ideal.powers) + 1
    yardstick = plain_oavi(X, psi, capacity)
    model = OAVI(psi)
    times = interleaved(
        [
            lambda: core_fit(X, psi),
            lambda: model.fit(X),
            lambda: plain_oavi(X, psi, capacity),
        ],
        repeats,
    )
    cpu, wall = zip(*times, strict=True)
    return Comparison(
        rows=X.shape[0],
        features=X.shape[1],
        psi=psi,
        terms=len(ideal.powers),
        generators=ideal.n_generators,
        degree=ideal.degree,
        same_terms=_same_terms(ideal, yardstick),
        value_error=_value_error(ideal, yardstick, X[:_COMPARED_ROWS]),
        core=cpu[0],
        estimator=cpu[1],
        plain=cpu[2],
        wall_core=wall[0],
        wall_plain=wall[2],
    )


def interleaved(
    actions: list[Callable[[], object]], repeats: int
) -> list[tuple[float, float]]:
    """Run actions in turn; return the median CPU and wall seconds of each.

    Short actions are run several times per turn, so that a turn takes at least a
    few milliseconds.
    """
    counts = []
    for action in actions:
        start = time.perf_counter()
        action()
        counts.append(max(1, int(0.005 / max(time.perf_counter() - start, 1e-6))))
    samples: list[list[tuple[float, float]]] = [[] for _ in actions]
    for _ in range(repeats):
        for action, count, sample in zip(actions, counts, samples, strict=True):
            cpu, wall = time.process_time(), time.perf_counter()
            for _ in range(count):
                action()
            sample.append(
                (
                    (time.process_time() - cpu) / count,
                    (time.perf_counter() - wall) / count,
                )
            )
    return [
        (
            statistics.median(cpu for cpu, _ in sample),
            statistics.median(wall for _, wall in sample),
        )
        for sample in samples
    ]


def _same_terms(ideal: Ideal, yardstick: PlainIdeal) -> bool:
    return (
        list(map(tuple, ideal.powers.tolist())) == yardstick.terms
        and list(map(tuple, ideal.leading_powers.tolist())) == yardstick.leading
    )


def _value_error(ideal: Ideal, yardstick: PlainIdeal, X: Floats) -> float:
    out = np.empty((len(X), ideal.n_generators))
    ideal.values(X, Scaling.identity(X.shape[1]), out, absolute=False)
    want = yardstick.values(X)
    if out.shape != want.shape:
        return float("nan")
    return float(np.abs(out - want).max(initial=0.0))
