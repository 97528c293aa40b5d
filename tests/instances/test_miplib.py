"""Agreement with SCIP's reader on real files, where BOUNDWISE_MIPLIB names them."""

import numpy as np
import pytest

from boundwise.instances.instance import Instance
from boundwise.instances.library import folders
from boundwise.instances.reader import read
from boundwise.instances.scip_build import read_with_scip

FILES = sorted(
    {
        path
        for folder in folders()
        for inner in (folder, folder / "instances")
        for path in inner.glob("*.mps.gz")
    },
    key=lambda path: (path.stat().st_size, path.name),
)
#: SCIP drops coefficients up to this size when it reads MPS.
DROPPED = 1e-9

pytestmark = pytest.mark.skipif(not FILES, reason="BOUNDWISE_MIPLIB names no files")


def compare(path):
    problem = read(path)
    model = read_with_scip(problem)
    assert model is not None, "variables, bounds, types or objective differ"
    other = Instance.from_model(model)
    assert other.row_names == problem.row_names
    difference = abs(other.matrix - problem.matrix)
    if difference.nnz:
        assert difference.max() <= DROPPED
    for part in ("row_lower", "row_upper"):
        np.testing.assert_allclose(
            getattr(problem, part), getattr(other, part), rtol=1e-12, atol=1e-12
        )


@pytest.mark.parametrize("path", FILES[:12], ids=lambda path: path.name)
def test_small_files_read_as_scip_reads_them(path):
    compare(path)


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES[12:], ids=lambda path: path.name)
def test_all_files_read_as_scip_reads_them(path):
    compare(path)


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_survive_a_round_trip(path, tmp_path):
    problem = read(path)
    copy = tmp_path / "copy.mps.gz"
    problem.write_mps(copy)
    again = read(copy)
    assert again.names == problem.names
    assert again.row_names == problem.row_names
    assert again.exact == problem.exact
    assert (again.matrix != problem.matrix).nnz == 0
    for part in ("objective", "row_lower", "row_upper", "lower", "upper", "is_integer"):
        np.testing.assert_array_equal(getattr(again, part), getattr(problem, part))
