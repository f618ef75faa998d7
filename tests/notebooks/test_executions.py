"""What must be executed to be caught: in real runs of nbval."""

import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from mnist_digit_recognizer import NOTEBOOKS, PROJECT


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
        ("print(end='')", "99.6 %", rough, "is now None"),
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


# Faults in the code: the module and function that give something else, the
# new result, and the notebook whose execution must disagree with what it
# stores.
FAULTS = {
    "none, and the copy passes": ("data", "load_mnist", "old(*a, **k)", 1),
    "images divided by 256": (
        "data", "prepare_images", "old(*a, **k) * np.float32(255 / 256)", 1),
    "images drawn on another scale": (
        "figures", "plot_digits", "old(a[0] // 2, *a[1:], **k)", 1),
    "augmentation off": ("augment", "digit_generator", "old.__globals__['"
                         "ImageDataGenerator'](rotation_range=0)", 2),
    "labels do not belong to their images": (
        "data", "load_mnist", "[(x, y[::-1]) for x, y in old(*a, **k)]", 2),
    "trained on a tenth of the images": (
        "data", "split_validation",
        "[[array[:5000] for array in pair] for pair in old(*a, **k)]", 3),
    "test labels shuffled": ("data", "load_mnist", "[(x, y[::s]) for s, (x, y)"
                             " in zip((1, -1), old(*a, **k))]", 3),
}


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
    path = project / "notebooks" / NOTEBOOKS[number - 1].name
    code, said = nbval(path, project)
    sentences = re.findall(rf"(?m)^{path.name}, cell \d+: .*", said)
    print("\n".join(sentences))
    assert code == int(bool(sentences)) == int(not name.startswith("none")), (
        said)
