"""Draw the figure of dynamic-submodular.md: run it as a script, without arguments.

All elements of a heavy-tailed set system are inserted, then deleted from the largest
set down; value over lazy greedy from scratch, and oracle calls so far.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from boundwise.benchmarks.submodular.table import measure

HERE = Path(__file__).parent
STREAM = "synth:n=4000,stream=delete,k=20"
#: Method -> label and colour.
METHODS = {
    "dynamic-maximizer": ("DynamicMaximizer", "#4c72b0"),
    "lattanzi": ("Lattanzi et al.", "#c44e52"),
    "sieve-streaming": ("sieve-streaming, run again", "#55a868"),
    "incremental-greedy": ("exact incremental greedy", "#8172b2"),
    "periodic-greedy": ("lazy greedy every 1000", "#8c8c8c"),
}


def draw() -> None:
    """Play the stream with every method and draw both panels."""
    figure, (top, bottom) = plt.subplots(
        2, 1, figsize=(8, 5.6), sharex=True, layout="constrained"
    )
    for method, (label, colour) in METHODS.items():
        line = measure(STREAM, method, 0, time_limit=600.0)
        counts, greedy = np.array(line["counts"]), np.array(line["greedy"])
        ratio = np.array(line["values"]) / np.where(greedy > 0, greedy, np.nan)
        top.plot(counts, ratio, color=colour, label=label)
        bottom.semilogy(counts, line["calls_so_far"], color=colour)
    for ax in (top, bottom):
        ax.axvline(4000, color="0.8", linewidth=1, zorder=0)
    top.set(ylabel="value / lazy greedy", ylim=(0, 1.05), title=STREAM)
    top.legend(fontsize=8, loc="lower left")
    bottom.set(xlabel="updates (deletions begin at 4000)", ylabel="oracle calls so far")
    figure.savefig(HERE / "dynamic-submodular.png", dpi=110)


if __name__ == "__main__":
    draw()
