"""The package as it is installed: complete, quick to import, silent."""

import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import boundwise

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("benchmarks", "core", "heuristics", "instances", "solvers")


def declared():
    """Return the setuptools table of pyproject.toml."""
    with (ROOT / "pyproject.toml").open("rb") as stream:
        return tomllib.load(stream)["tool"]["setuptools"]


def test_every_folder_with_code_is_a_declared_package():
    found = {"boundwise"}
    for room in ROOMS:
        for init in (ROOT / room).rglob("__init__.py"):
            found.add(".".join(("boundwise", *init.parent.relative_to(ROOT).parts)))
        folders = {path.parent for path in (ROOT / room).rglob("*.py")}
        missing = [str(f) for f in folders if not (f / "__init__.py").is_file()]
        assert not missing
    assert sorted(found) == sorted(declared()["packages"])


def test_every_data_file_is_declared():
    declared_data = declared()["package-data"]
    for room in ROOMS:
        for path in (ROOT / room).rglob("*"):
            if path.is_dir() or path.suffix == ".py" or "__pycache__" in path.parts:
                continue
            package, matched = path.parent, False
            while package != ROOT and not matched:
                name = ".".join(("boundwise", *package.relative_to(ROOT).parts))
                matched = any(
                    path in set(package.glob(pattern))
                    for pattern in declared_data.get(name, ())
                )
                package = package.parent
            assert matched, f"{path} would be missing from the wheel"


def test_each_room_is_linked_from_the_face_of_the_package():
    for room in ROOMS:
        assert (ROOT / "boundwise" / room).resolve() == ROOT / room


def test_the_version_is_told_once():
    with (ROOT / "pyproject.toml").open("rb") as stream:
        version = tomllib.load(stream)["project"]["version"]
    assert boundwise.__version__ == version == metadata.version("boundwise")


def test_every_public_name_exists():
    for name in boundwise.__all__:
        assert getattr(boundwise, name) is not None
    assert set(boundwise.__all__) == set(dir(boundwise))
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = boundwise.no_such_name


def test_importing_is_silent_and_loads_nothing_heavy():
    code = (
        "import sys, time\n"
        "start = time.process_time()\n"
        "import boundwise\n"
        "assert time.process_time() - start < 0.3\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "heavy = {'pyscipopt', 'ortools', 'highspy', 'numba', 'sklearn', 'scipy'}\n"
        "assert not heavy & loaded, heavy & loaded\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_solving_imports_neither_ortools_nor_highspy():
    code = (
        "import sys, boundwise\n"
        "boundwise.solve, boundwise.read, boundwise.check\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "assert not {'ortools', 'highspy'} & loaded\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == 0


def imports_of(path):
    """Return the rooms that a module imports."""
    import ast

    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            parts = name.split(".")
            assert parts[0] not in ROOMS, f"{path} imports {name} without boundwise"
            if parts[0] == "boundwise" and len(parts) > 1:
                rooms.add(parts[1])
    return rooms


def test_imports_run_downwards_only():
    floors = ("core", "instances", "heuristics", "solvers", "benchmarks")
    for floor, room in enumerate(floors):
        above = set(floors[floor + 1 :])
        for path in (ROOT / room).rglob("*.py"):
            assert not imports_of(path) & above, path
