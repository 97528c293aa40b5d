"""Smoke test of an installed wheel, run outside the repository."""

import subprocess
import sys
import time
from importlib import import_module, metadata, resources
from pathlib import Path

import boundwise


def main() -> None:
    home = Path(boundwise.__file__).resolve()
    assert "site-packages" in home.parts, f"{home} is not the installed wheel"
    assert metadata.version("boundwise") == boundwise.__version__
    assert resources.files("boundwise").joinpath("py.typed").is_file()
    for name in boundwise.__all__:
        assert getattr(boundwise, name) is not None, name
    modules = [
        ".".join(path.relative_to(home.parent.parent).with_suffix("").parts)
        for path in sorted(home.parent.rglob("*.py"))
        if path.name != "__main__.py"
    ]
    # HiGHS's own library does not load beside the one of OR-tools: only child processes
    # import it, and so does this test.
    alone = [m for m in modules if m.rpartition(".")[2].startswith("highs_")]
    assert alone, "no module of HiGHS's children"
    for module in alone:
        subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
    optional = {"dask", "distributed", "jax", "optax", "balans"}
    for module in sorted(set(modules) - set(alone)):
        try:
            import_module(module)
        except ImportError as error:
            if (error.name or "").split(".")[0] not in optional:
                raise
    times = []
    for _ in range(3):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import boundwise"], check=True)
        times.append(time.perf_counter() - started)
    print(f"import boundwise: {min(times):.2f} s, interpreter included")
    done = subprocess.run(
        [sys.executable, "-m", "boundwise", "demo", "--time-limit", "3"], check=False
    )
    assert done.returncode == 0, done.returncode
    print(f"{len(modules)} modules imported from the wheel; demo ran")


if __name__ == "__main__":
    main()
