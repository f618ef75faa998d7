"""What needs no kernel: form, numbers in prose, and the comparison itself."""

import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
)

from mnist_digit_recognizer import NOTEBOOKS, PROJECT
from tests.notebooks import form, prose
from tests.notebooks import outputs as o
from tests.tools.refresh import widen
from tests.unit.test_requirements import imported


@pytest.mark.parametrize("path", [
    *NOTEBOOKS, PROJECT / "README.md", PROJECT / "notebooks" / "README.md",
], ids=lambda path: str(path.relative_to(PROJECT)))
def test_form_and_numbers_in_prose(path):
    check = form if path in NOTEBOOKS else prose
    found = [f"{path.name}, {problem}" for problem in check.problems(path)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("text, units", [
    ("the 5 has 28 rows, in 1998", {"28": "rows"}),
    ("a rate of `0.5`, see [50](http://x.org/4.5), $x = 12$", {}),
    ("it reads 5 % and **42** of *10*", {"5": "%", "42": "of", "10": ""}),
    ("95–99 %, 15 to 20 %", {"95": "%", "99": "%", "15": "%", "20": "%"}),
    ("*8 minutes, 2 of 15*\n\n12 minutes, 13 s", {"13": "s"}),
])
def test_numbers_of_a_text_are_found(text, units):
    assert {figure.text: figure.unit.partition(" ")[0].strip(",")
            for figure in prose.measured(text)} == units


def test_what_only_looks_like_a_number_is_refused():
    assert prose.unreadable("2.5x, 60s, 28x28, 3.11.7; 0.5, a 5s, 1,000.") == [
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
    assert prose.is_backed(figure, o.figures(output)) is backed


def test_the_evidence_is_of_the_own_section_or_a_linked_one(tmp_path):
    path = tmp_path / "small.ipynb"
    nbformat.write(new_notebook(cells=[
        new_markdown_cell("# A B\n\n40, 50 and 51"), new_code_cell(
            "1 + 49", outputs=[new_output("stream", text="40\n")]),
        new_markdown_cell("# C\n\n- 40\n- 40, [see](#A-B)\n\n49 "
                          "[too](small.ipynb#A-B)"),
    ]), path)
    numbers = [(section.name, figure.text) for section, figure, evidence
               in prose.numbers(path) if not prose.is_backed(figure, evidence)]
    assert numbers == [("A B", "50"), ("A B", "51"), ("C", "40")]
    assert len(list(prose.problems(path))) == 3


def test_a_failure_reads_like_a_sentence():
    assert o.compare_text("a: 99.58 %", "a: 98.71 %", [[99.4, 99.7]]) == [
        "a was stored as 99.58 %, is now 98.71 %; the seeds gave 99.4 to 99.7"]
    assert o.compare_text("a\n43", "a\n42") == [
        "line 2 was stored as '43', is now '42'"]


@pytest.mark.parametrize("stored, fresh, ranges, same", [
    ("loss 0.98", "loss 0.99", [[0.9, 1]], True),
    ("loss 0.98", "loss 0.89", [[0.9, 1]], False),
    ("loss 0.98", "loss 0.99", [None], False),
    ("loss 0.98", "lost 0.98", [[0.9, 1]], False),
    ("loss 0.98", "loss nan", [[0.9, 1]], False),
    ("43 of 50", "44 of 50", [[40, 46], None], True),
    ("43 of 50", "43 of 51", [[40, 46], None], False),
    ("[[9 0]\n [ 1 10]]", "[[10  0]\n [1 9]]", [[8, 11], None] * 2, False),
    ("[[9 0]\n [ 0 10]]", "[[10  0]\n [0 9]]", [[8, 11], None, None, [8, 11]],
     True),
    ("0.98\n0.97", "0.98", [[0, 1]] * 2, False),
    ("0.98", "0.98", [[0, 1]] * 2, False),
    ("one", "two", [], False), ("14s 3.5 s", "9s 2 s", [], True),
    ("\r1/9 2s\b\b\r\x1b[1m9/9\x1b[0m 12s 3ms/step", "\r9/9 9s 4us/step", [],
     True),
])
def test_texts_within_and_beyond_their_ranges(stored, fresh, ranges, same):
    stored, fresh = ([new_output("stream", text=t)] for t in (stored, fresh))
    cell = new_code_cell(outputs=stored, metadata={
        "approximate": {"ranges": ranges}} if ranges else {})
    assert (o.compare_cell(cell, fresh) == []) is same
    assert o.compare_cell(cell, [])


@pytest.mark.parametrize("texts, range_", [
    (["43", "43"], None), (["43", "45"], [41, 47]), (["0", "1"], [0, 2]),
    (["99.5 %", "99.9 %"], [99.1, 100]), (["+0.1", "−0.1"], [-0.3, 0.3]),
    (["1e-05", "2e-05"], [0, 3e-05]), (["1,000", "1,001"], [999, 1002]),
])
def test_a_range_is_wider_than_what_was_measured(texts, range_):
    assert widen([o.figures(text)[0] for text in texts]) == range_


def test_notebook_1_never_imports_tensorflow():
    code = "\n".join(c.source for c in o.code_cells(o.read(NOTEBOOKS[0])))
    modules = sorted({*imported(code), "helpers.figures", "helpers.data"})
    check = ("import sys; sys.modules['tensorflow'] = None; "
             f"sys.modules['keras'] = None; import {', '.join(modules)}")
    done = subprocess.run([sys.executable, "-c", check], cwd=PROJECT,
                          text=True, capture_output=True)
    assert done.returncode == 0, done.stderr


def test_nbval_executes_every_notebook(pytestconfig):
    assert pytestconfig.option.nbval_lax and not pytestconfig.option.nbval
    assert "notebooks" in pytestconfig.getini("testpaths")
    assert [path.stem for path in NOTEBOOKS] == [
        "1_working_with_images", "2_feature_engineering",
        "3_model_prediction_and_evaluation"]
    assert sorted((PROJECT / "notebooks").glob("*.ipynb")) == NOTEBOOKS
