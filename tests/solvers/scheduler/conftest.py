"""Small models whose solves call every arm."""

import pytest

from boundwise.instances.generators.registry import generate

#: One problem of each kind, solved in less than a second.
SPECS = {
    "set_cover": "set_cover:rows=60,cols=120,density=0.08,seed=2",
    "knapsack": "multiple_knapsack:items=14,knapsacks=3,seed=3",
    "facility": "capacitated_facility_location:customers=20,facilities=15,seed=1",
    "auction": "combinatorial_auction:items=50,bids=250,seed=2",
    "independent": "maximum_independent_set:nodes=120,seed=1",
    "lot": "lot_sizing:products=3,periods=8,seed=1",
    "gisp": "generalized_independent_set:nodes=25,seed=1",
}


@pytest.fixture
def make_model():
    """Return a maker of models by the name of their kind."""

    def make(kind="knapsack", **options):
        model = generate(SPECS[kind]).to_model()
        model.hideOutput()
        model.setParam("misc/catchctrlc", False)
        for name, value in options.items():
            model.setParam(name.replace("__", "/"), value)
        return model

    return make
