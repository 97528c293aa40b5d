"""The result of a run by several partners."""

import math

import pytest

import boundwise


@pytest.fixture(scope="module")
def result(knapsacks):
    instance = knapsacks(80, 10, 3)
    return boundwise.solve(instance, time_limit=2.0, engines=("scip",))


def test_the_turns_add_up_to_the_partners_accounts(result):
    for name, account in result.partners.items():
        turns = [spent for _, who, spent in result.stats["turns"] if who == name]
        assert len(turns) == account["turns"]
        assert sum(turns) == pytest.approx(account["spent"], abs=0.01)
    assert 0.5 < sum(a["spent"] for a in result.partners.values()) <= 2.5


def test_every_arm_that_was_pulled_is_in_the_log(result):
    for arm in result.arms:
        pulls = [name for _, name, _ in result.stats["pulls"] if name == arm["name"]]
        assert len(pulls) == arm["pulls"]


def test_the_plot_shows_incumbent_partners_and_arms(result):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    axes = result.plot()
    assert [a.get_ylabel() for a in axes[1:]] == ["share of time", "share of pulls"]
    shown = {text.get_text() for text in axes[1].get_legend().get_texts()}
    assert shown == {name for name, a in result.partners.items() if a["turns"]}
    pyplot.close("all")


def test_gains_are_fractions_of_the_gap(result):
    for account in result.partners.values():
        assert 0.0 <= account["gain"] < math.inf
