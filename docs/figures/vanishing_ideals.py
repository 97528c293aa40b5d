"""Draw the figures of vanishing-ideals.md: ``python docs/figures/vanishing_ideals.py``.

The second figure reads the output of
``python -m boundwise.benchmarks.vanishing.bars scaling`` from the file named as first
argument; without one it is left as it is.
"""

import json
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from boundwise.solvers.vanishing import OAVI

HERE = Path(__file__).parent
DOTS, CURVE, OTHER = "#4c72b0", "#c44e52", "#8c8c8c"


def curves() -> None:
    """Points near an ellipse and near two circles, and the zero sets recovered."""
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2 * np.pi, 400)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    radius = np.where(rng.uniform(size=400) < 0.4, 0.45, 1.0)
    cases = (
        ("an ellipse", circle @ [[1.0, 0.5], [0.0, 0.4]], 0.02, 1e-3),
        ("two circles", radius[:, None] * circle, 0.006, 2e-6),
    )
    figure, axes = plt.subplots(1, 2, figsize=(8, 3.8), layout="constrained")
    for ax, (title, points, noise, psi) in zip(axes, cases, strict=True):
        noisy = points + rng.normal(0, noise, points.shape)
        model = OAVI(psi, absolute=False).fit(noisy)
        low, high = noisy.min(axis=0) - 0.2, noisy.max(axis=0) + 0.2
        x, y = np.meshgrid(
            np.linspace(low[0], high[0], 400), np.linspace(low[1], high[1], 400)
        )
        values = model.transform(np.column_stack([x.ravel(), y.ravel()]))
        ax.plot(*noisy.T, ".", color=DOTS, markersize=3, label="points")
        ax.contour(x, y, values[:, 0].reshape(x.shape), [0], colors=CURVE)
        name = model.get_feature_names_out()[0]
        ax.plot([], [], color=CURVE, label=f"zeros of {name}, psi = {psi:g}")
        ax.set_title(title)
        ax.set_aspect("equal")
        ax.legend(loc="upper right", fontsize=8)
    figure.savefig(HERE / "vanishing-curves.png", dpi=110)


def scaling(path: Path) -> None:
    """CPU time over the numbers of rows and of features."""
    data = json.loads(path.read_text(encoding="utf-8"))
    figure, axes = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    rows, seconds = np.array(data["rows"]), np.array(data["seconds"])
    axes[0].loglog(rows, seconds, "o-", color=DOTS, label="fit")
    many = rows >= 10**6
    law = np.polyfit(np.log(rows[many]), np.log(seconds[many]), 1)
    line = np.exp(np.polyval(law, np.log(rows)))
    axes[0].loglog(
        rows, line, "--", color=OTHER, label=f"slope {law[0]:.3f} from 1e6 rows"
    )
    axes[0].set(
        xlabel="rows", ylabel="CPU seconds", title=f"3 features, psi = {data['psi']:g}"
    )
    axes[0].legend()
    axes[1].semilogy(data["features"], data["seconds_over_features"], "o-", color=DOTS)
    axes[1].set(xlabel="features", title="20 000 rows, psi = 0.005")
    figure.savefig(HERE / "vanishing-scaling.png", dpi=110)


if __name__ == "__main__":
    curves()
    if len(sys.argv) > 1:
        scaling(Path(sys.argv[1]))
