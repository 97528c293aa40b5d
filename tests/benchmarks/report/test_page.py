"""The report in a real browser: it renders, sorts, filters, and asks no network."""

import base64
import json
import re
import shutil
import subprocess
import time

import pytest

from boundwise.benchmarks.report.write import format_figure, render, write_report
from boundwise.benchmarks.status import RunStatus
from boundwise.core.errors import InputError

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TABLE = {
    "alpha": {"x": 1.0, "y": 30.0, "z": 2.0, "w": RunStatus.TIME_LIMIT},
    "beta": {"x": 3.0, "y": 5.0, "z": RunStatus.FAIL_SOLUTION, "w": 4.0},
}
# What the test does in the page; the results are written into the document.
PROBE = """
<script>
window.addEventListener("load", () => {
  const out = {};
  const rows = () => [...document.querySelectorAll("#run-table tbody tr")]
    .map((row) => [...row.cells].map((cell) => cell.textContent));
  const press = (key) => document.querySelector(`th[data-key="${key}"] button`).click();
  out.plots = document.querySelectorAll(".js-plotly-plot").length;
  out.all = rows().length;
  press("time"); out.up = rows().map((row) => row[4]);
  press("time"); out.down = rows().map((row) => row[4]);
  out.sorted = document.querySelector('th[data-key="time"]').getAttribute("aria-sort");
  const filter = document.getElementById("filter");
  filter.value = "beta fail"; filter.dispatchEvent(new Event("input"));
  out.filtered = rows().map((row) => row.slice(0, 4));
  out.count = document.getElementById("count").textContent;
  filter.value = ""; filter.dispatchEvent(new Event("input"));
  const solver = document.getElementById("filter-solver");
  solver.value = "alpha"; solver.dispatchEvent(new Event("change"));
  out.alpha = rows().length;
  const b = document.getElementById("scatter-b");
  b.value = "alpha"; b.dispatchEvent(new Event("change"));
  out.axis = document.getElementById("plot-scatter").layout.yaxis.title.text;
  out.errors = window.seen;
  document.title = "RESULT" + btoa(unescape(encodeURIComponent(JSON.stringify(out))));
});
</script>
"""
WATCH = (
    "<script>window.seen = [];"
    "window.addEventListener('error', (e) => window.seen.push(String(e.message)));"
    "const olderror = console.error;"
    "console.error = (...a) => { window.seen.push(a.join(' ')); olderror(...a); };"
    "</script>"
)

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium")


def browse(page, profile, *options):
    done = subprocess.run(
        [
            CHROMIUM,
            *FLAGS,
            f"--user-data-dir={profile}",
            "--enable-logging=stderr",
            "--virtual-time-budget=10000",
            *options,
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout, done.stderr


def inspect(page, tmp_path):
    text = page.read_text()
    page = tmp_path / "probed.html"
    page.write_text(
        text.replace("<head>", "<head>" + WATCH, 1).replace(
            "</body>\n</html>", PROBE + "</body>\n</html>"
        )
    )
    dom, log = browse(page, tmp_path / "profile", "--dump-dom")
    encoded = re.search(r"<title>RESULT([^<]+)</title>", dom)
    assert encoded, log[-2000:]
    return json.loads(base64.b64decode(encoded[1])), log


@needs_browser
@pytest.mark.slow
def test_the_report_renders_sorts_and_filters_without_a_console_error(
    make_campaign, tmp_path
):
    pulls = [[0.5, "rins"], [1.0, "crossover"]]
    folder = make_campaign("c", TABLE, stats={"pulls": pulls})
    found, log = inspect(write_report(folder), tmp_path)
    assert found["errors"] == []
    assert "CONSOLE" not in log
    assert found["plots"] == 6
    assert found["all"] == 8
    assert found["up"] == ["1", "2", "3", "3", "3", "4", "5", "30"]
    assert found["down"] == found["up"][::-1]
    assert found["sorted"] == "descending"
    assert found["filtered"] == [["z", "beta", "0", "fail_solution"]]
    assert found["count"] == "1 of 8 runs"
    assert found["alpha"] == 4
    assert found["axis"] == "alpha (s)"


@needs_browser
@pytest.mark.slow
def test_hostile_names_and_logs_do_no_harm_in_the_page(make_campaign, tmp_path):
    evil = "</script><script>window.seen.push('owned')</script><b>"
    folder = make_campaign(
        "c", {evil: {evil: RunStatus.ABORT}, "b": {evil: 2.0}}, raw_status=evil
    )
    found, log = inspect(write_report(folder), tmp_path)
    assert found["errors"] == []
    assert "owned" not in log


@needs_browser
@pytest.mark.slow
def test_the_report_prints_to_a_pdf_of_several_pages(make_campaign, tmp_path):
    page = write_report(make_campaign("c", TABLE))
    pdf = tmp_path / "report.pdf"
    browse(page, tmp_path / "profile", f"--print-to-pdf={pdf}")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes())) >= 3


