"""Instances by set, name, file or glob, and what is known of them.

    smoke                 small generated instances, no file needed
    small-hard            15 MIPLIB instances that take solvers minutes, for tuning
    small-hard-aside      15 others, for a check only
    small-hard-aside-2    10 more, for a check after one rule had been changed with a
                          look at the results of the 15
    in-tree               54 that SCIP solves in seconds to minutes, for times and nodes
    miplib2017-benchmark  the 240 instances of the benchmark set v2
    series                the related instances in ``BOUNDWISE_SERIES``

A generator's specification such as ``set_cover:rows=50,cols=100,seed=0..4`` stands for
instances of that family. Anything else is a MIPLIB name (also with ``*`` and ``?``), or
a path or glob of files.
"""

import difflib
import fnmatch
import functools
import glob
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from boundwise.benchmarks.status import NOTHING_KNOWN
from boundwise.benchmarks.suites.base import InstanceFile
from boundwise.core.errors import InputError
from boundwise.instances.library import ENVIRONMENT, find_local, folders
from boundwise.instances.reference import Reference, benchmark_set, read_solu

#: Not solved within about a minute by SCIP or HiGHS; heuristics may be tuned on them.
SMALL_HARD = (
    "50v-10",
    "b1c1s1",
    "bg512142",
    "chromaticindex1024-7",
    "fast0507",
    "fastxgemm-n2r6s0t2",
    "graph20-80-1rand",
    "markshare_4_0",
    "neos-3754480-nidda",
    "neos-4300652-rahue",
    "ns1116954",
    "proteindesign121hz512p9",
    "sct1",
    "swath",
    "timtab1",
)
#: As hard, and set aside for the final check: nothing may be tuned on them.
SMALL_HARD_ASIDE = (
    "app1-2",
    "brazil3",
    "cbs-cta",
    "dano3_5",
    "dano3mip",
    "gen-ip002",
    "mad",
    "mas74",
    "momentum1",
    "neos-662469",
    "pg5_34",
    "qap10",
    "rmatr100-p10",
    "seymour",
    "supportcase26",
)
#: What is left of them: not even looked at while anything was changed.
SMALL_HARD_ASIDE_2 = (
    "allcolor58",
    "assign1-5-8",
    "cost266-UUE",
    "gen-ip054",
    "graphdraw-domain",
    "markshare2",
    "neos-3209462-rhin",
    "ns1952667",
    "rmine11",
    "wachplan",
)

#: For times and nodes of SCIP with attached heuristics: MIPLIB instances and generated
#: ones that SCIP is expected to need 10 s to 300 s for. No rule is tuned on them; the
#: default budget was lowered, and restarts were limited, after a look at a run of them.
IN_TREE = (
    "10teams",
    "ab71-20-100",
    "air04",
    "air05",
    "arki001",
    "cov1075",
    "dfn-gwin-UUM",
    "eil33-2",
    "fiball",
    "harp2",
    "irp",
    "mzzv11",
    "n2seq36q",
    "n4-3",
    "neos-1109824",
    "neos-1122047",
    "neos-3381206-awhea",
    "neos-5140963-mincio",
    "neos16",
    "neos2",
    "neos5",
    "noswot",
    "nw04",
    "piperout-27",
    "pk1",
    "rmatr100-p5",
    "stein45",
    *(
        f"capacitated_facility_location:customers=100,facilities=100,seed={seed}"
        for seed in (11, 12, 13, 15)
    ),
    *(f"combinatorial_auction:items=200,bids=1000,seed={seed}" for seed in (11, 12)),
    *(
        f"combinatorial_auction:items=300,bids=1500,seed={seed}"
        for seed in range(11, 19)
    ),
    *(f"generalized_independent_set:nodes=60,seed={seed}" for seed in (11, 12)),
    *(
        f"maximum_independent_set:nodes=500,affinity=4,seed={seed}"
        for seed in range(11, 17)
    ),
    *(f"lot_sizing:products=6,periods=20,seed={seed}" for seed in (11, 12)),
    *(f"set_cover:rows=1000,cols=1000,seed={seed}" for seed in (11, 12, 13)),
)

#: Solved in about a second each, from every family of generators.
SMOKE = (
    "capacitated_facility_location:customers=8,facilities=4,seed=0",
    "combinatorial_auction:items=20,bids=40,seed=0",
    "generalized_independent_set:nodes=14,seed=0",
    "lot_sizing:products=2,periods=6,seed=0",
    "maximum_independent_set:nodes=30,seed=0",
    "minimum_vertex_cover:nodes=30,seed=0",
    "multiple_knapsack:items=12,knapsacks=2,seed=0",
    "set_cover:rows=30,cols=60,seed=0",
    "set_cover:rows=30,cols=60,seed=1",
    "combinatorial_auction:items=20,bids=40,seed=1",
)
_BY_NAME = {
    "small-hard": SMALL_HARD,
    "small-hard-aside": SMALL_HARD_ASIDE,
    "small-hard-aside-2": SMALL_HARD_ASIDE_2,
    "in-tree": IN_TREE,
}
SETS = ("smoke", *_BY_NAME, "miplib2017-benchmark", "series")
_SERIES_VARIABLE = "BOUNDWISE_SERIES"
_SUFFIXES = (".gz", ".mps", ".lp", ".cip")


