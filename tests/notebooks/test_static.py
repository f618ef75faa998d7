"""What needs no kernel: form, numbers in prose, and the comparison itself.

`make check-notebooks` runs this file and test_faults.py.
"""

import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from mnist_digit_recognizer import NOTEBOOKS, PROJECT
from tests.notebooks import form, prose
from tests.notebooks.outputs import (
    claims,
    code_cells,
    compare_cell,
    compare_text,
    figures,
    fold,
    read,
)
from tests.tools.refresh import widen
from tests.unit.test_requirements import imported


def test_the_three_notebooks_are_there():
    assert [path.stem for path in NOTEBOOKS] == [
        "1_working_with_images", "2_feature_engineering",
        "3_model_prediction_and_evaluation"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_form_and_numbers_in_prose(path):
    found = list(form.problems(path))
    assert not found, "\n".join(f"{path.name}, {f}" for f in found)


@pytest.mark.parametrize("name", ["README.md", "notebooks/README.md"])
def test_numbers_on_pages(name):
    found = list(prose.problems(PROJECT / name))
    assert not found, "\n".join(f"{name}, {f}" for f in found)


@pytest.mark.parametrize("text, units", [
    ("the 5 has 28 rows, in 1998", {"28": "rows"}),
    ("a rate of `0.5`, see [50](http://x.org/4.5), $x = 12$", {}),
    ("it reads 5 % and **42** of *10*", {"5": "%", "42": "of", "10": ""}),
    ("95–99 %, 15 to 20 %", {"95": "%", "99": "%", "15": "%", "20": "%"}),
    ("*8 minutes, 2 of 15*\n\n12 minutes, 13 s", {"13": "s"}),
])
def test_numbers_of_a_text_are_found(text, units):
    found = {f.text: " ".join(f.unit.split()[:1]) for f in prose.measured(text)}
    assert {name: unit.strip(",") for name, unit in found.items()} == units
    assert prose.unreadable("2.5x, 60s, 28x28, 3.11.7; 0.5, a 5s") == [
        "2.5x", "60s", "28x28", "3.11.7"]


@pytest.mark.parametrize("text, output, backed", [
    ("43 mistakes", "43 mistakes", True), ("43 mistakes", "43 digits", False),
    ("43 mistakes", "count: 43", True), ("43 %", "43 mistakes", False),
    ("99.6 %", "99.57 %", True), ("99.5 %", "99.57 %", False),
    ("60,000 images", "(60000, 28)", True), ("12", "12.3", False),
    ("−0.18", "0.18", False), ("0.18", "−0.18", True),
])
def test_a_number_is_backed_by_what_was_printed(text, output, backed):
    (figure,) = prose.measured(text)
    assert prose.is_backed(figure, figures(output)) is backed


def test_a_section_s_evidence_is_its_own_or_linked(tmp_path):
    cells = [nbformat.v4.new_markdown_cell("# A B\n\n40 and 41"), new_code_cell(
        "print(20 + 20)", outputs=[new_output("stream", text="40\n")]),
        nbformat.v4.new_markdown_cell(
            "# C\n\n- 40\n- 40, [there](#A-B)\n\n40 [there](small.ipynb#A-B)")]
    path = tmp_path / "small.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    problems = list(prose.problems(path))
    assert len(problems) == 2 and "'A B': the number in '40 and 41" in (
        problems[0].replace("… and", "40 and")) and "'- 40" in problems[1]


def test_a_failure_reads_like_a_sentence():
    assert compare_text("a\ntest accuracy: 99.58 %", "a\ntest accuracy: 98.71 %",
                        [[99.4, 99.7]]) == [
        "test accuracy was stored as 99.58 %, is now 98.71 %; 99.4 to 99.7 "
        "may be"]
    assert compare_text("a\n43", "a\n42") == [
        "line 2 was stored as '43', is now '42'"]


@pytest.mark.parametrize("stored, fresh, ranges, same", [
    ("loss 0.98", "loss 0.99", [[0.9, 1]], True),
    ("loss 0.98", "loss 0.89", [[0.9, 1]], False),
    ("loss 0.98", "loss 0.99", [None], False),
    ("loss 0.98", "lost 0.98", [[0.9, 1]], False),
    ("loss 0.98", "loss nan", [[0.9, 1]], False),
    ("43 of 50", "44 of 50", [[40, 46], None], True),
    ("43 of 50", "43 of 51", [[40, 46], None], False),
    ("[[9  0]\n [1 10]]", "[[10  0]\n [1  9]]", [[8, 11]] * 4, True),
    ("0.98\n0.97", "0.98", [[0, 1]] * 2, False),
    ("one", "two", [], False),
    ("0.98", "0.98", [[0, 1]] * 2, False),
])
def test_texts_within_and_beyond_their_ranges(stored, fresh, ranges, same):
    assert (compare_text(stored, fresh, ranges) == []) is same


def test_durations_alone_are_ignored():
    cells = [[new_output("stream", text=text)] for text in (
        "\r\x1b[1m 1/94\x1b[0m \x1b[1m27s\x1b[0m 298ms/step - loss: 1.2\x08\x08"
        "\r\x1b[1m94/94\x1b[0m \x1b[1m0s\x1b[0m 908us/step - loss: 0.5\n2.3 s\n",
        "\r94/94 \x1b[1m14s\x1b[0m 36ms/step - loss: 0.5\n0.1 s\n",
        "\r94/94 14s 36ms/step - loss: 0.4\n0.1 s\n")]
    assert claims(cells[0]) == claims(cells[1]) != claims(cells[2])
    assert fold(fold(cells[0][0].text)) == fold(cells[0][0].text)


@pytest.mark.parametrize("texts, range_", [
    (["43", "43"], None), (["43", "45"], [41, 47]), (["0", "1"], [0, 2]),
    (["99.5 %", "99.9 %"], [99.1, 100]), (["+0.1", "−0.1"], [-0.3, 0.3]),
    (["1e-05", "2e-05"], [0, 3e-05]), (["1,000", "1,001"], [999, 1002]),
])
def test_a_range_is_wider_than_what_was_measured(texts, range_):
    assert widen([figures(text)[0] for text in texts]) == range_


def test_a_cell_that_prints_nothing_any_more_is_a_failure():
    output = new_output("stream", text="loss 0.1")
    for metadata in {}, {"approximate": {"ranges": [[0, 1]]}}:
        cell = new_code_cell(outputs=[output], metadata=metadata)
        assert compare_cell(cell, []) and not compare_cell(cell, [output])


def test_notebook_1_never_imports_tensorflow():
    code = "\n".join(c.source for c in code_cells(read(NOTEBOOKS[0])))
    modules = sorted(set(imported(code)) - {"helpers"})
    check = ("import sys; sys.modules['tensorflow'] = sys.modules['keras'] = "
             f"None; import {', '.join(modules)}, helpers.figures, helpers.data")
    done = subprocess.run([sys.executable, "-c", check], cwd=PROJECT,
                          text=True, capture_output=True)
    assert done.returncode == 0, done.stderr


def test_nbval_executes_every_notebook(pytestconfig):
    assert pytestconfig.option.nbval_lax and not pytestconfig.option.nbval
    assert "notebooks" in pytestconfig.getini("testpaths")
    assert sorted((PROJECT / "notebooks").glob("*.ipynb")) == NOTEBOOKS
