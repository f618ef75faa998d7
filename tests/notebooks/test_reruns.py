"""A cell that is run again, after all, gives what it gave before."""

import time

import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook

from mnist_digit_recognizer import NOTEBOOKS, use_this_python
from tests.notebooks.outputs import code_cells, compare_cell, read

SECONDS = 3  # a cell that takes longer is not run again
KEEP = "import builtins\nbuiltins.before_this_cell = dict(globals())"
RESTORE = "globals().update(before_this_cell)"


def rerun(cells, folder):
    """Execute cells, then each cheap one again, as things are in the end.

    Returns how second outputs differ from first ones, and how many there are
    (no `summary()`: once there is an optimiser, it counts its numbers, too).
    """
    use_this_python()
    client = NotebookClient(
        new_notebook(cells=cells), timeout=900, kernel_name="python3",
        resources={"metadata": {"path": str(folder)}})
    problems, cheap = [], []
    with client.setup_kernel():
        for place, cell in enumerate(cells):
            started = time.perf_counter()
            client.execute_cell(cell, place)
            if (time.perf_counter() - started < SECONDS
                    and ".summary()" not in cell.source):
                cheap.append(cell)
        for cell in cheap:
            client.execute_cell(new_code_cell(KEEP), 0)
            client.nb.cells[0] = again = new_code_cell(cell.source)
            try:
                client.execute_cell(again, 0)
                said = compare_cell(cell, again.outputs)
            except CellExecutionError as error:
                said = [str(error).strip().splitlines()[-1]]
            client.execute_cell(new_code_cell(RESTORE), 0)
            problems += [f"{cell.source[:60]!r}: {what}" for what in said]
    return problems, len(cheap)


@pytest.mark.parametrize("path", [
    pytest.param(NOTEBOOKS[0], marks=pytest.mark.long),
    *(pytest.param(path, marks=pytest.mark.slow) for path in NOTEBOOKS[1:]),
], ids=lambda path: path.stem)
def test_a_cell_that_is_run_again_gives_the_same(path):
    cells = code_cells(read(path))
    problems, count = rerun(cells, path.parent)
    assert not problems, "\n".join(problems)
    assert count > 0.7 * len(cells)


@pytest.mark.long
def test_a_cell_that_changes_its_input_would_be_found(tmp_path):
    problems, count = rerun([new_code_cell(source) for source in (
        "numbers = [3, 1]", "numbers.append(0)\nprint(len(numbers))",
        "name = 'seven'", "print(len(name))", "name = 3")], tmp_path)
    assert count == 5 and len(problems) == 2, problems
    assert "has no len()" in problems[1]
