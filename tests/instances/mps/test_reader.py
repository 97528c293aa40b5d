import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.instances.mps.reader import parse_mps

SMALL = """NAME small
ROWS
 N cost
 L cap
 G need
 E bal
COLUMNS
 x cost 1.5 cap 2
 x need 1
 M 'MARKER' 'INTORG'
 y cost -2 cap 3
 y bal 1
 M 'MARKER' 'INTEND'
 z bal -1 need 1
RHS
 rhs cap 10 need 1
 rhs cost -7
RANGES
 rng cap 4 bal -2
BOUNDS
 UP bnd x 4
 UP bnd y 8
 MI bnd z
ENDATA
"""


def test_a_small_file_reads_as_its_author_meant():
    problem = parse_mps(SMALL, "small.mps")
    assert problem.name == "small"
    by_name = {name: j for j, name in enumerate(problem.names)}
    x, y, z = (by_name[n] for n in "xyz")
    assert problem.offset == 7
    assert problem.objective[[x, y, z]].tolist() == [1.5, -2, 0]
    assert problem.row_names == ("cap", "need", "bal")
    assert problem.row_lower.tolist() == [6, 1, -2]
    assert problem.row_upper.tolist() == [10, np.inf, 0]
    assert problem.matrix.toarray()[:, [x, y, z]].tolist() == [
        [2, 3, 0],
        [1, 0, 1],
        [0, 1, -1],
    ]
    assert problem.lower[[x, y, z]].tolist() == [0, 0, -np.inf]
    assert problem.upper[[x, y, z]].tolist() == [4, 8, np.inf]
    assert problem.is_integer[[x, y, z]].tolist() == [False, True, False]


@pytest.mark.parametrize("cut", range(0, len(SMALL) - 8, 7))
def test_a_truncated_file_is_refused(cut):
    with pytest.raises(InputError):
        parse_mps(SMALL[:cut], "small.mps")
