"""Draw the figure of scip-plugin.md: run it as a script, without arguments.

Each arm's share of the effort of all arms while SCIP works on 60 items and 8 knapsacks
for 15 CPU seconds.
"""

from pathlib import Path

import matplotlib.pyplot as plt

from boundwise.instances.generators.registry import generate
from boundwise.solvers.scheduler.attach import attach

HERE = Path(__file__).parent
PROBLEM = "multiple_knapsack:items=60,knapsacks=8,seed=1"


def draw() -> None:
    """Solve with attached heuristics and draw what they did."""
    model = generate(PROBLEM).to_model()
    model.hideOutput()
    model.setParam("timing/clocktype", 1)
    model.setParam("limits/time", 15)
    heuristics = attach(model, seed=1)
    model.optimize()
    figure, axes = plt.subplots(figsize=(8, 3.6), layout="constrained")
    heuristics.plot(axes, bins=15)
    axes.set_title(PROBLEM)
    figure.savefig(HERE / "scip-plugin.png", dpi=110)


if __name__ == "__main__":
    draw()
