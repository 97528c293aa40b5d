"""The hub keeps the best of all, whatever the order in which messages come."""

import itertools
import math
import threading

import pytest

from boundwise.solvers.mip.cluster.hub import Hub, Report


def report(who, objective, bound=-math.inf, payload=b"", experience=()):
    return Report(
        who=who,
        objective=objective,
        payload=payload or f"{who}:{objective}".encode(),
        bound=bound,
        experience=dict(experience),
    )


def nothing(who, sign=1.0):
    return Report(who=who, objective=sign * math.inf, payload=None, bound=-math.inf)


@pytest.mark.parametrize(("sense", "best"), [("minimize", 1.0), ("maximize", 3.0)])
def test_the_best_solution_stays_in_whatever_order_they_come(sense, best):
    sign = 1.0 if sense == "minimize" else -1.0
    for order in itertools.permutations([1.0, 2.0, 3.0]):
        hub = Hub(sense)
        for value in order:
            hub.meet(report("a", value))
        reply = hub.meet(nothing("b", sign))
        assert reply.objective == best
        assert reply.payload == f"a:{best}".encode()


def test_a_solution_is_sent_only_to_those_who_have_none_as_good():
    hub = Hub("minimize")
    assert hub.meet(report("a", 5.0)).payload is None
    assert hub.meet(report("b", 5.0)).payload is None
    assert hub.meet(report("b", 6.0)).payload == b"a:5.0"
    assert hub.meet(report("c", 4.0)).payload is None


def test_without_a_payload_an_objective_is_no_solution():
    hub = Hub("minimize")
    hub.meet(Report(who="a", objective=1.0, payload=None, bound=-math.inf))
    reply = hub.meet(nothing("b"))
    assert reply.objective == math.inf
    assert reply.payload is None


@pytest.mark.parametrize(
    ("sense", "bounds", "best"),
    [("minimize", (1.0, 3.0, 2.0), 3.0), ("maximize", (9.0, 7.0, 8.0), 7.0)],
)
def test_the_tightest_bound_stays(sense, bounds, best):
    sign = 1.0 if sense == "minimize" else -1.0
    hub = Hub(sense)
    for bound in (*bounds, -sign * math.inf):
        reply = hub.meet(
            Report(who="a", objective=sign * math.inf, payload=None, bound=bound)
        )
    assert reply.bound == best


def test_news_are_improvements_in_their_order_with_their_finder():
    hub = Hub("minimize")
    hub.meet(report("a", 5.0))
    hub.meet(report("b", 6.0))
    hub.meet(report("b", 4.0, bound=2.0))
    found = hub.news(0)
    assert [(n.objective, n.who) for n in found] == [(5.0, "a"), (4.0, "b")]
    assert found[1].bound == 2.0
    assert 0.0 <= found[0].seconds <= found[1].seconds
    assert hub.news(2) == []


def test_experience_of_others_is_their_sum_and_replaces_what_they_said_before():
    hub = Hub("minimize")
    hub.meet(report("a", 5.0, experience={0: (1, 0.5)}))
    hub.meet(report("a", 5.0, experience={0: (3, 1.5), 2: (1, 1.0)}))
    hub.meet(report("b", 5.0, experience={0: (2, 0.25)}))
    assert hub.meet(nothing("c")).experience == {0: (5, 1.75), 2: (1, 1.0)}
    assert hub.meet(nothing("b")).experience == {0: (3, 1.5), 2: (1, 1.0)}


def test_everybody_is_told_of_the_end():
    hub = Hub("minimize")
    assert not hub.meet(nothing("a")).ended
    hub.end()
    assert hub.meet(nothing("a")).ended
    assert hub.meet(nothing("b")).ended


def test_many_at_once_lose_nothing():
    hub = Hub("minimize")

    def work(number):
        for step in range(200):
            hub.meet(report(f"w{number}", 1000.0 - step - number / 10))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reply = hub.meet(nothing("z"))
    assert reply.objective == 1000.0 - 199 - 0.3
    assert reply.payload == f"w3:{reply.objective}".encode()
    values = [news.objective for news in hub.news(0)]
    assert values == sorted(values, reverse=True)
