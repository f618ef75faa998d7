"""The figure that opens a notebook is one that a cell of it draws."""

import pytest

from mnist_digit_recognizer import NOTEBOOKS
from tests.notebooks.outputs import read
from tests.tools.overview import drawn


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_overview_is_what_a_cell_draws(path):
    notebook = read(path)
    shown = notebook.cells[0].get("attachments", {}).get("overview.png", {})
    assert drawn(notebook) == shown.get("image/png"), (
        "run: python -m tests.tools.overview")
