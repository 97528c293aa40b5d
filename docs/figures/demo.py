"""Draw the README's picture: adaptive LNS and plain SCIP on the demo instance.

Run ``python docs/figures/demo.py`` on an idle machine; it takes a minute and writes
``demo.svg`` beside itself.
"""

import math
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt

import boundwise
from boundwise.instances.generators.demo import demo_instance

LABELS = {"lns": "adaptive LNS", "scip": "plain SCIP"}
COLOURS = {"lns": "#0072b2", "scip": "#d55e00"}
TIME_LIMIT = 30.0


def main() -> None:
    """Solve with both methods and draw their incumbents over time."""
    plt.rcParams["svg.hashsalt"] = "boundwise"
    instance = demo_instance()
    figure, axes = plt.subplots(figsize=(7.2, 3.2), layout="constrained")
    for method, label in LABELS.items():
        result = boundwise.solve(instance, time_limit=TIME_LIMIT, method=method)
        points = [
            (event.seconds, event.objective)
            for event in result.trace
            if math.isfinite(event.objective)
        ]
        points.append((TIME_LIMIT, result.objective))
        axes.step(
            *zip(*points, strict=True),
            where="post",
            label=f"{label}: {result.objective:g}",
            color=COLOURS[method],
            linewidth=2,
        )
    axes.set_xlabel("seconds")
    axes.set_ylabel(f"incumbent ({instance.sense})")
    axes.set_title(f"{instance.name}, one thread", fontsize="medium")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(Path(__file__).with_name("demo.svg"), metadata={"Date": None})


if __name__ == "__main__":
    main()
