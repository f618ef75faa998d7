"""A cell that is run again, after all, gives what it gave before."""

import time

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from mnist_digit_recognizer import NOTEBOOKS, use_this_python
from tests.outputs import code_cells, compare_cell, read

SECONDS = 3  # a cell that takes longer is not run again
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
    differences : list of str
        How the second outputs of cells differ from the first.
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
            for source in (KEEP, first.source, RESTORE):
                again = new_code_cell(source)
                notebook.cells[index] = again
                client.execute_cell(again, index)
                if source == first.source:
                    differences += [
                        f"{first.source.splitlines()[0]!r}: {problem}"
                        for problem in compare_cell(first, again.outputs)
                    ]
            notebook.cells[index] = first
    return differences, len(cheap)


@pytest.mark.parametrize("path", [
    NOTEBOOKS[0],
    *(pytest.param(path, marks=pytest.mark.slow) for path in NOTEBOOKS[1:]),
], ids=lambda path: path.stem)
def test_a_cell_that_is_run_again_gives_the_same(path, kernel):
    notebook = read(path)
    differences, count = rerun(notebook, path.parent)
    assert not differences, "\n".join(differences)
    assert count > 0.7 * len(code_cells(notebook))


def test_a_cell_that_changes_its_input_would_be_found(kernel, tmp_path):
    notebook = new_notebook(cells=[new_code_cell(source) for source in [
        "numbers, total = [3, 1, 2], 0",
        "numbers.sort()\nprint(numbers)",
        "numbers.append(total)\nprint(len(numbers))",
        "total = total + 1\nprint(total)",
        "print(total)\ntotal = total",
    ]])
    differences, count = rerun(notebook, tmp_path)
    assert count == 5
    assert len(differences) == 3, differences
