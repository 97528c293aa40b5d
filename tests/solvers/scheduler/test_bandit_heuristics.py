"""Statistics add up, and can be drawn."""

import pytest

from boundwise.core.errors import InputError
from boundwise.heuristics.scip.share import WorkShare
from boundwise.solvers.scheduler.attach import attach


@pytest.fixture
def heuristics(make_model):
    """Return the heuristics of a finished solve."""
    model = make_model("knapsack", limits__nodes=3)
    made = attach(
        model, arms=["mutation", "rins", "dive-guided"], budget=WorkShare(0.5, 5.0)
    )
    model.optimize()
    return made


def test_statistics_agree_with_the_calls(heuristics):
    calls = heuristics.calls()
    for row in heuristics.statistics():
        mine = [call for call in calls if call["arm"] == row["arm"]]
        assert row["calls"] == len(mine)
        assert row["improvements"] == sum(call["improved"] for call in mine)
        assert row["effort"] == pytest.approx(sum(call["effort"] for call in mine))
        if mine:
            mean = sum(call["reward"] for call in mine) / len(mine)
            assert row["mean_reward"] == pytest.approx(mean)
        assert 0.0 <= row["mean_reward"] <= 1.0
    assert heuristics.spent == pytest.approx(sum(c["effort"] for c in calls))


def test_the_frame_has_a_row_for_each_arm(heuristics):
    frame = heuristics.to_frame()
    assert list(frame.index) == ["mutation", "rins", "dive-guided"]
    assert frame["calls"].sum() == len(heuristics.calls())


def test_the_plot_shows_shares_that_sum_to_one(heuristics):
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    axes = heuristics.plot(bins=4)
    tops = [bar.get_y() + bar.get_height() for bar in axes.patches]
    assert max(tops) == pytest.approx(1.0)
    drawn = {text.get_text() for text in axes.get_legend().get_texts()}
    assert drawn <= set(heuristics.arms)
    assert len({bar.get_facecolor() for bar in axes.patches}) == len(drawn) > 1
    assert axes.get_xlabel() == "work units"
    assert heuristics.plot(axes) is axes
    pyplot.close("all")
    for wrong in (0, -1, 2.5, True):
        with pytest.raises(InputError):
            heuristics.plot(bins=wrong)


def test_before_the_solve_there_is_nothing_to_draw(make_model):
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    made = attach(make_model())
    assert made.calls() == []
    assert len(made.plot().patches) == 0
    pyplot.close("all")
