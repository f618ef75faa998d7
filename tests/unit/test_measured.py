"""The page of results says what the benchmarks' files say."""

import json
import statistics

import pytest

from mnist_digit_recognizer import PROJECT

FOLDER = PROJECT / "helpers" / "measured"
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")


def read(name):
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def summary(values):
    return f"{statistics.mean(values):.2f} ± {statistics.stdev(values):.2f}"


def rows():
    """Yield every row that the page of results should have."""
    times = read("training_times.json")
    for name in {run["name"]: None for run in times["runs"]}:
        runs = [run for run in times["runs"] if run["name"] == name]
        right = summary([100 - run["points"][-1]["error"] for run in runs])
        seconds = statistics.median(r["points"][-1]["seconds"] for r in runs)
        yield (f"| {name} | {runs[0]['epochs']} | {runs[0]['parameters']:,} "
               f"| {seconds:.1f} | {right} % |")
    for group in times["ensemble"]:
        shares = [f"{100 - group[kind]['mean']:.2f} %"
                  for kind in ("plain", "shifted copies")]
        yield f"| {group['networks']} | {' | '.join(shares)} |"
    for change in read("training_changes.json")["changes"]:
        mean = statistics.mean(run["mistakes"] for run in change["runs"])
        yield f"| {change['name']} | {mean:.1f} |"


@pytest.mark.parametrize("row", list(rows()))
def test_the_page_has_every_row(row):
    assert row in PAGE
