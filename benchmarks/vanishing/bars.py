"""Print the tables behind the claims.

Run ``python -m boundwise.benchmarks.vanishing.bars`` with one of

``factors``   CPU time against the plain per-term method, on one thread
``scaling``   time over m (log-log slope) and over n, for a plot
``memory``    m rows streamed from a file on disk, peak memory of a fresh process
``path``      a path of eight psi against one fit (at the smallest psi, and the
              dearest); WIHB against IHB
``bound``     the share of the time that products and terms alone would take
``threads``   wall and CPU time on one and on two threads
``start``     the first fit of a fresh process, with and without the cached kernels
"""

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
from threadpoolctl import threadpool_limits

from boundwise.benchmarks.vanishing.datasets import make, surface_blocks, surfaces
from boundwise.benchmarks.vanishing.measure import compare, core_fit, interleaved

_FACTORS = (
    "surface:m=10000",
    "surface:m=10000,psi=1e-3",
    "surface:m=10000,psi=1e-4",
    "surface:m=100000",
    "surface:m=100000,psi=1e-4",
    "surface:m=1000000",
    "surface:m=1000000,psi=1e-4",
    "uniform:m=100000,n=10",
    "uniform:m=10000,n=20",
    "uniform:m=2000,n=64,psi=0.02",
    "sklearn:iris,psi=1e-3",
    "sklearn:wine,psi=1e-3",
    "sklearn:breast_cancer",
    "sklearn:digits",
)
_PSIS = (0.1, 0.05, 0.01, 0.005, 1e-3, 5e-4, 2e-4, 1e-4)


@click.group()
@click.pass_context
def bars(context: click.Context) -> None:
    """Measure the claims of the vanishing-ideal documentation."""
    # Idle BLAS threads spin, which counts as CPU time.
    context.with_resource(threadpool_limits(1))


@bars.command()
@click.argument("names", nargs=-1)
@click.option("--repeats", default=7)
def factors(names: tuple[str, ...], repeats: int) -> None:
    """Compare with the plain method, in one process, interleaved."""
    click.echo(
        f"{'data':32} {'|O|':>5} {'|G|':>5} {'deg':>3} same  error    core ms"
        "  est. ms  plain ms  factor"
    )
    for name in names or _FACTORS:
        data = make(name)
        line = compare(data.X, data.psi, repeats)
        click.echo(
            f"{name:32} {line.terms:5} {line.generators:5} {line.degree:3} "
            f"{line.same_terms!s:5} {line.value_error:.0e} {1e3 * line.core:9.3f} "
            f"{1e3 * line.estimator:8.3f} {1e3 * line.plain:9.3f} {line.factor:7.2f}"
        )


