import numpy as np
import pytest

from boundwise.benchmarks.report.compare import compare_campaigns
from boundwise.benchmarks.report.comparison_page import write_comparison
from boundwise.benchmarks.status import RunStatus
from boundwise.core.errors import InputError

TIMES = {f"i{k}": float(k + 1) for k in range(20)}


def scaled(factor):
    return {name: factor * time for name, time in TIMES.items()}


def test_a_campaign_against_itself_is_no_loss(make_campaign):
    folder = make_campaign("a", {"s": TIMES})
    result = compare_campaigns(folder, folder)
    assert not result.is_loss
    assert result.pairs[0].comparison.ratio == 1.0


def test_a_slower_campaign_is_a_significant_loss(make_campaign):
    a = make_campaign("a", {"s": TIMES})
    b = make_campaign("b", {"s": scaled(1.6)})
    assert compare_campaigns(a, b).is_loss
    assert not compare_campaigns(b, a).is_loss
    assert "win" in compare_campaigns(b, a).pairs[0].verdict


def test_noise_is_no_loss(make_campaign):
    rng = np.random.default_rng(2)
    noisy = {name: t * float(rng.uniform(0.7, 1.4)) for name, t in TIMES.items()}
    a, b = make_campaign("a", {"s": TIMES}), make_campaign("b", {"s": noisy})
    assert not compare_campaigns(a, b).is_loss


def test_one_new_wrong_answer_is_a_loss_without_statistics(make_campaign):
    a = make_campaign("a", {"s": TIMES})
    b = make_campaign("b", {"s": TIMES | {"i3": RunStatus.FAIL_DUAL}})
    result = compare_campaigns(a, b)
    assert result.is_loss
    first = result.pairs[0].changes[0]
    assert (first.instance, first.words) == ("i3", "new failure")


def test_regressions_come_first_in_the_order_of_their_weight(make_campaign):
    later = TIMES | {
        "i0": 4.0,
        "i1": RunStatus.TIME_LIMIT,
        "i2": RunStatus.ABORT,
        "i9": 1.0,
    }
    a, b = make_campaign("a", {"s": TIMES}), make_campaign("b", {"s": later})
    result = compare_campaigns(a, b)
    words = [change.words for change in result.pairs[0].changes]
    assert words[:3] == ["new failure", "no longer solved", "slower"]
    assert words[-1] == "better"
    text = "\n".join(result.lines())
    assert text.index("i2 ") < text.index("i1 ") < text.index("i0 ")


def test_single_solvers_of_different_names_are_paired(make_campaign):
    a, b = make_campaign("a", {"old": TIMES}), make_campaign("b", {"new": TIMES})
    assert compare_campaigns(a, b).pairs[0].title == "new (B) against old (A)"


def test_what_cannot_be_paired_is_refused(make_campaign):
    a = make_campaign("a", {"s": TIMES, "t": TIMES})
    b = make_campaign("b", {"u": TIMES})
    with pytest.raises(InputError, match="no solver in common"):
        compare_campaigns(a, b)
    c = make_campaign("c", {"s": {"else": 1.0}})
    with pytest.raises(InputError, match="no instance is common"):
        compare_campaigns(a, c)
    limits = {"time_limit": 50.0, "threads": 1}
    d = make_campaign("d", {"s": TIMES}, limits=limits)
    with pytest.raises(InputError, match="time_limit must be the same"):
        compare_campaigns(a, d)


def test_campaigns_of_two_machines_are_refused(make_campaign):
    host = {"name": "n", "fingerprint": "g", "cores": 2, "slots": 1}
    a = make_campaign("a", {"s": TIMES})
    b = make_campaign("b", {"s": TIMES}, host=host)
    with pytest.raises(InputError, match="2 machines"):
        compare_campaigns(a, b)
    assert compare_campaigns(a, b, allow_mixed=True).pairs


def test_the_comparison_page_names_every_instance(make_campaign, tmp_path):
    a, b = make_campaign("a", {"s": TIMES}), make_campaign("b", {"s": scaled(2)})
    path = tmp_path / "comparison.html"
    write_comparison(compare_campaigns(a, b), path)
    text = path.read_text()
    assert "LOSS: slower" in text
    assert all(f'<td class="text">{name}</td>' in text for name in TIMES)
