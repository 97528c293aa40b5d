"""A run never waits for the network, and loses nothing when the hub is lost."""

import contextlib
import math
import threading
import time

import numpy as np
import pytest

from boundwise.solvers.mip.cluster.exchange import ClusterExchange, RunEndedError
from boundwise.solvers.mip.cluster.hub import Hub, Report
from boundwise.solvers.mip.exchange import Exchange

NOTHING = Report(who="z", objective=math.inf, payload=None, bound=-math.inf)


def exchange_of(meet, who="a", n=3):
    return ClusterExchange(who, "minimize", n, meet, interval=0.01)


def until(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_it_is_an_exchange_as_solve_wants_one():
    assert isinstance(exchange_of(Hub("minimize").meet), Exchange)


def test_what_one_run_finds_another_one_gets():
    hub = Hub("minimize")
    x = np.array([1.0, 0.0, 0.1 + 0.2])
    with exchange_of(hub.meet, "a") as one, exchange_of(hub.meet, "b") as other:
        one.publish(x, 5.0, 1.0)
        until(lambda: other._foreign is not None)
        # Bit by bit, as exact checks need it.
        assert other.poll(9.0).tobytes() == x.tobytes()
        assert other.poll(9.0) is None
        assert one.poll(5.0) is None


def test_a_solution_that_is_not_better_any_more_is_not_handed_out():
    hub = Hub("minimize")
    hub.meet(Report(who="b", objective=5.0, payload=bytes(24), bound=0.0))
    with exchange_of(hub.meet) as exchange:
        until(lambda: exchange._foreign is not None)
        assert exchange.poll(4.0) is None


def test_a_solution_of_another_length_is_ignored():
    hub = Hub("minimize")
    hub.meet(Report(who="b", objective=5.0, payload=bytes(16), bound=0.0))
    with exchange_of(hub.meet) as exchange:
        exchange.publish(None, math.inf, 2.0)
        until(lambda: hub.meet(NOTHING).bound == 2.0)
        assert exchange.poll(9.0) is None


def test_the_search_never_waits_for_a_hub_that_hangs():
    hanging = threading.Event()

    def meet(_):
        hanging.wait(20.0)
        raise OSError("gone")

    exchange = exchange_of(meet)
    with contextlib.ExitStack() as stack:
        stack.enter_context(exchange)
        stack.callback(hanging.set)
        time.sleep(0.05)
        began = time.monotonic()
        for _ in range(100):
            exchange.publish(np.zeros(3), 5.0, 1.0)
            assert exchange.poll(5.0) is None
        assert time.monotonic() - began < 1.0


def test_a_new_hub_gets_the_best_solution_again():
    hubs = [Hub("minimize")]

    def meet(report):
        if not hubs:
            raise OSError("the hub is gone")
        return hubs[0].meet(report)

    with exchange_of(meet) as exchange:
        exchange.publish(np.ones(3), 5.0, 1.0)
        until(lambda: hubs[0].meet(NOTHING).objective == 5.0)
        hubs.clear()
        until(lambda: exchange.n_failures >= 1)
        hubs.append(Hub("minimize"))
        until(lambda: hubs[0].meet(NOTHING).payload == np.ones(3).tobytes())


def test_a_hub_that_came_back_with_less_gets_the_best_without_any_failure():
    hubs = [Hub("minimize")]
    with exchange_of(lambda report: hubs[0].meet(report)) as exchange:
        exchange.publish(np.ones(3), 5.0, 1.0)
        until(lambda: hubs[0].meet(NOTHING).objective == 5.0)
        hubs[0] = Hub("minimize")
        until(lambda: hubs[0].meet(NOTHING).objective == 5.0)
        assert exchange.n_failures == 0


def test_a_solution_travels_once():
    sent = []
    hub = Hub("minimize")

    def meet(report):
        sent.append(report.payload)
        return hub.meet(report)

    with exchange_of(meet) as exchange:
        exchange.publish(np.ones(3), 5.0, 1.0)
        until(lambda: len(sent) > 20)
    assert sum(payload is not None for payload in sent) == 1


def test_a_foreign_solution_comes_once_and_goes_to_a_new_hub():
    came = []
    hubs = [Hub("minimize")]
    hubs[0].meet(Report(who="b", objective=5.0, payload=bytes(24), bound=0.0))

    def meet(report):
        reply = hubs[0].meet(report)
        came.append(reply.payload)
        return reply

    with exchange_of(meet) as exchange:
        until(lambda: len(came) > 20)
        assert sum(payload is not None for payload in came) == 1
        assert exchange.poll(9.0) is not None
        hubs[0] = Hub("minimize")
        until(lambda: hubs[0].meet(NOTHING).payload == bytes(24))


def test_what_is_found_last_arrives():
    hub = Hub("minimize")
    exchange = ClusterExchange("a", "minimize", 3, hub.meet, interval=60.0)
    with exchange:
        exchange.publish(np.ones(3), 5.0, 1.0)
    assert hub.meet(NOTHING).objective == 5.0


def test_a_run_that_is_not_needed_any_more_leaves_at_its_next_poll():
    hub = Hub("minimize")
    with exchange_of(hub.meet) as exchange:
        hub.end()
        until(lambda: exchange._ended)
        with pytest.raises(RunEndedError):
            exchange.poll(1.0)
