import pytest

from boundwise.core.errors import InputError
from boundwise.instances.reference import Kind, Reference, benchmark_set, read_solu


def test_the_benchmark_set_has_its_240_instances():
    table = benchmark_set()
    assert len(table) == 240
    kinds = [row.reference.kind for row in table.values()]
    assert kinds.count(Kind.OPTIMAL) == 232
    assert kinds.count(Kind.INFEASIBLE) == 7
    assert kinds.count(Kind.BEST) == 1
    assert table["supportcase22"].reference == Reference(Kind.BEST, 110.0, None)
    assert table["binkar10_1"].reference.value == 6742.19988
    for row in table.values():
        assert row.variables == row.binaries + row.integers + row.continuous
        assert row.constraints > 0
        assert row.nonzeros > 0
        assert (row.reference.value is None) == (row.reference.kind is Kind.INFEASIBLE)


def test_all_tags_are_read_and_merged(tmp_path):
    path = tmp_path / "a.solu"
    path.write_text(
        "# note\n=opt= a 3.5\n=best=  b 7\n=bestdual= b 6\n=inf= c\n=unbd= d\n"
        "=unkn= e \n=feas= f\n=bestdual= g 1e2\n\n=unkn= a\n"
    )
    assert read_solu(path) == {
        "a": Reference(Kind.OPTIMAL, 3.5, 3.5),
        "b": Reference(Kind.BEST, 7.0, 6.0),
        "c": Reference(Kind.INFEASIBLE),
        "d": Reference(Kind.UNBOUNDED),
        "e": Reference(Kind.UNKNOWN),
        "f": Reference(Kind.FEASIBLE),
        "g": Reference(Kind.BEST_DUAL, None, 100.0),
    }


@pytest.mark.parametrize(
    "line",
    [
        "=opt= a",
        "=foo= a 1",
        "=opt=",
        "opt a 1",
        "=opt= a x",
        "=inf= z\n=opt= z 1",
        "=opt= a 1e350",
        "=opt= a nan",
    ],
)
def test_malformed_lines_are_refused_with_their_place(tmp_path, line):
    path = tmp_path / "a.solu"
    path.write_text(line + "\n")
    with pytest.raises(InputError, match=r"a\.solu:\d"):
        read_solu(path)
