"""What is shown of `make bench` is about the present lesson."""

import json
from pathlib import Path

import pytest

from tests.notebooks.outputs import code_cells, read, texts
from tests.tools.refresh import FIGURE, readme_figure

PROJECT = Path(__file__).parents[2]
FILE = PROJECT / "helpers" / "measured" / "training_times.json"
CHANGES = PROJECT / "helpers" / "measured" / "training_changes.json"
NOTEBOOK = PROJECT / "notebooks" / "3_model_prediction_and_evaluation.ipynb"
LESSON = "the lesson's network"


@pytest.fixture(scope="module")
def measured():
    return json.loads(FILE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def tried():
    return json.loads(CHANGES.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def runs(measured):
    """The runs of each network, by its name."""
    names = {run["name"] for run in measured["runs"]}
    return {
        name: [run for run in measured["runs"] if run["name"] == name]
        for name in names
    }


def test_every_network_was_trained_from_five_seeds(runs):
    assert len(runs) == 5
    for name, group in runs.items():
        assert sorted(run["seed"] for run in group) == [0, 1, 2, 3, 4], name


def test_it_was_measured_on_test_pictures_and_two_cores(measured):
    assert measured["measured on"] == "test"
    assert measured["cores"] == 2


def test_every_epoch_was_judged(runs):
    for group in runs.values():
        for run in group:
            seconds = [point["seconds"] for point in run["points"]]
            assert len(seconds) == run["epochs"]
            assert seconds == sorted(seconds)
            assert 0 < run["points"][-1]["error"] < 3


def test_the_measured_network_is_the_lessons(runs):
    """The bench must be run again when the lesson's network changes."""
    cells = {cell.id: cell for cell in code_cells(read(NOTEBOOK))}
    (epochs,) = (
        int(line.partition("=")[2])
        for line in cells["866d8a11"].source.splitlines()
        if line.startswith("epochs")
    )
    (printed,) = texts(cells["0b43bd21"].outputs).values()
    for run in runs[LESSON]:
        assert run["epochs"] == epochs
        assert f"{run['parameters']:,} parameters" in printed


def test_the_small_network_is_small(runs):
    assert all(run["parameters"] < 10_000 for run in runs["small"])
    assert all(run["epochs"] == 1 for run in runs["lightning"])


def test_the_ensemble_grows_by_one(measured):
    sizes = [row["networks"] for row in measured["ensemble"]]
    assert sizes == [1, 2, 3, 4, 5]


def test_pictures_are_made_faster_than_the_network_learns(measured):
    seconds = measured["seconds of an epoch"]
    assert len(seconds) == 4
    made = seconds["make the changed pictures"]
    assert 0 < made < seconds["train on pictures as they are"]


def test_each_change_was_tried_from_three_seeds(tried, runs):
    """It must be measured again, too, when the lesson's network changes."""
    assert tried["pictures"] == 10_000
    names = [change["name"] for change in tried["changes"]]
    assert names[0] == "as it is" and len(names) == len(set(names)) == 6
    for change in tried["changes"]:
        assert [run["seed"] for run in change["runs"]] == [0, 1, 2]
    for run in tried["changes"][0]["runs"]:
        assert run["parameters"] == runs[LESSON][0]["parameters"]
        assert run["epochs"] == runs[LESSON][0]["epochs"]


def test_the_readme_shows_the_figure_of_notebook_3():
    """`python -m tests.tools.refresh 3` copies it; its words are copied by hand."""
    picture, alt = readme_figure()
    assert FIGURE.read_bytes() == picture
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    assert f"![{alt}](.github/{FIGURE.name})" in readme
