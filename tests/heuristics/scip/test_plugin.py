"""A heuristic of ours is called once at each node, and in the cut loop of the root."""

from boundwise.heuristics.scip.plugin import include_heuristic, set_active
from tests.heuristics.dives.conftest import random_mip, scip_model


class Recorder:
    """Write down where it is called."""

    def __init__(self):
        self.prepared = self.begun = 0
        self.calls = []

    def prepare(self, model):
        self.prepared += 1

    def begin(self, model):
        self.begun += 1

    def execute(self, model, heuristic, during_loop):
        self.calls.append((model.getDepth(), during_loop, model.getNNodes()))


def recorded(active=True):
    """Solve a model that needs a tree."""
    model = scip_model(*random_mip(6, n=24, m=12))
    recorder, errors = Recorder(), []
    include_heuristic(model, "test", recorder, on_error=errors.append, description="")
    set_active(model, "test", active)
    model.optimizeNogil()
    assert model.getStatus() == "optimal"
    assert errors == []
    return recorder


def test_it_is_called_in_the_cut_loop_at_the_root_only():
    recorder = recorded()
    assert {depth for depth, during_loop, _ in recorder.calls if during_loop} == {0}
    assert max(depth for depth, *_ in recorder.calls) > 0
    after = [node for depth, during_loop, node in recorder.calls if not during_loop]
    assert len(after) == len(set(after))
    assert recorder.prepared == 1
    assert recorder.begun >= 1


def test_it_is_not_called_while_it_is_not_active():
    recorder = recorded(active=False)
    assert recorder.calls == []
    assert recorder.prepared == 1
