"""The command line as a user meets it: exit codes, messages, files."""

import csv
import json
from pathlib import Path

import pytest

from boundwise.cli import main

FAKE_SOLVER = Path(__file__).with_name("fake_solver.py")


@pytest.fixture
def bench(capsys):
    def call(*words):
        with pytest.raises(SystemExit) as caught:
            main(["bench", *map(str, words)])
        out, err = capsys.readouterr()
        return caught.value.code, out, err

    return call


@pytest.fixture
def campaign(tmp_path, tiny):
    path = tmp_path / "c.toml"
    path.write_text(
        f'name = "mine"\ninstances = ["{tiny}", "missing.mps"]\ntime_limit = 10\n'
        f'[solvers.good]\nadapter = "{FAKE_SOLVER}"\n'
        f'[solvers.bad]\nadapter = "{FAKE_SOLVER}"\n'
        'settings = { mode = "infeasible_solution" }\n'
    )
    return path


def test_a_campaign_from_start_to_export(bench, campaign, tmp_path):
    out = tmp_path / "out"
    code, text, _ = bench("run", campaign, "--out", out)
    assert code == 0
    assert "4 runs: 0 recorded before, 4 now" in text
    assert "fail_solution" in text
    assert "missing" in text
    assert "\x1b" not in text

    code, text, _ = bench("run", campaign, "--out", out, "--quiet")
    assert code == 0
    assert "4 recorded before, 0 now" in text

    code, text, _ = bench("status", out)
    assert code == 0
    assert "4 of 4 recorded" in text
    assert "failed     tiny bad seed 0: fail_solution" in text

    code, text, _ = bench("report", out)
    assert code == 0
    assert (out / "report.html").stat().st_size > 10**6

    code, text, _ = bench("export", out, tmp_path / "runs.csv")
    assert code == 0
    with (tmp_path / "runs.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 4
    assert {row["solver_label"] for row in rows} == {"good", "bad"}
    missing = [row for row in rows if row["status"] == "missing"]
    assert all(row["primal"] == "" for row in missing)

    code, text, _ = bench("compare", out, out, "--out", tmp_path / "cmp.html")
    assert code == 0
    assert "no significant difference" in text
    assert (tmp_path / "cmp.html").exists()


def test_a_hard_set_ends_with_the_table_of_primal_gaps(bench, tmp_path, monkeypatch):
    library = tmp_path / "library"
    library.mkdir()
    (library / "known.solu").write_text("=best= swath 467.4\n=best= mad 0.0268\n")
    monkeypatch.setenv("BOUNDWISE_MIPLIB", str(library))
    out = tmp_path / "out"
    words = ("--solvers", "scip-feasibility", "--clock", "cpu", "--out", out)
    code, text, _ = bench("mip", "--suite", "small-hard", "--time-limit", 7, *words)
    assert code == 0
    assert "15 runs: 0 recorded before, 15 now (15 missing)" in text
    assert "gap at 7 s (cpu clock)" in text
    row = next(line for line in text.splitlines() if line.startswith("swath"))
    assert row.split() == ["swath", "1.0000", "1.000", "none"]

    code, again, _ = bench("primal", out, "--set", "small-hard")
    assert code == 0
    assert again.splitlines()[2:4] == text[text.index("gap at") :].splitlines()[1:3]
    code, _, err = bench("primal", out, "--set", "small")
    assert code == 2
    assert "set must be one of" in err


@pytest.mark.slow
def test_resume_needs_no_campaign_file(bench, campaign, tmp_path):
    out = tmp_path / "out"
    bench("run", campaign, "--out", out, "--quiet")
    lines = (out / "records.jsonl").read_text().splitlines(keepends=True)
    (out / "records.jsonl").write_text("".join(lines[:2]) + lines[2][:50])
    code, text, _ = bench("resume", out)
    assert code == 0
    assert "2 recorded before, 2 now" in text


def test_options_win_over_the_file(bench, campaign, tmp_path):
    code, text, _ = bench(
        "plan",
        campaign,
        *("--solvers", "good", "--seeds", "0,1,2", "--permutations", 1),
        *("--time-limit", 3, "--out", tmp_path / "out"),
    )
    assert code == 0
    assert "12 runs planned" in text
    plan = json.loads((tmp_path / "out" / "campaign.json").read_text())
    assert {job["limits"]["time_limit"] for job in plan["jobs"]} == {3}
    assert {job["permutation"] for job in plan["jobs"]} == {0, 1}


@pytest.mark.slow
def test_array_scripts_are_written_and_their_records_are_taken_in(
    bench, campaign, tmp_path
):
    out = tmp_path / "out"
    code, text, _ = bench("plan", campaign, "--out", out, "--slurm")
    assert code == 0
    assert (out / "array.sh").exists()
    for index in range(2):
        assert bench("work", out, "--index", index, "--tasks", 2)[0] == 0
    code, text, _ = bench("resume", out)
    assert "4 recorded before, 0 now" in text


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["run"], 2, "CAMPAIGN file or --suite"),
        (["run", "nowhere.toml"], 2, "cannot read"),
        (["run", "--suite", "nosuch"], 2, "suite must be one of"),
        (["run", "--suite", "convex"], 2, "not part of this version"),
        (["convex"], 2, "not part of this version"),
        (["robust"], 2, "not part of this version"),
        (["status", "nowhere"], 2, "not a campaign folder"),
        (["report", "nowhere"], 2, "not a campaign folder"),
        (["resume", "nowhere"], 2, "not a campaign folder"),
        (["nosuch"], 2, "No such command"),
        (
            ["run", "--suite", "mip", "--solvers", "scpi", "--out", "x"],
            2,
            "did you mean 'scip'",
        ),
        (
            ["run", "--suite", "mip", "--instances", "flugpll", "--out", "x"],
            2,
            "neither known nor in a folder",
        ),
        (["run", "--suite", "mip", "--seeds", "a", "--out", "x"], 2, "seeds must"),
        (
            ["run", "--suite", "mip", "--time-limit", "-1", "--out", "x"],
            2,
            "time_limit",
        ),
        (["run", "--suite", "mip", "--jobs", "0", "--out", "x"], 2, "jobs must"),
    ],
)
def test_wrong_usage_ends_with_code_two_and_one_clear_line(
    bench, tmp_path, monkeypatch, words, code, message
):
    monkeypatch.chdir(tmp_path)
    if words[0] in {"convex", "robust"} or "convex" in words:
        from boundwise.benchmarks.suites.base import available_suites

        if words[-1] in available_suites():
            pytest.skip("this suite is installed")
    found, _, err = bench(*words)
    assert found == code
    assert message in err
    assert "Traceback" not in err


