"""Every measured number in prose is one that a cell printed."""

import pytest

from mnist_digit_recognizer import NOTEBOOKS, PROJECT
from tests.notebooks.outputs import read
from tests.notebooks.prose import measured, printed, unbacked, unreadable


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
    ("95–99 %, 15 to 20 %, between 3 and 5 %", "95 99 15 20 3 5".split()),
    ("99\n% of, 98&nbsp;%, 97\u2009%", ["99", "98", "97"]),
    ("p < 0.05 and 97.3 % and > 0.9", ["0.05", "97.3", "0.9"]),
    ("$5 buys 97.3 % of $6", ["97.3"]),
    ("__99.58 %__, _0.5_, __317__, **a *5* b**", "99.58 0.5 317 5".split()),
])
def test_rule(prose, texts):
    assert [figure.text for figure in measured(prose)] == texts


def test_a_decimal_that_the_rule_cannot_read_is_refused():
    assert list(unreadable("2.5x and .013, version 3.11.7, `1.2.3`")) == [
        "2.5x", ".013", "3.11.7"
    ]
    assert list(unreadable("It is 0.98. And 97.3 % (0.1), 5.5.")) == []
    assert "2.5x" in unbacked("2.5x faster", [])[0]


def test_a_count_is_not_backed_by_a_rounded_decimal():
    (figure,) = measured("**7** mistakes")
    assert unbacked("**7** mistakes", [figure._replace(text="7.3", value=7.3)])
