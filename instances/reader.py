"""Read a problem by path or by name: MPS by our own parser, LP and CIP by SCIP.

SCIP's LP and CIP readers may abort the process on malformed input, so such a file is
first read in a child process that may die.
"""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from boundwise.core.errors import InputError, NotAvailableError
from boundwise.instances.instance import Instance
from boundwise.instances.library import find, is_name
from boundwise.instances.mps.reader import read_mps
from boundwise.instances.textfile import read_text

_SUFFIX = re.compile(r"\.(mps|lp|cip)(\.gz)?$", re.IGNORECASE)
_LP_END = re.compile(r"^\s*end\s*$", re.IGNORECASE | re.MULTILINE)
_CIP_END = re.compile(r"^\s*END\s*$", re.MULTILINE)
#: Seconds that SCIP may take to read a file in the child.
_CHILD_LIMIT = 600
_CHILD = """
import sys
from pyscipopt import Model
model = Model()
model.hideOutput()
try:
    model.readProblem(sys.argv[1])
except BaseException as error:
    print(error, file=sys.stderr)
    sys.exit(3)
print(model.getNVars(), model.getNConss())
"""


def read(path_or_name: str | os.PathLike[str]) -> Instance:
    """Read a mixed-integer program.

    Parameters
    ----------
    path_or_name
        A file ``.mps``, ``.lp`` or ``.cip``, perhaps with ``.gz``, or the bare name
        of a MIPLIB instance, which is looked up in the folders of the environment
        variable ``BOUNDWISE_MIPLIB``, then in the user's cache, then downloaded.

    Returns
    -------
    Instance
        The problem.

    Raises
    ------
    InputError
        If the file is not a valid, nonempty problem; file and line are named where
        known.
    NotAvailableError
        If there is no such file, or the network is needed and not there.
    """
    if not isinstance(path_or_name, str | os.PathLike):
        raise InputError(
            f"path_or_name must be a path or a name, got {path_or_name!r}."
        )
    path = Path(path_or_name)
    if not _SUFFIX.search(path.name):
        if (
            isinstance(path_or_name, str)
            and is_name(path_or_name)
            and not path.exists()
        ):
            return read(find(path_or_name))
        if not path.exists():
            raise NotAvailableError(f"there is no file {str(path)!r}.")
        raise InputError(
            f"{path}: the name must end with .mps, .lp or .cip (and .gz if gzipped)."
        )
    if path.is_dir():
        raise InputError(f"{path}: is a folder.")
    match = _SUFFIX.search(path.name)
    assert match is not None
    kind = match[1].lower()
    return read_mps(path) if kind == "mps" else _read_by_scip(path, kind)


def _read_by_scip(path: Path, kind: str) -> Instance:
    text = read_text(path)
    if not (_LP_END if kind == "lp" else _CIP_END).search(text):
        raise InputError(f"{path}: the file is truncated: there is no END.")
    n_variables, n_constraints = _read_in_child(path)
    if n_variables == 0:
        raise InputError(f"{path}: the problem has no variables.")
    from pyscipopt import Model

    model = Model()
    model.hideOutput()
    try:
        model.readProblem(str(path))
    except OSError as error:
        raise InputError(f"{path}: SCIP cannot read it ({error}).") from None
    if (model.getNVars(), model.getNConss()) != (n_variables, n_constraints):
        raise InputError(f"{path}: the file changed while it was read.")
    instance = Instance.from_model(model)
    return replace(instance, path=path)


def _read_in_child(path: Path) -> tuple[int, int]:
    """Let a child process read the file; return its numbers of variables and rows."""
    try:
        child = subprocess.run(
            [sys.executable, "-c", _CHILD, str(path)],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_CHILD_LIMIT,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InputError(
            f"{path}: SCIP did not read it within {_CHILD_LIMIT} s."
        ) from None
    if child.returncode != 0:
        raise InputError(f"{path}: SCIP cannot read it ({_reason(child)}).")
    n_variables, n_constraints = child.stdout.split()[-2:]
    return int(n_variables), int(n_constraints)


def _reason(child: subprocess.CompletedProcess[str]) -> str:
    """Return the first line of SCIP's complaint, without its source positions."""
    if child.returncode < 0:
        return f"its reader was killed by signal {-child.returncode}"
    lines = [
        re.sub(r"^\[[\w.]+:\d+\]\s*", "", line).strip()
        for line in child.stderr.splitlines()
    ]
    lines = [line for line in lines if line]
    return lines[0][:200] if lines else f"exit code {child.returncode}"
