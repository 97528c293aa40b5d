import gzip

import numpy as np
import pytest

from boundwise.core.errors import InputError, NotAvailableError
from boundwise.instances.reader import read

MPS = b"NAME t\nROWS\n N c\n L r\nCOLUMNS\n x r 1 c 1\nRHS\n s r 4\nENDATA\n"
LP = b"""Maximize
 obj: 3 x + 2 y - z + 4
Subject To
 c1: x + y <= 4
 c2: x - z >= -2
 c3: b = 1 -> x + y <= 3
 q: [ x^2 + y * z ] <= 9
Bounds
 -1 <= x <= 4
 z free
Generals
 y
Binaries
 b
SOS
 s1: S1:: x:1 y:2
End
"""


def test_formats_are_told_by_their_names(tmp_path):
    for name in ("a.mps", "B.MPS", "c.mps.gz", "with blank.mps"):
        path = tmp_path / name
        path.write_bytes(gzip.compress(MPS) if name.endswith("gz") else MPS)
        assert read(path).names == ("x",)
        model = read(str(path)).to_model()
        assert tuple(v.name for v in model.getVars()) == ("x",)


@pytest.mark.parametrize("suffix", [".lp", ".lp.gz", ".cip"])
def test_lp_and_cip_are_read_through_scip(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    if suffix == ".cip":
        source = tmp_path / "source.lp"
        source.write_bytes(LP)
        read(source).to_model().writeProblem(str(path), verbose=False)
    else:
        path.write_bytes(gzip.compress(LP) if suffix.endswith("gz") else LP)
    problem = read(path)
    assert problem.sense == "maximize"
    assert problem.offset == 4.0
    x = problem.names.index("x")
    assert (problem.lower[x], problem.upper[x]) == (-1.0, 4.0)
    assert problem.lower[problem.names.index("z")] == -np.inf
    assert problem.n_binaries == 1
    assert problem.unchecked == ("q (nonlinear)",)
    assert len(problem.sos) == len(problem.indicators) == 1
    model = problem.to_model()
    assert tuple(v.name for v in model.getVars()) == problem.names
    assert model.getNConss() == 6


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.mps", b""),
        ("a.mps", b" \n\n"),
        ("a.mps", MPS[:40]),
        ("a.mps", b"\x7fELF\x00\x01" + MPS),
        ("a.mps", MPS.replace(b" x ", b" \xff\xfe ")),
        ("a.mps", MPS.decode().encode("utf-16")),
        ("a.mps.gz", MPS),
        ("a.mps.gz", gzip.compress(MPS * 50)[:-20]),
        ("a.lp", b""),
        ("a.lp", LP[:90]),
        ("a.lp", b"Minimize\n obj:\nSubject To\nEnd\n"),
        ("a.lp", b"Minimize\n obj: x +* y\nSubject To\n c: x >= <= 3\nEnd\n"),
        ("a.cip", b"STATISTICS\n garbage\nEND\n"),
        ("a.lp.gz", gzip.compress(LP)[:60]),
    ],
)
def test_broken_files_are_refused_by_name(tmp_path, name, data, capfd):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(InputError, match=name.replace(".", r"\.")):
        read(path)
    captured = capfd.readouterr()
    assert captured.out == captured.err == ""


def test_a_bare_name_is_looked_up_in_the_named_folders(tmp_path, monkeypatch):
    first, second = tmp_path / "first", tmp_path / "second"
    (second / "instances").mkdir(parents=True)
    first.mkdir()
    (second / "instances" / "tiny.mps.gz").write_bytes(gzip.compress(MPS))
    monkeypatch.setenv("BOUNDWISE_MIPLIB", f"{first}:{second}")
    assert read("tiny").path == second / "instances" / "tiny.mps.gz"


@pytest.mark.parametrize("bad", ["no/such.mps", "./nothing", "a b c", "x.mps"])
def test_a_missing_file_is_said_without_the_network(bad):
    with pytest.raises(NotAvailableError, match="there is no file"):
        read(bad)


def test_other_arguments_are_refused(tmp_path):
    with pytest.raises(InputError, match="path_or_name"):
        read(3)
    (tmp_path / "d.mps").mkdir()
    with pytest.raises(InputError, match="folder"):
        read(tmp_path / "d.mps")
    (tmp_path / "a.txt").write_bytes(MPS)
    with pytest.raises(InputError, match="must end with"):
        read(tmp_path / "a.txt")
