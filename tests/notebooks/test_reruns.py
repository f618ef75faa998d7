"""A cell that is run again, after all, gives what it gave before."""

import time

import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook

from mnist_digit_recognizer import NOTEBOOKS, use_this_python
from tests.notebooks.outputs import code_cells, compare_cell, read

SECONDS = 3  # a cell that takes longer is not run again
# Cells that must give something else, and why.
OTHERS = {"dffa809e": "it asks the network before training, and then after"}
KEEP = "import builtins\nbuiltins.before_this_cell = dict(globals())"
RESTORE = """
for new in set(globals()) - set(before_this_cell):
    del globals()[new]
globals().update(before_this_cell)
"""


@pytest.fixture
def kernel(monkeypatch):
    """Let notebooks run in this Python, and only for one test."""
    monkeypatch.setenv("JUPYTER_PATH", "")
    use_this_python()


def rerun(notebook, folder):
    """Execute a notebook, then each cheap cell once more.

    Each is run in the state in which the notebook ends: what it assigns is
    forgotten before the next one.

    Returns
    -------
    differences : list of (str, str)
        The cell's id, and how its second output differs from the first.
    count : int
        How many cells were run again.
    """
    client = NotebookClient(
        notebook, timeout=900, kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
    )
    differences, seconds = [], {}
    with client.setup_kernel():
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type == "code":
                started = time.perf_counter()
                client.execute_cell(cell, index)
                seconds[index] = time.perf_counter() - started
        cheap = [i for i in seconds if seconds[i] < SECONDS]
        for index in cheap:
            first = notebook.cells[index]
            client.execute_cell(new_code_cell(KEEP), index)
            again = notebook.cells[index] = new_code_cell(first.source)
            try:
                client.execute_cell(again, index)
                problems = compare_cell(first, again.outputs)
            except CellExecutionError as error:
                problems = [str(error).strip().splitlines()[-1]]
            client.execute_cell(new_code_cell(RESTORE), index)
            line = first.source.splitlines()[0]
            differences += [(first.id, f"{line!r}: {p}") for p in problems]
            notebook.cells[index] = first
    return differences, len(cheap)


@pytest.mark.parametrize("path", [
    NOTEBOOKS[0],
    *(pytest.param(path, marks=pytest.mark.slow) for path in NOTEBOOKS[1:]),
], ids=lambda path: path.stem)
def test_a_cell_that_is_run_again_gives_the_same(path, kernel):
    notebook = read(path)
    differences, count = rerun(notebook, path.parent)
    unknown = [said for name, said in differences if name not in OTHERS]
    assert not unknown, "\n".join(unknown)
    known = {cell.id for cell in notebook.cells} & set(OTHERS)
    assert known == {name for name, _ in differences}
    assert count > 0.7 * len(code_cells(notebook))


def test_a_cell_that_changes_its_input_would_be_found(kernel, tmp_path):
    notebook = new_notebook(cells=[new_code_cell(source) for source in [
        "numbers, total = [3, 1, 2], 0",
        "numbers.sort()\nprint(numbers)",
        "numbers.append(total)\nprint(len(numbers))",
        "total = total + 1\nprint(total)",
        "print(total)\ntotal = total",
        "print(len(name))",
        "name = 3",
    ]])
    notebook.cells.insert(0, new_code_cell("name = 'seven'"))
    differences, count = rerun(notebook, tmp_path)
    assert count == 8
    assert len(differences) == 4, differences
    assert "has no len()" in differences[-1][1]