def collect(patterns: Sequence[str], folder: Path) -> tuple[InstanceFile, ...]:
    """Return the instances that patterns stand for, each once, in order.

    Parameters
    ----------
    patterns
        Sets, names, files or globs.
    folder
        Campaign folder; generated instances are written to ``instances`` in it.

    Raises
    ------
    InputError
        If a pattern stands for nothing, or two files share a name.
    """
    found: dict[str, InstanceFile] = {}
    for pattern in patterns:
        for file in _expand(pattern, folder):
            former = found.setdefault(file.name, file)
            if former.path != file.path:
                raise InputError(
                    f"instances must have distinct names, got {former.path} and "
                    f"{file.path}."
                )
    return tuple(found.values())


def instance_name(path: Path) -> str:
    """Return the name of an instance file: its name without suffixes.

    Examples
    --------
    >>> instance_name(Path("models/neos5.mps.gz"))
    'neos5'
    """
    name = path.name
    for suffix in _SUFFIXES:
        if name.lower().endswith(suffix):
            name = name[: -len(suffix)]
    return name


def members(name: str) -> tuple[str, ...]:
    """Return the instances of a set that is a list of names.

    Raises
    ------
    InputError
        If there is no such set.
    """
    if name not in _BY_NAME:
        raise InputError(f"set must be one of {', '.join(_BY_NAME)}, got {name!r}.")
    return tuple(_name_of(entry) for entry in _BY_NAME[name])


def _expand(pattern: str, folder: Path) -> Iterable[InstanceFile]:
    if pattern in SETS:
        return _set(pattern, folder)
    if _is_specification(pattern):
        return [_generated(spec, folder) for spec in _seeds(pattern)]
    if "/" in pattern or pattern.lower().endswith(_SUFFIXES):
        return _files(pattern)
    if any(mark in pattern for mark in "*?["):
        names = [name for name in _names() if fnmatch.fnmatchcase(name, pattern)]
        if not names:
            raise InputError(f"no instance at hand matches {pattern!r}.")
        return _named(names)
    if pattern not in known_names() and pattern not in _names():
        near = difflib.get_close_matches(pattern, [*SETS, *known_names()], n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise InputError(
            f"instance {pattern!r} is neither known nor in a folder of {ENVIRONMENT}."
            + hint
        )
    return _named([pattern])


def _files(pattern: str) -> list[InstanceFile]:
    if any(mark in pattern for mark in "*?["):
        paths = [Path(name) for name in _glob(pattern)]
        if not paths:
            raise InputError(f"no file matches {pattern!r}.")
    else:
        # A file that is not there becomes a run with the status "missing".
        paths = [Path(pattern)]
    return [InstanceFile(instance_name(path), path) for path in paths]


def _glob(pattern: str) -> list[str]:
    # pathlib's glob takes no absolute patterns.
    return sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207


def _named(names: Iterable[str]) -> list[InstanceFile]:
    return [InstanceFile(name, find_local(name)) for name in names]


def _names() -> list[str]:
    """Return the names of all instances in the user's folders."""
    found = {
        instance_name(path)
        for folder in folders()
        for inner in (folder, folder / "instances")
        for path in inner.glob("*.mps*")
    }
    return sorted(found)


def known_names() -> list[str]:
    """Return the names of instances of which something is known, at hand or not."""
    return sorted({*benchmark_set(), *_solutions()})


def reference_of(instance: str) -> Reference:
    """Return what is known of an instance: ``*.solu`` files first, then our table.

    Parameters
    ----------
    instance
        Its name.
    """
    reference = _solutions().get(instance)
    if reference is None and instance in benchmark_set():
        reference = benchmark_set()[instance].reference
    return reference or NOTHING_KNOWN


def _solutions() -> dict[str, Reference]:
    found: dict[str, Reference] = {}
    for folder in folders():
        for path in sorted(folder.glob("*.solu")):
            found.update(_read_solu(path))
    return found


@functools.cache
def _read_solu(path: Path) -> dict[str, Reference]:
    return read_solu(path)


def _series() -> list[InstanceFile]:
    folder = os.environ.get(_SERIES_VARIABLE)
    if not folder:
        raise InputError(f"the set series needs the folder in {_SERIES_VARIABLE}.")
    return _files(f"{folder}/*.mps*")


def _set(name: str, folder: Path) -> list[InstanceFile]:
    if name == "series":
        return _series()
    entries = SMOKE if name == "smoke" else _BY_NAME.get(name)
    return [
        file
        for entry in entries or sorted(benchmark_set())
        for file in (
            [_generated(entry, folder)] if _is_specification(entry) else _named([entry])
        )
    ]


def _is_specification(entry: str) -> bool:
    return ":" in entry and "/" not in entry


def _name_of(entry: str) -> str:
    """Return the name of an instance that is a name or a specification."""
    return re.sub(r"[^\w.=+-]+", "-", entry)


def _generated(spec: str, folder: Path) -> InstanceFile:
    """Write a generated instance below the campaign's folder, once."""
    name = _name_of(spec)
    path = folder / "instances" / f"{name}.mps"
    if not path.exists():
        from boundwise.instances.generators.registry import generate
        from boundwise.instances.mps.writer import write_mps

        instance = generate(spec)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_mps(instance, path)
    return InstanceFile(name, path)


def _seeds(spec: str) -> list[str]:
    """Return a specification for each seed of a range ``seed=0..4``."""
    match = re.search(r"seed=(\d+)\.\.(\d+)", spec)
    if match is None:
        return [spec]
    first, last = int(match[1]), int(match[2])
    if not first <= last < first + 10_000:
        raise InputError(f"seed must be a range a..b of at most 10000, got {spec!r}.")
    before, after = spec[: match.start()], spec[match.end() :]
    return [f"{before}seed={seed}{after}" for seed in range(first, last + 1)]
