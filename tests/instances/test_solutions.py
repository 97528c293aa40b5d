import gzip
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundwise.core.errors import InputError, NotAvailableError
from boundwise.instances.solutions import read_solution, write_solution

finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(finite, min_size=1, max_size=20), finite)
def test_a_written_solution_reads_back_bit_for_bit(tmp_path_factory, values, objective):
    path = tmp_path_factory.mktemp("sol") / "s.sol.gz"
    names = [f"x#{j}" for j in range(len(values))]
    write_solution(path, names, values, objective)
    solution = read_solution(path)
    assert [float(solution.values[n]) for n in names] == values
    assert float(solution.objective) == objective


def test_the_layouts_of_miplib_and_scip_are_read(tmp_path):
    path = tmp_path / "a.sol"
    path.write_text("=obj= 12.5\n\n# note\nx 1\ny -2e-3 extra\n")
    solution = read_solution(path)
    assert solution.values == {"x": "1", "y": "-2e-3"}
    assert solution.objective == Fraction(25, 2)
    path.write_text(
        "solution status: optimal\nobjective value:   12.5\nx  1 \t(obj:3)\n"
    )
    assert read_solution(path) == type(solution)({"x": "1"}, Fraction(25, 2), False)


@pytest.mark.parametrize("text", ["=infeas=\n", "no solution available\n"])
def test_a_claim_of_infeasibility_is_kept(tmp_path, text):
    path = tmp_path / "a.sol"
    path.write_text(text)
    assert read_solution(path).infeasible


@pytest.mark.parametrize(
    "text",
    ["x\n", "x one\n", "x 1\nx 2\n", "=obj= abc\n", "x 1e99999\n", "", "\x00\x01"],
)
def test_malformed_files_are_refused(tmp_path, text):
    path = tmp_path / "a.sol"
    path.write_text(text)
    with pytest.raises(InputError, match=r"a\.sol"):
        read_solution(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(NotAvailableError, match=r"none\.sol"):
        read_solution(tmp_path / "none.sol")


def test_a_truncated_gzip_is_refused(tmp_path):
    path = tmp_path / "a.sol.gz"
    path.write_bytes(gzip.compress(b"=obj= 1\nx 1\n" * 100)[:-10])
    with pytest.raises(InputError, match="truncated"):
        read_solution(path)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_values_that_are_not_finite_are_not_written(tmp_path, bad):
    path = tmp_path / "a.sol"
    with pytest.raises(InputError):
        write_solution(path, ["x"], [bad], 1.0)
    with pytest.raises(InputError):
        write_solution(path, ["x"], [1.0], bad)
    assert not path.exists()


def test_no_objective_writes_a_claim_of_infeasibility(tmp_path):
    path = tmp_path / "a.sol"
    write_solution(path, ["x"], np.zeros(1), None)
    assert read_solution(path).infeasible
