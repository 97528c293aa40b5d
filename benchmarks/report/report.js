"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  // Okabe and Ito's colours are told apart with every kind of colour vision; dashes
  // and symbols tell the lines apart in black and white.
  const colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#8c8c00"];
  const dashes = ["solid", "dash", "dot", "dashdot", "longdash", "longdashdot"];
  const symbols = ["circle", "square", "diamond", "cross", "x", "triangle-up", "star", "pentagon"];
  const place = (label) => Math.max(0, data.labels.indexOf(label));
  const colour = (label) => colours[place(label) % colours.length];
  const line = (label) => ({ color: colour(label), width: 2.5, dash: dashes[place(label) % dashes.length], shape: "hv" });
  const config = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["lasso2d", "select2d"] };

  function layout(x, y, more) {
    const axis = { gridcolor: "#e3e3e3", linecolor: "#444", mirror: true, ticks: "outside", zeroline: false, automargin: true };
    const base = {
      margin: { l: 60, r: 15, t: 15, b: 55 },
      font: { size: 13, color: "#1a1a1a" },
      paper_bgcolor: "#fff",
      plot_bgcolor: "#fff",
      legend: { orientation: "h", y: -0.22 },
      hovermode: "closest",
      xaxis: { ...axis, title: { text: x } },
      yaxis: { ...axis, title: { text: y } },
    };
    const { xaxis, yaxis, ...rest } = more || {};
    Object.assign(base.xaxis, xaxis);
    Object.assign(base.yaxis, yaxis);
    return Object.assign(base, rest);
  }

  function draw(id, traces, shape, otherwise) {
    const target = document.getElementById(id);
    if (!target) return;
    if (!traces.length) {
      target.textContent = otherwise || "There is nothing to draw.";
      target.style.height = "auto";
      return;
    }
    Plotly.react(target, traces, shape, config);
  }

  function profile(id, curves, title, first, lastOf) {
    const last = Math.max(first * 2, lastOf(curves));
    const traces = curves.map((curve) => ({
      name: curve.label,
      x: [first, ...curve.x, last],
      y: [0, ...curve.y, curve.y.length ? curve.y[curve.y.length - 1] : 0],
      mode: "lines",
      line: line(curve.label),
    }));
    draw(id, traces, layout(title, "share of instances", {
      xaxis: { type: "log", range: [Math.log10(first), Math.log10(last)] },
      yaxis: { range: [0, 1.02], tickformat: ".0%" },
    }), "No instance was solved.");
  }

  const largest = (curves) => Math.max(1, ...curves.flatMap((curve) => curve.x));
  const solved = data.profiles.performance.some((curve) => curve.x.length);
  profile("plot-performance", solved ? data.profiles.performance : [], "factor of the fastest solver (log scale)", 1, (c) => largest(c) * 1.1);
  profile("plot-data", solved ? data.profiles.data : [], "seconds (log scale)", 0.5, (c) => Math.max(data.scatter.limit, largest(c)));
  draw("plot-gaps", data.gaps.map((curve) => ({
    name: `${curve.label} (${curve.instances} instances)`, x: curve.x, y: curve.y, mode: "lines", line: line(curve.label),
  })), layout("seconds (log scale)", "mean primal gap", {
    xaxis: { type: "log" }, yaxis: { rangemode: "tozero" },
  }), "No instance has a known solution.");

  function scatter() {
    const a = document.getElementById("scatter-a").value;
    const b = document.getElementById("scatter-b").value;
    const times = data.scatter.times;
    if (!times[a] || !times[b] || !times[a].length) return draw("plot-scatter", []);
    const low = 0.4;
    const high = Math.max(data.scatter.limit, ...times[a], ...times[b]) * 1.3;
    const diagonal = (factor, dash) => ({
      x: [low, high], y: [low * factor, high * factor], mode: "lines", hoverinfo: "skip",
      line: { color: "#888", width: 1, dash }, showlegend: false,
    });
    const range = [Math.log10(low), Math.log10(high)];
    draw("plot-scatter", [
      diagonal(1, "solid"), diagonal(10, "dot"), diagonal(0.1, "dot"),
      {
        x: times[a], y: times[b], text: data.scatter.instances, mode: "markers", showlegend: false,
        marker: { color: colour(b), size: 9, symbol: symbols[place(b) % symbols.length], opacity: 0.75, line: { width: 1, color: "#fff" } },
        hovertemplate: `%{text}<br>${a}: %{x:.4g} s<br>${b}: %{y:.4g} s<extra></extra>`,
      },
    ], layout(`${a} (s)`, `${b} (s)`, { xaxis: { type: "log", range }, yaxis: { type: "log", range } }));
  }

  function options(id, values, chosen, changed) {
    const select = document.getElementById(id);
    for (const value of values) {
      const option = document.createElement("option");
      option.value = option.textContent = value;
      select.append(option);
    }
    if (chosen !== undefined) select.value = chosen;
    select.addEventListener("change", changed);
  }

  const other = data.labels.find((label) => label !== data.base);
  options("scatter-a", data.labels, data.base, scatter);
  options("scatter-b", data.labels, other === undefined ? data.base : other, scatter);
  scatter();

  const boxes = data.ratios.map((box) => ({
    type: "box", name: box.label, y: box.y, text: data.scatter.instances, boxpoints: data.scatter.instances.length > 300 ? "outliers" : "all",
    jitter: 0.4, pointpos: 0, fillcolor: "rgba(0,0,0,0)", marker: { color: colour(box.label), size: 5, opacity: 0.6 },
    line: { color: colour(box.label) }, showlegend: false, hovertemplate: "%{text}: %{y:.2f}<extra></extra>",
  }));
  if (boxes.length) {
    boxes.push({
      x: data.ratios.map((box) => box.label),
      y: data.ratios.map((box) => box.mean),
      error_y: {
        type: "data", symmetric: false, thickness: 2.5, width: 8,
        array: data.ratios.map((box) => box.high - box.mean),
        arrayminus: data.ratios.map((box) => box.mean - box.low),
      },
      mode: "markers", marker: { symbol: "diamond", size: 12, color: "#000" }, showlegend: false,
      hovertemplate: "mean %{y:.3f}<extra></extra>",
    });
  }
  draw("plot-ratios", boxes, layout("", "log2 of the ratio", { yaxis: { zeroline: true, zerolinecolor: "#444" } }), "There is one solver only.");

  function arms() {
    const label = document.getElementById("arm-solver").value;
    const found = data.arms.find((entry) => entry.label === label);
    draw("plot-arms", found.arms.map((arm, index) => ({
      name: arm.name, x: found.x, y: arm.y, type: "bar",
      marker: { color: colours[index % colours.length], pattern: { shape: ["", "/", "\\", "x", "-", "|", "+", "."][index % 8], fgcolor: "#fff", fillmode: "overlay", size: 6 } },
    })), layout("seconds", "pulls", { barmode: "stack", bargap: 0 }));
  }
  if (data.arms.length) {
    document.getElementById("arms").hidden = false;
    options("arm-solver", data.arms.map((entry) => entry.label), undefined, arms);
    arms();
  }

  // The table of runs: sorted and filtered as data, a page of it is shown.
  const size = 200;
  const state = { key: "instance", descending: false, page: 0, all: false };
  const body = document.querySelector("#run-table tbody");
  const heading = document.querySelector("#run-table thead").insertRow();
  const input = (id) => document.getElementById(id);
  for (const column of data.columns) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.className = column.kind;
    cell.dataset.key = column.key;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = column.title;
    button.addEventListener("click", () => {
      state.descending = state.key === column.key && !state.descending;
      state.key = column.key;
      state.page = 0;
      show();
    });
    cell.append(button);
    heading.append(cell);
  }

  function compare(a, b) {
    const x = a[state.key], y = b[state.key];
    if (x === y) return 0;
    // What is missing comes last, in both directions.
    if (x === null) return 1;
    if (y === null) return -1;
    const order = typeof x === "number" ? x - y : String(x).localeCompare(String(y));
    return state.descending ? -order : order;
  }

  function chosen() {
    const words = input("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
    const solver = input("filter-solver").value, status = input("filter-status").value;
    return data.runs.filter((run) => {
      if (solver && run.solver !== solver) return false;
      if (status && run.status !== status) return false;
      const text = `${run.instance} ${run.solver} ${run.status}`.toLowerCase();
      return words.every((word) => text.includes(word));
    }).sort(compare);
  }

  function figure(value) {
    if (value === null || value === undefined) return "-";
    if (typeof value !== "number" || Number.isInteger(value)) return String(value);
    return String(Number(value.toPrecision(6)));
  }

  function show() {
    const rows = chosen();
    const pages = Math.max(1, Math.ceil(rows.length / size));
    state.page = Math.min(state.page, pages - 1);
    const first = state.all ? 0 : state.page * size;
    const shown = state.all ? rows : rows.slice(first, first + size);
    const fragment = document.createDocumentFragment();
    for (const run of shown) {
      const row = document.createElement("tr");
      for (const column of data.columns) {
        const cell = document.createElement("td");
        cell.className = column.kind;
        if (column.key === "status" && /^(fail|abort|missing|read)/.test(run.status)) cell.classList.add("bad");
        cell.textContent = figure(run[column.key]);
        row.append(cell);
      }
      fragment.append(row);
    }
    body.replaceChildren(fragment);
    for (const cell of heading.cells) {
      const sorted = cell.dataset.key === state.key;
      cell.setAttribute("aria-sort", sorted ? (state.descending ? "descending" : "ascending") : "none");
    }
    const span = shown.length < rows.length ? `, ${first + 1} to ${first + shown.length} shown` : "";
    input("count").textContent = `${rows.length} of ${data.runs.length} runs${span}`;
    input("previous").disabled = state.all || state.page === 0;
    input("next").disabled = state.all || state.page >= pages - 1;
    input("everything").disabled = state.all || pages === 1;
  }

  const restart = () => { state.page = 0; show(); };
  options("filter-solver", [...new Set(data.runs.map((run) => run.solver))].sort(), undefined, restart);
  options("filter-status", [...new Set(data.runs.map((run) => run.status))].sort(), undefined, restart);
  input("filter").addEventListener("input", restart);
  input("previous").addEventListener("click", () => { state.page -= 1; show(); });
  input("next").addEventListener("click", () => { state.page += 1; show(); });
  input("everything").addEventListener("click", () => { state.all = true; show(); });
  show();
  document.documentElement.dataset.ready = "true";
})();