def test_a_second_runner_on_one_folder_is_refused(bench, campaign, tmp_path):
    from boundwise.benchmarks.store import Writer

    with Writer(tmp_path / "out"):
        code, _, err = bench("run", campaign, "--out", tmp_path / "out")
    assert code == 2
    assert "another runner" in err


@pytest.mark.slow
def test_a_loss_ends_with_code_one(bench, campaign, tmp_path):
    a, b = tmp_path / "a", tmp_path / "b"
    bench("run", campaign, "--solvers", "good", "--out", a)
    bench("run", campaign, "--solvers", "good", "--out", b)
    text = (b / "records.jsonl").read_text()
    text = text.replace('"status":"solved_not_verified"', '"status":"fail_dual"')
    (b / "records.jsonl").write_text(text)
    code, out, _ = bench("compare", a, b)
    assert code == 1
    assert "new failure" in out
    assert bench("compare", b, a)[0] == 0


def test_the_list_of_solvers_says_what_is_missing(bench, monkeypatch, tmp_path):
    from boundwise.benchmarks.solvers import registry

    names = ("cbc", "command", "scip")
    monkeypatch.setattr(registry, "available_adapters", lambda: names)
    monkeypatch.setenv("PATH", str(tmp_path))
    code, text, _ = bench("solvers")
    assert code == 0
    cbc, command, scip = text.splitlines()
    assert "not available: " in cbc
    assert "any program" in command
    assert "PySCIPOpt" in scip
