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


def runs(part):
    """Yield the name of each network, one of its runs, and its last points."""
    found = read(f"training_{part}.json")["runs"]
    for name in {run["name"]: None for run in found}:
        own = [run for run in found if run["name"] == name]
        yield name, own[0], [run["points"][-1] for run in own]


def rows():
    """Yield every row that the page of results should have."""
    for name, run, ends in runs("times"):
        right = summary([100 - end["error"] for end in ends])
        seconds = statistics.median(end["seconds"] for end in ends)
        yield (f"| {name} | {run['epochs']} | {run['parameters']:,} "
               f"| {seconds:.1f} | {right} % |")
    for group in read("training_times.json")["ensemble"]:
        shares = [f"{100 - group[kind]['mean']:.2f} %"
                  for kind in ("plain", "shifted copies")]
        yield f"| {group['networks']} | {' | '.join(shares)} |"
    for name, _, ends in runs("changes"):  # percent of 10,000 images
        mean = statistics.mean(100 * end["error"] for end in ends)
        yield f"| {name} | {mean:.1f} |"


@pytest.mark.parametrize("row", list(rows()))
def test_the_page_has_every_row(row):
    assert row in PAGE
