"""The page of results says what the benchmarks' files say."""

import json
import statistics

from mnist_digit_recognizer import PROJECT

FOLDER = PROJECT / "helpers" / "measured"
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")


def read(name):
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def summary(values):
    return f"{statistics.mean(values):.2f} ± {statistics.stdev(values):.2f}"


def test_every_network_has_its_row():
    runs = read("training_times.json")["runs"]
    for name in {run["name"] for run in runs}:
        mine = [run for run in runs if run["name"] == name]
        right = summary([100 - run["points"][-1]["error"] for run in mine])
        seconds = statistics.median(r["points"][-1]["seconds"] for r in mine)
        row = (f"| {name} | {mine[0]['epochs']} | {mine[0]['parameters']:,} "
               f"| {seconds:.1f} | {right} % |")
        assert row in PAGE, f"the page lacks this row: {row}"


def test_every_average_of_networks_has_its_row():
    for group in read("training_times.json")["ensemble"]:
        cells = [
            f"{100 - group[kind]['mean']:.2f} %"
            for kind in ("plain", "shifted copies")
        ]
        row = f"| {group['networks']} | {' | '.join(cells)} |"
        assert row in PAGE, f"the page lacks this row: {row}"


def test_every_change_has_its_row():
    for change in read("training_changes.json")["changes"]:
        mistakes = [run["mistakes"] for run in change["runs"]]
        row = f"| {change['name']} | {statistics.mean(mistakes):.1f} |"
        assert row in PAGE, f"the page lacks this row: {row}"
