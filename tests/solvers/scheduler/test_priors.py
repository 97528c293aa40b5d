"""What arms earned is kept, discounted, and cannot hurt for long."""

import json

import pytest

from boundwise.core.errors import InputError
from boundwise.heuristics.protocols import Ending
from boundwise.heuristics.scheduling.arm import ArmRun, ArmStatistics
from boundwise.heuristics.scip.share import WorkShare
from boundwise.solvers.scheduler.attach import attach
from boundwise.solvers.scheduler.priors import (
    ArmPrior,
    expected_rewards,
    read_priors,
    updated,
    write_priors,
)


def test_priors_survive_a_file(tmp_path):
    priors = {"rins": ArmPrior(3.5, 0.25), "dive-guided": ArmPrior(1.0, 1.0)}
    write_priors(tmp_path / "p.json", priors)
    assert read_priors(tmp_path / "p.json") == priors


def test_old_evidence_is_discounted_and_new_added():
    seen = [ArmStatistics("a", calls=4, rewards=2.0), ArmStatistics("b")]
    priors = updated({"a": ArmPrior(10.0, 0.1), "c": ArmPrior(2.0, 0.3)}, seen, 0.5)
    assert priors["a"].calls == pytest.approx(9.0)
    assert priors["a"].mean_reward == pytest.approx((5 * 0.1 + 2.0) / 9)
    assert priors["c"] == ArmPrior(1.0, 0.3)
    assert "b" not in priors


def test_little_evidence_counts_little_and_unknown_arms_are_average():
    priors = {
        "sure": ArmPrior(1e9, 0.5),
        "lucky": ArmPrior(0.5, 0.9),
        "idle": ArmPrior(45.0, 0.0),
        "elsewhere": ArmPrior(9.0, 1.0),
    }
    level = (0.5 + 0.9 + 0.0) / 3
    expected = expected_rewards(["sure", "lucky", "idle", "new"], priors)
    assert expected == pytest.approx(
        {
            "sure": 0.5,
            "lucky": level + (0.9 - level) / 11,
            "idle": 0.1 * level,
            "new": level,
        }
    )


def test_without_priors_for_its_arms_nothing_is_expected():
    priors = {"elsewhere": ArmPrior(9.0, 1.0)}
    assert expected_rewards(["b", "a"], priors) == {"b": 0.0, "a": 0.0}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format": "other", "arms": {}}',
        '{"format": "boundwise arm priors"}',
        '{"format": "boundwise arm priors", "arms": []}',
        '{"format": "boundwise arm priors", "arms": {"a": 1}}',
        '{"format": "boundwise arm priors", "arms": {"a": {"calls": 1}}}',
        '{"format": "boundwise arm priors", "arms": {"a": {"calls": -1, '
        '"mean_reward": 0}}}',
        '{"format": "boundwise arm priors", "arms": {"a": {"calls": NaN, '
        '"mean_reward": 0}}}',
        '{"format": "boundwise arm priors", "arms": {"a": {"calls": "1", '
        '"mean_reward": 0}}}',
        '{"format": "boundwise arm priors", "arms": {"a": {"calls": 1, '
        '"mean_reward": 2}}}',
        "[" * 100_000,
    ],
)
def test_damaged_files_are_refused(tmp_path, text):
    path = tmp_path / "p.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"priors|must be"):
        read_priors(path)


def test_missing_and_binary_files_are_refused(tmp_path):
    with pytest.raises(InputError):
        read_priors(tmp_path / "none.json")
    (tmp_path / "b").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError):
        read_priors(tmp_path / "b")


def test_a_solve_learns_from_the_one_before(make_model, tmp_path):
    path = tmp_path / "priors.json"
    share = WorkShare(0.5, 5.0)
    first = make_model("knapsack", limits__nodes=3)
    heuristics = attach(first, arms=["mutation", "rins", "dive-guided"], budget=share)
    first.optimize()
    heuristics.save(path)
    document = json.loads(path.read_text())
    assert set(document["arms"]) <= {"mutation", "rins", "dive-guided"}
    saved = read_priors(path)
    second = make_model("knapsack", limits__nodes=3)
    again = attach(second, arms=["dive-guided", "graph-ball", "mutation"], budget=share)
    again.load(path)
    second.optimize()
    again.save(path)
    kept = read_priors(path)
    assert kept["rins"].calls == pytest.approx(0.7 * saved["rins"].calls)
    calls = next(r["calls"] for r in again.statistics() if r["arm"] == "mutation")
    expected = 0.7 * saved["mutation"].calls + calls
    assert kept["mutation"].calls == pytest.approx(expected)


class Idle:
    """An arm that is always there and finds nothing."""

    def __init__(self, name):
        self.name = name

    def is_available(self, node):
        return True

    def run(self, node):
        return ArmRun(Ending.LIMIT)


def test_loaded_priors_guide_the_choices_of_a_solve(make_model, tmp_path):
    path = tmp_path / "priors.json"
    write_priors(path, {name: ArmPrior(1e9, float(name == "c")) for name in "abc"})
    model = make_model("knapsack")
    arms = [Idle(name) for name in "abc"]
    heuristics = attach(model, arms=arms, budget=WorkShare(0.5, 1e6))
    heuristics.load(path)
    model.optimize()
    called = [call["arm"] for call in heuristics.calls()]
    assert called[:3] == ["a", "b", "c"]
    assert len(called) > 8
    assert called[3:9].count("c") >= 4