def test_the_page_is_one_file_that_names_no_other(make_campaign):
    text = write_report(make_campaign("c", TABLE)).read_text()
    shell = re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)
    assert not re.search(r"""(src|href)\s*=\s*["'](?!#|data:)""", shell)
    assert "@import" not in shell
    assert "Plotly" in text


def test_what_was_written_by_a_solver_is_escaped(make_campaign):
    evil = "<img src=x onerror=alert(1)>"
    folder = make_campaign("c", {"a": {"x": RunStatus.ABORT}}, raw_status=evil)
    text = write_report(folder).read_text()
    assert evil not in text
    assert "&lt;img" in text


def test_shifts_are_printed_beside_the_means(make_campaign):
    text = write_report(make_campaign("c", TABLE)).read_text()
    assert "sgm time, shift 1 s" in text
    assert "score, shift 10 s" in text


def test_failures_come_with_the_end_of_their_log(make_campaign):
    folder = make_campaign("c", {"a": {"x": RunStatus.ABORT}})
    (log,) = [
        folder / run["log"]
        for run in map(json.loads, (folder / "records.jsonl").read_text().splitlines())
    ]
    log.mkdir(parents=True)
    (log / "err").write_text("noise\n" * 1000 + "Segmentation fault at the end\n")
    text = write_report(folder).read_text()
    assert "Segmentation fault at the end" in text
    assert "1 runs failed" in text


def test_a_report_of_an_unfinished_campaign_says_what_is_missing(make_campaign):
    folder = make_campaign("c", TABLE)
    lines = (folder / "records.jsonl").read_text().splitlines(keepends=True)
    (folder / "records.jsonl").write_text("".join(lines[:-1]))
    text = write_report(folder).read_text()
    assert "1 of 8 runs are not recorded yet" in text
    assert "left out of all means" in text


def test_a_report_of_nothing_is_refused(make_campaign):
    folder = make_campaign("c", TABLE)
    (folder / "records.jsonl").write_text("")
    with pytest.raises(InputError, match="no run of"):
        write_report(folder)
    with pytest.raises(InputError, match="base must be one of"):
        write_report(make_campaign("d", TABLE), base="nosuch")


def test_a_template_that_misses_a_value_is_an_error():
    with pytest.raises(Exception, match="undefined"):
        render("report.html", data={})


def test_figures_have_four_digits():
    assert [format_figure(v) for v in (0.0, 0.12345, 12.346, 123456.0, 1e9, 1e-9)] == [
        "0",
        "0.1235",
        "12.35",
        "123456",
        "1.000e+09",
        "1.000e-09",
    ]


@pytest.mark.slow
def test_a_report_of_ten_thousand_runs_takes_less_than_twenty_seconds(make_campaign):
    rng_times = {f"i{k}": 0.5 + (k * 7919 % 1000) / 20 for k in range(500)}
    table = {"a": rng_times, "b": {k: 1.1 * v for k, v in rng_times.items()}}
    points = tuple((0.1 * k, 20.0 - k / 10, 5.0, "a") for k in range(100))
    folder = make_campaign("c", table, seeds=tuple(range(10)), trace=points)
    begin = time.perf_counter()
    write_report(folder)
    assert time.perf_counter() - begin < 20.0
