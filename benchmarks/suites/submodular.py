"""The submodular suite: streams of updates, the maximizer and its competitors.

An instance is a function and a stream (see
`boundwise.benchmarks.submodular.specification`). A run plays the whole stream; its
solution lists the sets at sixty checkpoints, whose values are computed here anew and
compared with lazy greedy from scratch. The objective is the mean of these ratios.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from boundwise.benchmarks.suites.base import Measure
from boundwise.benchmarks.suites.generated import GeneratedSuite
from boundwise.core.result import Sense

_STREAMS = ("window", "random", "delete", "adversary", "growing")


def _of(source: str, k: int, **options: Any) -> tuple[str, ...]:
    rest = "".join(f",{name}={value}" for name, value in options.items())
    return tuple(f"{source}:stream={stream},k={k}{rest}" for stream in _STREAMS)


_SETS = {
    "smoke": (
        "synth:n=500,stream=window,k=10",
        "synth:n=500,stream=delete,k=10",
        "points:n=120,stream=random,k=5",
        "points:n=120,stream=adversary,k=5,objective=log_det",
    ),
    "snap": (
        *_of("Email-Enron", 50),
        *_of("facebook_combined", 20),
        *_of("ca-GrQc", 50),
        *_of("email-Eu-core", 10),
    ),
    "generated": (
        *_of("synth", 50, n=20_000),
        *_of("ba", 50, n=20_000),
        *_of("points", 20, n=1000),
        *_of("points", 20, n=1000, objective="log_det"),
    ),
    "large": (
        "synth:n=200000,stream=random,length=1000000,k=50",
        "ba:n=200000,stream=window,k=50",
    ),
}

_MEASURES = (
    Measure(name="calls", title="calls / update", mean="shifted_geometric", shift=1.0),
    Measure(
        name="microseconds",
        title="CPU us / update",
        mean="shifted_geometric",
        shift=1.0,
    ),
    Measure(name="mean_ratio", title="mean ratio to lazy greedy", better="higher"),
    Measure(name="worst_ratio", title="worst ratio", better="higher"),
    Measure(name="changes", title="set changes / update"),
    Measure(name="memory", title="memory (MiB)"),
    Measure(name="done", title="share of the stream played", better="higher"),
)


class Suite(GeneratedSuite):
    """Judge runs on streams of updates."""

    name = "submodular"
    title = "Dynamic submodular maximization"
    default_instances = ("smoke",)
    default_solvers = (
        "dynamic-maximizer",
        "lattanzi",
        "sieve-streaming",
        "periodic-greedy",
        "incremental-greedy",
        "random-subset",
    )

    sense: Sense = "maximize"
    figures = _MEASURES

    def expand(self, pattern: str) -> tuple[str, ...]:
        """Return the specifications of a set, or the one given."""
        return _SETS.get(pattern, (pattern,))

    def write(self, name: str, folder: Path) -> Path:
        """Write the stream of a specification."""
        from boundwise.benchmarks.submodular.instances import write

        return write(name, folder)

    def read(self, instance: Path) -> Any:
        """Read a stream."""
        from boundwise.benchmarks.submodular.instances import read

        return read(instance)

    def judge(
        self, data: Any, solution: Path, claim: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Compute the values of the sets anew; each must be alive and small enough."""
        from boundwise.benchmarks.submodular.instances import mean_ratio

        ratio = mean_ratio(data, solution)
        claimed = claim.get("primal")
        agrees = claimed is None or abs(float(claimed) - ratio) <= 1e-6
        return {"verified": agrees, "objective": ratio}
