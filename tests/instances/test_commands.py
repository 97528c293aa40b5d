import json

import pytest

from boundwise.cli import main
from boundwise.instances.reader import read


@pytest.fixture(autouse=True)
def _empty_library(tmp_path, monkeypatch):
    monkeypatch.setenv("BOUNDWISE_MIPLIB", str(tmp_path / "none"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as caught:
        main(["instances", *map(str, arguments)])
    captured = capsys.readouterr()
    return caught.value.code, captured.out, captured.err


def test_list_prints_plain_lines_off_a_terminal(capsys):
    code, out, _ = run(capsys, "list")
    lines = out.splitlines()
    assert code == 0
    assert len(lines) == 241
    assert lines[0].split("\t")[:2] == ["name", "variables"]
    assert "\x1b" not in out
    code, out, _ = run(capsys, "list", "--json", "--set", "local")
    assert (code, json.loads(out)) == (0, [])


def test_list_takes_values_from_a_solu_file(capsys, tmp_path):
    path = tmp_path / "a.solu"
    path.write_text("=best= air05 1\n")
    _, out, _ = run(capsys, "list", "--json", "--solu", path)
    rows = {row["name"]: row for row in json.loads(out)}
    assert rows["air05"]["best_known"] == 1.0
    assert rows["50v-10"]["best_known"] == 3311.1799841


def test_show_tells_what_is_known_without_a_download(capsys):
    code, out, _ = run(capsys, "show", "air05", "--json")
    assert code == 0
    assert json.loads(out)["variables"] == 7195
    code, _, err = run(capsys, "show", "nothing")
    assert code == 2
    assert "nothing" in err


def test_generate_show_and_check_work_together(capsys, tmp_path):
    path = tmp_path / "k.mps.gz"
    code, _, _ = run(capsys, "generate", "multiple_knapsack:items=6,knapsacks=2", path)
    assert code == 0
    problem = read(path)
    code, out, _ = run(capsys, "show", path)
    assert code == 0
    assert f"variables       {problem.n_variables}" in out
    solution = tmp_path / "a.sol"
    solution.write_text("=obj= 0\n")
    code, out, _ = run(capsys, "check", path, solution)
    assert code == 0
    assert "strict                yes" in out
    solution.write_text("=obj= 0\nx0_0 0.5\n")
    code, out, _ = run(capsys, "check", path, solution, "--json")
    assert code == 3
    assert json.loads(out)["integrality_violation"] == 0.5


@pytest.mark.parametrize(
    "arguments",
    [
        ("generate", "nothing:rows=3", "a.mps"),
        ("generate", "set_cover:rows=3", "a.txt"),
        ("get", "../secret"),
        ("check", "none.mps", "none.sol"),
        ("list", "--solu", "none.solu"),
        ("list", "--set", "nothing"),
    ],
)
def test_wrong_input_ends_with_code_2_and_one_line(capsys, arguments):
    code, _, err = run(capsys, *arguments)
    assert code == 2
    assert "Traceback" not in err
    assert "rror" in err
