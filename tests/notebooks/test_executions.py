"""What must be executed: nbval's verdicts, cells run again, faults in code."""

import re
import shutil
import subprocess
import sys
import time

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook, new_output

from mnist_digit_recognizer import NOTEBOOKS, PROJECT, use_this_python
from tests.notebooks.outputs import code_cells, compare_cell, read

SECONDS = 3  # a cell that takes longer is not run again
KEEP = "import builtins\nbuiltins.before_this_cell = dict(globals())"
RESTORE = """
for new in set(globals()) - set(before_this_cell):
    del globals()[new]
globals().update(before_this_cell)
"""


def rerun(notebook, folder):
    """Execute a notebook, then each cheap cell again, as things are then.

    Returns how second outputs differ from first ones, and how many there are.
    """
    use_this_python()
    client = NotebookClient(notebook, timeout=900, kernel_name="python3",
                            resources={"metadata": {"path": str(folder)}})
    cells, problems, cheap = code_cells(notebook), [], []
    notebook.cells = cells
    with client.setup_kernel():
        for place, cell in enumerate(cells):
            started = time.perf_counter()
            client.execute_cell(cell, place)
            if time.perf_counter() - started < SECONDS:
                cheap.append((place, cell))
        for place, cell in cheap:
            client.execute_cell(new_code_cell(KEEP), place)
            again = cells[place] = new_code_cell(cell.source)
            try:
                client.execute_cell(again, place)
                said = compare_cell(cell, again.outputs)
            except CellExecutionError as error:
                said = [str(error).strip().splitlines()[-1]]
            client.execute_cell(new_code_cell(RESTORE), place)
            problems += [f"{cell.source[:60]!r}: {what}" for what in said]
    return problems, len(cheap)


@pytest.mark.parametrize("path", [
    pytest.param(NOTEBOOKS[0], marks=pytest.mark.long),
    *(pytest.param(path, marks=pytest.mark.slow) for path in NOTEBOOKS[1:]),
], ids=lambda path: path.stem)
def test_a_cell_that_is_run_again_gives_the_same(path, monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", "")
    notebook = read(path)
    problems, count = rerun(notebook, path.parent)
    assert not problems, "\n".join(problems)
    assert count > 0.7 * len(notebook.cells)


@pytest.mark.long
def test_a_cell_that_changes_its_input_would_be_found(monkeypatch, tmp_path):
    monkeypatch.setenv("JUPYTER_PATH", "")
    problems, count = rerun(new_notebook(cells=[
        new_code_cell(source) for source in (
            "numbers = [3, 1]", "numbers.append(0)\nprint(len(numbers))",
            "name = 'seven'", "print(len(name))", "name = 3")]), tmp_path)
    assert count == 5 and len(problems) == 2, problems
    assert "has no len()" in problems[1]


def nbval(notebook, project=PROJECT):
    """Execute a notebook as `make test` does: the exit code, what is said."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "conftest", "--color=no", "-rA",
         "-c", str(project / "pyproject.toml"), "--rootdir", str(project),
         "-p", "no:cacheprovider", str(notebook)],
        cwd=project, text=True, capture_output=True, timeout=1200)
    return done.returncode, done.stdout


@pytest.mark.long
def test_nbval_executes_and_the_comparison_judges(tmp_path):
    rough = {"approximate": {"why": "", "ranges": [[99, 100]]}}
    cells = [  # source, stored, metadata, the sentence of a failure
        ("print(60000, '2 s')", "60000 3 s", {}, None),
        ("print(60000)", "59999", {}, "stored as '59999', is now '60000'"),
        ("print('99.5 %')", "99.6 %", rough, None),
        ("print('98.5 %')", "99.6 %", rough, "is now 98.5 %; the seeds gave"),
        ("print(end='')", "99.6 %", rough, r"is now '\(no such line\)'"),
        ("1 / 0", "", {}, "ZeroDivisionError"),
        ("print('A'); display('D'); print('B')", "A\nB\n\n'D'", {}, None)]
    notebook = new_notebook(cells=[
        new_code_cell(source, execution_count=1, metadata=metadata, outputs=[
            new_output("stream", text=stored + "\n")] * bool(stored))
        for source, stored, metadata, _ in cells])
    nbformat.write(notebook, tmp_path / "small.ipynb")
    code, said = nbval(tmp_path / "small.ipynb")
    assert code == 1
    for number, (_, _, _, expected) in enumerate(cells):
        verdict = "FAILED" if expected else "PASSED"
        assert re.search(rf"{verdict} .*::Cell {number}\b", said), said
        sentence = rf"small.ipynb, cell {number + 1}: .*{expected}"
        assert not expected or re.search(sentence, said), said


# Faults in the code: what is added at the end of a module, and the notebook
# whose execution must then disagree with its stored outputs.
FAULTS = {
    "none, so that the copy of the project passes": ("data", "", 1),
    "images divided by 256": ("data", """
prepare_as_it_was = prepare_images
def prepare_images(images):
    return prepare_as_it_was(images) * np.float32(255 / 256)""", 1),
    "images drawn on another scale": ("figures", """
plot_as_it_was = plot_digits
def plot_digits(images, *others, **options):
    return plot_as_it_was(np.asarray(images) // 2, *others, **options)""", 1),
    "augmentation does nothing": ("augment", """
ImageDataGenerator.apply_transform = lambda self, x, *_: x
def warp(images, *_, **__):
    return images""", 2),
    "labels do not belong to their images": ("data", """
load_as_it_was = load_mnist
def load_mnist():
    (x, y), test = load_as_it_was()
    return (x, y[::-1]), test""", 2),
    "test labels shuffled": ("data", """
load_as_it_was = load_mnist
def load_mnist():
    train, (x, y) = load_as_it_was()
    return train, (x, y[::-1])""", 3),
    "trained on a tenth of the images": ("data", """
split_as_it_was = split_validation
def split_validation(*data, **options):
    (x, y), held_out = split_as_it_was(*data, **options)
    return (x[::10], y[::10]), held_out""", 3),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_the_code_is_caught(tmp_path, name):
    module, added, number = FAULTS[name]
    project = tmp_path / "project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns(
        ".*", "results", "__pycache__"))
    with open(project / "helpers" / f"{module}.py", "a") as file:
        file.write(added + "\n")
    path = project / "notebooks" / NOTEBOOKS[number - 1].name
    code, said = nbval(path, project)
    sentences = re.findall(rf"(?m)^{path.name}, cell \d+: .*", said)
    print("\n".join(sentences))
    assert (code == 1 and sentences) if added else code == 0, said
