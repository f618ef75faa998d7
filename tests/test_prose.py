"""Every measured number in prose is one that a cell printed."""

import pytest

from mnist_digit_recognizer import NOTEBOOKS, PROJECT
from tests.outputs import read
from tests.prose import measured, printed, unbacked


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_s_numbers_were_printed(path):
    notebook = read(path)
    outputs = list(printed(notebook))
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            found = unbacked(cell.source, outputs)
            assert not found, f"{path.name}: {found[0]}"


def test_readme_s_numbers_were_printed():
    outputs = [pair for path in NOTEBOOKS for pair in printed(read(path))]
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    assert not unbacked(text, outputs)


@pytest.mark.parametrize("prose, texts", [
    ("28 rows, 60,000 pictures, in 1998", []),
    ("a rate of `0.5`, see [it](http://x.org/4.5)", []),
    ("it reads 99.6 % of them", ["99.6"]),
    ("**42** mistakes and **8 of 10**", ["42", "8", "10"]),
    ("a loss of 0.013.", ["0.013"]),
    ("15 % more on Python 3.11.7", ["15"]),
])
def test_rule(prose, texts):
    assert [figure.text for figure in measured(prose)] == texts
