"""What must be executed to be caught: in real runs of nbval."""

import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from mnist_digit_recognizer import NOTEBOOKS, PROJECT

# Faults in the code: a module's function that gives something else, what it
# gives, and the notebook that must then disagree with what it stores.
FAULTS = {
    "none, and the copy passes": ("data", "load_mnist", "old(*a, **k)", 1),
    "images divided by 256": (
        "data", "prepare_images", "old(*a, **k) * np.float32(255 / 256)", 1),
    "images drawn on another scale": (
        "figures", "plot_digits", "old(np.array(a[0]) // 2, *a[1:], **k)", 1),
    "images left as they are": ("augment", "warp", "a[0]", 2),
    "augmentation off": (
        "augment", "digit_generator", "ImageDataGenerator()", 3),
    "labels do not belong to their images": (
        "data", "load_mnist", "[(x, y[::-1]) for x, y in old(*a, **k)]", 2),
    "trained on a tenth of the images": (
        "data", "split_validation",
        "[[array[:5000] for array in pair] for pair in old(*a, **k)]", 3),
    "test labels shuffled": ("data", "load_mnist", "[(x, y[::s]) for s, (x, y)"
                             " in zip((1, -1), old(*a, **k))]", 3),
}


def nbval(notebook, project=PROJECT):
    """Execute a notebook as `make test` does; return the sentences by cell."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "conftest", "--color=no",
         "-c", str(project / "pyproject.toml"), "--rootdir", str(project),
         "-p", "no:cacheprovider", str(notebook)],
        cwd=project, text=True, capture_output=True, timeout=1200)
    said = dict(re.findall(
        rf"(?m)^{notebook.name}, cell (\d+): (.*)", done.stdout))
    assert done.returncode == bool(said), done.stdout
    return said


@pytest.mark.long
def test_nbval_executes_and_the_comparison_judges(tmp_path):
    rough = {"approximate": {"why": "", "ranges": [[99, 100]]}}
    notebook, path = new_notebook(), tmp_path / "small.ipynb"
    for source, stored, metadata in [
        ("print(60000, '2 s')", "60000 3 s\n", {}),
        ("print(60000)", "59999\n", {}),
        ("print('99.5 %')", "99.6 %\n", rough),
        ("print('98.5 %')", "99.6 %\n", rough), ("1 / 0", "", {}),
        ("print('A'); display('D'); print('B')", "A\nB\n\n'D'\n", {}),
    ]:
        outputs = [new_output("stream", text=stored)] if stored else []
        notebook.cells.append(new_code_cell(
            source, execution_count=1, metadata=metadata, outputs=outputs))
    nbformat.write(notebook, path)
    said = nbval(path)
    assert list(said) == ["2", "4", "5"] and "ZeroDivisionError" in said["5"]
    assert said["2"] == "line 1 was stored as '59999', is now '60000'"


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_the_code_is_caught(tmp_path, name):
    module, function, result, number = FAULTS[name]
    project = tmp_path / "project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns(
        ".*", "results", "__pycache__"))
    with open(project / "helpers" / f"{module}.py", "a") as file:
        file.write(f"\nimport numpy as np\nold = {function}\n"
                   f"def {function}(*a, **k):\n    return {result}\n")
    said = nbval(project / "notebooks" / NOTEBOOKS[number - 1].name, project)
    print(said)
    assert said if not name.startswith("none") else not said
