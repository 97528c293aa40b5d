"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  // Red-brown for regressions, grey for the same, blue for better; symbols differ too.
  const colours = ["#9c2a00", "#9c2a00", "#D55E00", "#777777", "#0072B2"];
  const symbols = ["x", "cross", "triangle-up", "circle", "triangle-down"];
  data.pairs.forEach((pair, index) => {
    const low = 0.4;
    const high = Math.max(pair.limit, ...pair.before, ...pair.after) * 1.3;
    const range = [Math.log10(low), Math.log10(high)];
    const axis = { type: "log", range, gridcolor: "#e3e3e3", linecolor: "#444", mirror: true, ticks: "outside", automargin: true };
    Plotly.newPlot(`plot-${index}`, [
      { x: [low, high], y: [low, high], mode: "lines", hoverinfo: "skip", line: { color: "#888", width: 1 } },
      {
        x: pair.before, y: pair.after, text: pair.instances, mode: "markers",
        marker: { size: 9, color: pair.kind.map((kind) => colours[kind]), symbol: pair.kind.map((kind) => symbols[kind]) },
        hovertemplate: "%{text}<br>A: %{x:.4g} s<br>B: %{y:.4g} s<extra></extra>",
      },
    ], {
      showlegend: false, margin: { l: 60, r: 15, t: 15, b: 55 }, paper_bgcolor: "#fff", plot_bgcolor: "#fff",
      xaxis: { ...axis, title: { text: "A (s)" } }, yaxis: { ...axis, title: { text: "B (s)" } },
    }, { responsive: true, displaylogo: false });
  });
  document.documentElement.dataset.ready = "true";
})();