@bars.command()
@click.option("--largest", default=20_000_000)
@click.option("--psi", default=0.005)
def scaling(largest: int, psi: float) -> None:
    """Time fits over m and over n; print JSON for the figure."""
    sizes = [m for m in (10**5, 3 * 10**5, 10**6, 3 * 10**6, 10**7) if m < largest]
    sizes.append(largest)
    seconds = []
    points, _ = surfaces(largest)
    for m in sizes:
        # Every k-th row: the same ideal at every size, so the same work per row.
        X = np.ascontiguousarray(points[:: largest // m][:m])
        [(cpu, _)] = interleaved([lambda X=X: core_fit(X, psi)], 5)  # type: ignore[misc]
        seconds.append(cpu)
    widths = [2, 3, 4, 6, 8, 12, 16, 20, 24]
    over_n = []
    for n in widths:
        data = make(f"uniform:m=20000,n={n}")
        [(cpu, _)] = interleaved([lambda d=data: core_fit(d.X, d.psi)], 3)  # type: ignore[misc]
        over_n.append(cpu)
    document: dict[str, Any] = {
        "psi": psi,
        "rows": sizes,
        "seconds": seconds,
        "slope": _slope(sizes, seconds),
        # Fixed costs weigh least here.
        "slope_from_a_million": _slope(sizes[2:], seconds[2:]),
        "features": widths,
        "seconds_over_features": over_n,
    }
    click.echo(json.dumps(document))


@bars.command()
@click.option("--rows", default=20_000_000)
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), default=".")
def memory(rows: int, folder: Path) -> None:
    """Fit a file that is larger than the memory used; one fresh process per way."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        path = Path(scratch) / "rows.npy"
        file = np.lib.format.open_memmap(path, "w+", np.float64, (rows, 3))
        start = 0
        for block in surface_blocks(rows, 1 << 20):
            file[start : start + len(block)] = block
            start += len(block)
        del file
        for kind in ("path", "memmap"):
            for psi in ("0.005", "0.0001"):
                arguments = [sys.executable, "-m", __spec__.name, "one", str(path)]
                run = subprocess.run(
                    [*arguments, kind, psi], capture_output=True, text=True, check=True
                )
                click.echo(run.stdout.strip())


@bars.command(hidden=True)
@click.argument("path")
@click.argument("kind")
@click.argument("psi", type=float)
def one(path: str, kind: str, psi: float) -> None:
    """Fit one file and print time and peak memory."""
    from boundwise.solvers.vanishing import OAVI

    OAVI(psi).fit(surfaces(1000)[0])
    before = _peak()
    X = path if kind == "path" else np.load(path, mmap_mode="r")
    cpu, wall = time.process_time(), time.perf_counter()
    model = OAVI(psi).fit(X)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    click.echo(
        f"{kind:7} psi {psi:<7} |O| {len(model.terms_)} |G| {model.n_generators_}: "
        f"{cpu:.2f} CPU s, {wall:.2f} s, peak {_peak():.0f} MB "
        f"({before:.0f} MB before the fit)"
    )


@bars.command()
def path() -> None:
    """Compare a path of eight psi with one fit, and WIHB with IHB."""
    from boundwise.solvers.vanishing import OAVI

    for name in ("surface:m=1000000", "uniform:m=100000,n=10", "uniform:m=10000,n=20"):
        X = make(name).X
        psis = _PSIS if name.startswith("surface") else tuple(5 * p for p in _PSIS[:4])
        psis = psis if len(psis) == 8 else tuple(np.geomspace(0.05, 0.005, 8))
        actions = [
            _action(OAVI().psi_path, X, psis),
            _action(OAVI(min(psis), oracle="wihb").fit, X),
            *(_action(OAVI(psi).fit, X) for psi in sorted(psis)),
        ]
        (many, weak, fit, *others) = (cpu for cpu, _ in interleaved(actions, 5))
        dearest = max(fit, *others)
        click.echo(
            f"{name:24} fit {1e3 * fit:.2f} ms at the smallest psi, the dearest "
            f"{1e3 * dearest:.2f}, all eight {1e3 * (fit + sum(others)):.2f}; path "
            f"{1e3 * many:.2f} ms = {many / fit:.2f} of the fit at the smallest psi, "
            f"{many / dearest:.2f} of the dearest; WIHB {1e3 * weak:.2f} ms = "
            f"{weak / fit:.2f} IHB"
        )


@bars.command()
def bound() -> None:
    """Compare a fit with the time of its products and terms alone.

    The bound counts, per row, the flops of one GEMM per degree (O and border by
    border) at the measured speed of BLAS on matrices of that shape, and one
    multiplication in cache per term.
    """
    for name in ("surface:m=1000000,psi=1e-4", "uniform:m=100000,n=10"):
        data = make(name)
        ideal = core_fit(data.X, data.psi)
        degrees = np.concatenate([ideal.powers, ideal.leading_powers]).sum(axis=1)
        joined = ideal.powers.sum(axis=1)
        total = 0.0
        for degree in range(1, ideal.degree + 1):
            width = int((degrees == degree).sum())
            size = int((joined < degree).sum())
            lazy = width >= 64 and width >= 2 * size
            rows = size if lazy else size + width
            total += _gemm_seconds(rows, width) + (size + width) * _product_seconds()
        total *= len(data.X)
        [(fit, _)] = interleaved([_action(core_fit, data.X, data.psi)], 7)
        click.echo(
            f"{name:28} bound {1e3 * total:7.2f} ms, fit {1e3 * fit:7.2f} ms: "
            f"{100 * total / fit:.0f} % of the bound"
        )


@bars.command()
@click.option("--repeats", default=9)
def threads(repeats: int) -> None:
    """Compare one thread with two: blocks of rows side by side, or BLAS."""
    for name in ("surface:m=1000000,psi=1e-4", "uniform:m=100000,n=10"):
        data = make(name)
        actions = [
            _action(core_fit, data.X, data.psi),
            _action(core_fit, data.X, data.psi, n_threads=2),
            _action(_on_two_blas_threads, data.X, data.psi),
        ]
        times = interleaved(actions, repeats)
        (_, alone), *_ = times
        for label, (cpu, wall) in zip(
            ("one thread", "n_jobs=2", "two BLAS threads"), times, strict=True
        ):
            click.echo(
                f"{name:28} {label:16} wall {1e3 * wall:7.2f} ms, CPU "
                f"{1e3 * cpu:7.2f} ms, {alone / wall:.2f} times as fast"
            )


def _on_two_blas_threads(X: Any, psi: float) -> None:
    with threadpool_limits(2, user_api="blas"):
        core_fit(X, psi)


@bars.command()
def start() -> None:
    """Time the first fit of a fresh process."""
    code = (
        "import time; t = time.perf_counter()\n"
        "from boundwise.solvers.vanishing import OAVI\n"
        "import numpy as np; X = np.random.default_rng(0).uniform(size=(1000, {n}))\n"
        "u = time.perf_counter(); OAVI(0.01, oracle={oracle!r}).fit_transform(X)\n"
        "print(f'{{u - t:.2f}} s import, {{time.perf_counter() - u:.2f}} s first fit')"
    )
    with tempfile.TemporaryDirectory() as cache:
        for n, oracle in ((3, "ihb"), (10, "ihb"), (10, "wihb")):
            for kernels, environment in (
                ("compiled", {"NUMBA_CACHE_DIR": f"{cache}/{n}{oracle}"}),
                ("cached", {}),
            ):
                run = subprocess.run(
                    [sys.executable, "-c", code.format(n=n, oracle=oracle)],
                    capture_output=True,
                    text=True,
                    check=True,
                    env=os.environ | environment,
                )
                click.echo(f"n={n} {oracle:4} {kernels:8}: {run.stdout.strip()}")


def _slope(sizes: list[int], seconds: list[float]) -> float:
    """Fit an exponent; NaN if there are too few points."""
    if len(sizes) < 2:
        return math.nan
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def _action(
    function: Callable[..., Any], *arguments: Any, **options: Any
) -> Callable[[], object]:
    return lambda: function(*arguments, **options)


def _peak() -> float:
    """Return the peak resident memory of this program in MB.

    What ``getrusage`` tells would include that of the process that started it.
    """
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return float(line.split()[1]) / 1024
    return math.nan


def _gemm_seconds(rows: int, columns: int) -> float:
    """Return the time per data row of a product of chunks that stay in cache."""
    width = max(256, 750_000 // (8 * (rows + columns)))
    left = np.random.default_rng(0).uniform(size=(rows, width))
    right = np.random.default_rng(1).uniform(size=(columns, width))
    out = np.empty((rows, columns))
    best = math.inf
    count = max(1, int(2e8 / (2 * rows * columns * width)))
    for _ in range(5):
        begun = time.process_time()
        for _ in range(count):
            np.matmul(left, right.T, out=out)
        best = min(best, (time.process_time() - begun) / (count * width))
    return best


def _product_seconds() -> float:
    """Return the time of one multiplication of rows in cache."""
    a, b = np.ones(4000), np.ones(4000)
    out = np.empty(4000)
    best = math.inf
    for _ in range(5):
        begun = time.process_time()
        for _ in range(2000):
            np.multiply(a, b, out=out)
        best = min(best, (time.process_time() - begun) / (2000 * 4000))
    return best


if __name__ == "__main__":
    bars()
