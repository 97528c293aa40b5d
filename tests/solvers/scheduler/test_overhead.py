"""Python takes a small part of a solve: what arms cost is what SCIP does for them."""

import cProfile
import pstats
import time
from pathlib import Path

import pytest

from boundwise.instances.generators.registry import generate
from boundwise.solvers.scheduler.arms import GROUPS
from boundwise.solvers.scheduler.attach import attach

#: Functions whose own time is that of the calls of SCIP in them (the profiler does
#: not see those): LPs, propagation, probing, copies, sub-MIPs, checks of solutions.
CALLS_OF_SCIP = {
    ("driver.py", "_lp_is_feasible"),
    ("driver.py", "_apply"),
    ("driver.py", "_flip"),
    ("driver.py", "_try"),
    ("driver.py", "dive"),
    ("drive.py", "run"),
    ("transfer.py", "copy_model"),
    ("arm.py", "try_solution"),
    ("submip.py", "solve_submip"),
}
#: Local search is compiled in another thread meanwhile, which is no cost of a call.
ARMS = [name for name in GROUPS["default"] if name != "local-search"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "spec",
    [
        "set_cover:rows=500,cols=50000,density=0.02,seed=1",
        "combinatorial_auction:items=2000,bids=12000,seed=1",
        "capacitated_facility_location:customers=100,facilities=100,seed=1",
    ],
)
def test_python_takes_less_than_a_twentieth_of_the_solve(spec):
    model = generate(spec).to_model()
    model.hideOutput()
    model.setParam("timing/clocktype", 1)
    # What is measured begins after presolving, which takes long on a busy machine.
    model.setParam("presolving/maxrounds", 1)
    model.setParam("limits/time", 40)
    heuristics = attach(model, arms=ARMS)
    profile = cProfile.Profile(time.process_time)
    profile.enable()
    model.optimize()
    profile.disable()
    entries = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    in_python = sum(
        own
        for (file, _, function), (_, _, own, _, _) in entries.items()
        if (Path(file).name, function) not in CALLS_OF_SCIP
        and not function.startswith("test_")
    )
    seconds = model.getSolvingTime()
    calls = len(heuristics.calls())
    print(f"{spec}: {in_python:.2f} s of {seconds:.1f} s, {calls} calls of arms")
    assert calls > 0
    assert in_python < 0.05 * seconds
