"""The suite's data, yardstick and check."""

import numpy as np
import pytest

from boundwise.benchmarks.suites.vanishing import Suite
from boundwise.benchmarks.vanishing.datasets import make
from boundwise.benchmarks.vanishing.instances import (
    check_generators,
    coefficient_names,
    read,
    write,
)
from boundwise.benchmarks.vanishing.measure import compare
from boundwise.core.errors import InputError
from boundwise.instances.solutions import write_solution
from boundwise.solvers.vanishing import OAVI


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("surface:m=600,psi=1e-3", marks=pytest.mark.slow),
        pytest.param("uniform:m=300,n=8", marks=pytest.mark.slow),
        "sklearn:iris,psi=1e-3",
    ],
)
def test_the_plain_method_finds_the_same(name):
    data = make(name)
    assert data.X.min() >= 0.0
    assert data.X.max() <= 1.0
    line = compare(data.X, data.psi, repeats=1)
    assert line.same_terms
    assert line.value_error < 1e-8
    assert line.factor > 0


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("torus:m=5", "must be one of"),
        ("surface:m=5.5", "m must be an integer of at least 2"),
        ("surface:m=1", "m must be an integer of at least 2"),
        ("surface:m", "name=number"),
        ("surface:m=100,q=3", "unknown option 'q'"),
        ("sklearn:boston", "sklearn data must be one of"),
        ("file:missing.csv", "cannot read"),
    ],
)
def test_specifications_that_mean_nothing_are_refused(name, message):
    with pytest.raises(InputError, match=message):
        make(name)


def test_a_file_of_numbers_is_a_data_set(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("1,10,3\n2,30,4\n3,20,3\n")
    data = make(f"file:{path},psi=0.01")
    np.testing.assert_allclose(data.X, [[0, 0], [0.5, 1], [1, 0.5]])
    assert data.y.tolist() == [0, 1, 0]
    assert data.psi == 0.01


def test_the_check_evaluates_the_generators_anew(tmp_path):
    path = write("sklearn:iris", tmp_path)
    data = read(path)
    model = OAVI(data.psi, scale=False).fit(data.X)

    def left(coefficients):
        values = coefficient_names(
            model.terms_, model.leading_terms_, coefficients, model.leading_coef_
        )
        file = tmp_path / "solution.sol"
        write_solution(file, list(values), list(values.values()), 0.5)
        return file

    worst = check_generators(data, left(model.coef_))
    assert worst == pytest.approx(model.losses_.max() / data.psi, rel=1e-9)
    verdict = Suite().verify(path, tmp_path, {})
    assert verdict["verified"] is True
    left(model.coef_ + 0.5)
    assert Suite().verify(path, tmp_path, {})["verified"] is False
    (tmp_path / "solution.sol").write_text("=obj= 1\ng0:1,0 1\n")
    assert Suite().verify(path, tmp_path, {})["verified"] is False
    path.write_bytes(b"junk")
    assert Suite().verify(path, tmp_path, {})["unreadable"] is True


def test_sets_and_specifications_become_files(tmp_path):
    files = Suite().collect(["sklearn:iris", "surface:m=100"], tmp_path)
    assert [file.name for file in files] == ["sklearn:iris", "surface:m=100"]
    again = Suite().collect([str(files[0].path)], tmp_path)
    assert again[0].path == files[0].path
    with pytest.raises(InputError, match="no file"):
        Suite().collect(["missing.npz"], tmp_path)
