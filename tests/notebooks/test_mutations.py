"""The checks are checked: every planted fault is caught, and no drift is.

The first faults are planted in copies of the stored notebooks. The notebook
as it is stands for the fresh execution, which nbval compares in the same run
of the tests. The slow ones are planted in a copy of the project, whose
notebooks are executed.
"""

import base64
import copy
import io
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

from mnist_digit_recognizer import NOTEBOOKS, PROJECT
from tests.notebooks.outputs import code_cells, compare_cell, read
from tests.notebooks.prose import printed, unbacked
from tests.notebooks.test_notebook_form import problems

LAST = NOTEBOOKS[-1]


def verdict(stored, fresh):
    """What the checks say of a stored notebook, given a fresh execution."""
    said = [f"{LAST.name}, {problem}" for problem in problems(stored)]
    for count, (cell, executed) in enumerate(
        zip(code_cells(stored), code_cells(fresh), strict=True), start=1
    ):
        said += [
            f"{LAST.name}, cell {count}: {problem}"
            for problem in compare_cell(cell, executed.outputs)
        ]
    outputs = list(printed(stored))
    for cell in stored.cells:
        if cell.cell_type == "markdown":
            said += unbacked(cell.source, outputs)
    return said


def find(notebook, words):
    """The first code cell whose source or output holds some words."""
    return next(
        cell for cell in code_cells(notebook)
        if words in cell.source or words in str(cell.outputs)
    )


def edit(words, pattern, replacement):
    """A fault: replace a pattern in the outputs of the cell with words."""
    def plant(notebook):
        cell = find(notebook, words)
        for output in cell.outputs:
            for holder, key in ((output, "text"),
                                (output.get("data", {}), "text/plain")):
                if key in holder:
                    new = re.sub(pattern, replacement, holder[key], count=1)
                    if new != holder[key]:
                        holder[key] = new
                        return
        raise AssertionError(f"{pattern!r} is not in the outputs")
    return plant


def shift(words, pattern, by, decimals):
    """A fault: add to the first number that a pattern's group finds."""
    def add(match):
        value = float(match[1]) + by
        return match[0].replace(match[1], f"{value:.{decimals}f}")
    return edit(words, pattern, add)


def change(words, action):
    """A fault: do something to the cell with words."""
    return lambda notebook: action(find(notebook, words))


def prose(pattern, replacement):
    """A fault: replace a pattern in the Markdown of the notebook."""
    def plant(notebook):
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                new = re.sub(pattern, replacement, cell.source, count=1)
                if new != cell.source:
                    cell.source = new
                    return
        raise AssertionError(f"{pattern!r} is not in the text")
    return plant


def blank_picture(cell):
    """Put a white picture in the place of the stored one."""
    picture = io.BytesIO()
    for output in cell.outputs:
        if "image/png" in output.get("data", {}):
            old = Image.open(io.BytesIO(base64.b64decode(
                output.data["image/png"])))
            new = Image.new("L", old.size, 255)
            new.putpixel((0, 0), 0)
            new.save(picture, "PNG")
            output.data["image/png"] = base64.b64encode(
                picture.getvalue()).decode()


def neighbour_picture(notebook):
    """Put another cell's picture in the place of the stored one."""
    other = find(notebook, "Ten training digits")
    own = find(notebook, FIGURE)
    picture_of(own).data["image/png"] = picture_of(other).data["image/png"]


def picture_of(cell):
    return next(o for o in cell.outputs if "image/png" in o.get("data", {}))


def repeat_alt(notebook):
    first, second = [
        picture_of(cell) for cell in code_cells(notebook)
        if "image/png" in str(cell.outputs)
    ][:2]
    second.metadata = first.metadata
    second.data["text/plain"] = first.data["text/plain"]


ACCURACY, LOSS = "test accuracy: ", "test loss: "
MATRIX, SHAPE = "confusion_matrix(y", "after:  "
FILTER = "edge_filter = "
FIGURE = "A handwritten 4 and the response"

FAULTS = {
    "accuracy nudged up": (
        shift(ACCURACY, r"accuracy: ([\d.]+)", 0.4, 2),
        r"cell \d+: test accuracy was stored as 99\.\d+ %, is now 99\.\d+ %, "
        r"tolerance [\d.]+ points"),
    "accuracy nudged down": (
        shift(ACCURACY, r"accuracy: ([\d.]+)", -0.6, 2),
        r"test accuracy was stored as 9\d\.\d+ %"),
    "loss nudged": (
        shift(LOSS, r"loss: ([\d.]+)", 0.05, 4), "test loss was stored"),
    "count of right answers changed": (
        shift(ACCURACY, r"right: (\d+) of", -60, 0), "right was stored as"),
    "number of test pictures changed": (
        edit(ACCURACY, "of the 10000", "of the 10001"), "10001"),
    "stored NaN": (
        edit(LOSS, r"loss: [\d.]+", "loss: nan"), "'nan' or 'inf'"),
    "confusion-matrix cell changed": (
        shift(MATRIX, r"4: (\d+) of", -60, 0), "tolerance 14"),
    "confusion-matrix row lost": (
        edit(MATRIX, r"\n4: .*", ""), "is now"),
    "shape changed": (
        edit(SHAPE, r"28, 28, 1\)", "28, 28, 3)"), r"28, 28, 3\).*28, 28, 1"),
    "dtype changed": (
        edit(SHAPE, "float32", "float64"), "float64.*is now.*float32"),
    "range changed": (
        edit(SHAPE, r"up to 1\.0", "up to 255.0"), "255.0"),
    "count changed": (
        edit("validation:", "10,000", "16,000"),
        "16,000.*is now.*10,000"),
    "label changed": (
        edit("labels:  7", "labels:  7", "labels:  9"),
        r"labels: +9.*is now.*labels: +7"),
    "two numbers swapped": (
        edit("Conv2D    ", "10,368", "27,648"), "27,648.*is now.*10,368"),
    "line added": (
        edit("validation:", r"\n", "\nextra\n"), "extra"),
    "line lost": (
        edit("Conv2D    ", r"ReLU.*\n", ""), "is now"),
    "outputs cleared": (
        change(ACCURACY, lambda c: c.outputs.clear()), "printed nothing"),
    "outputs of a strict cell cleared": (
        change(SHAPE, lambda c: c.outputs.clear()), "stdout is new"),
    "count nulled": (
        change(SHAPE, lambda c: c.update(execution_count=None)),
        "its count is None"),
    "counts out of order": (
        change(SHAPE, lambda c: c.update(execution_count=99)),
        "not executed in order"),
    "tag misspelt": (
        change(ACCURACY, lambda c: c.metadata.update(
            tags=["aproximate", "nbval-ignore-output"])),
        "unknown tag: 'aproximate'"),
    "cell ignored without a tolerance": (
        change(SHAPE, lambda c: c.metadata.update(
            tags=["nbval-ignore-output"])), "none of the three"),
    "cell skipped": (
        change(SHAPE, lambda c: c.metadata.update(tags=["nbval-skip"])),
        "unknown tag: 'nbval-skip'"),
    "cell ignored by a comment": (
        change(SHAPE, lambda c: c.update(
            source="# NBVAL_IGNORE_OUTPUT\n" + c.source)), "look away"),
    "tolerance without a reason": (
        change(ACCURACY, lambda c: c.metadata.tolerance.pop("why")),
        "without a reason"),
    "tolerance removed": (
        change(ACCURACY, lambda c: c.metadata.pop("tolerance")),
        "a tolerance in its metadata"),
    "stored error": (
        change(SHAPE, lambda c: c.outputs.append(new_output(
            "error", ename="ValueError", evalue="no", traceback=[]))),
        "a stored error: ValueError"),
    "stored red text": (
        change(SHAPE, lambda c: c.outputs.append(new_output(
            "stream", name="stderr", text="W0000 warning"))), "red text"),
    "picture without alt text": (
        change(FIGURE, lambda c: picture_of(c).update(metadata={})),
        "without alt text"),
    "alt text used twice": (repeat_alt, "used twice"),
    "picture damaged": (
        change(FIGURE, lambda c: picture_of(c).data.update(
            {"image/png": picture_of(c).data["image/png"][:2000]})),
        "damaged picture"),
    "picture lost": (
        change(FIGURE, lambda c: c.outputs.remove(picture_of(c))),
        "0 pictures were stored, now 1"),
    "picture replaced": (
        change(FIGURE, blank_picture), "a picture differs"),
    "picture of another cell": (neighbour_picture, "a picture (was|differs)"),
    "picture replaced in an approximate cell": (
        change("Learning curves.", blank_picture), "a picture differs"),
    "semicolon at the end": (
        change(SHAPE, lambda c: c.update(source=c.source + ";")), "a ';'"),
    "papermill's metadata": (
        change(SHAPE, lambda c: c.metadata.update(papermill={})),
        "unknown metadata: .'papermill'"),
    "notebook's metadata": (
        lambda notebook: notebook.metadata.update(papermill={}),
        "the metadata are not"),
    "path of a machine": (
        edit("saved:", "saved: ", "saved: /home/me/"), "path of one machine"),
    "cell of 40 lines": (
        change(SHAPE, lambda c: c.update(source="x = 1\n" * 40)),
        "40 lines"),
    "stale percentage in prose": (
        prose(r"99\.\d\d %", "97.31 %"), "97.31 %' was printed by no cell"),
    "stale bold count in prose": (
        prose(r"\*\*\d+\*\* of 10,000", "**317** of 10,000"), "317"),
}

DRIFT = {  # what a fresh execution may print
    "accuracy within its tolerance": shift(
        ACCURACY, r"accuracy: ([\d.]+)", 0.05, 2),
    "loss within its tolerance": shift(
        LOSS, r"loss: ([\d.]+)", 0.001, 4),
    "confusion-matrix cell within its tolerance": shift(
        MATRIX, r"4: (\d+) of", -1, 0),
}


@pytest.fixture(scope="module")
def notebook():
    return read(LAST)


def test_the_notebook_as_it_is_passes(notebook):
    assert verdict(notebook, notebook) == []


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_caught(notebook, name):
    plant, expected = FAULTS[name]
    mutated = copy.deepcopy(notebook)
    plant(mutated)
    said = verdict(mutated, notebook)
    assert re.search(expected, "\n".join(said)), said


@pytest.mark.parametrize("name", DRIFT)
def test_drift_is_not_flagged(notebook, name):
    fresh = copy.deepcopy(notebook)
    DRIFT[name](fresh)
    assert fresh != notebook
    assert verdict(notebook, fresh) == []


def test_other_words_are_not_flagged(notebook):
    mutated = copy.deepcopy(notebook)
    prose("Load and split", "Read and split")(mutated)
    assert mutated != notebook
    assert verdict(mutated, notebook) == []


def test_a_fresh_nan_is_caught(notebook):
    fresh = copy.deepcopy(notebook)
    edit(LOSS, r"loss: [\d.]+", "loss: nan")(fresh)
    assert "nan was printed" in "\n".join(verdict(notebook, fresh))


def test_a_stale_number_in_the_readme_is_caught():
    outputs = [pair for path in NOTEBOOKS for pair in printed(read(path))]
    text = (PROJECT / "README.md").read_text("utf-8")
    stale = re.sub(r"99\.\d\d %", "97.31 %", text, count=1)
    assert stale != text and unbacked(text, outputs) == []
    assert "97.31" in "\n".join(unbacked(stale, outputs))


def nbval(notebook, *options, cwd=PROJECT):
    """Run the project's nbval set-up on a notebook, in a new process."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "conftest", "-c",
         str(cwd / "pyproject.toml"), "--rootdir", str(cwd),
         "-p", "no:cacheprovider", "--color=no", *options, str(notebook)],
        cwd=cwd, text=True, capture_output=True, timeout=1200,
    )
    return done.returncode, done.stdout


TWICE = "print('A'); display('D'); print('B')"


def test_nbval_and_the_comparison_agree_in_a_real_run(tmp_path):
    rough = {"tolerance": {"%": 0.2}, "tags": ["nbval-ignore-output"]}
    cells = [
        ("print(60000)", "60000", {}, None),
        ("print(60000)", "59999", {}, "stored as '59999', is now '60000'"),
        ("print(0.9876)", "0.9877", {}, "'0.9877', is now '0.9876'"),
        ("print('99.5 %')", "99.6 %", rough, None),
        ("print('99.5 %')", "98.6 %", rough, "98.6 %, is now 99.5 %"),
        ("print('nan %')", "98.6 %", rough, "nan was printed"),
        ("print(end='')", "98.6 %", rough, "the cell printed nothing"),
        ("1 / 0", "", {}, "ZeroDivisionError"),
        ("print((28, 28, 1))", "(28, 28, 1)", {}, None),
        (TWICE, "A\nB", {}, None),
    ]
    notebook = new_notebook(cells=[
        new_code_cell(
            source, execution_count=count, metadata=metadata,
            outputs=[new_output("stream", text=stored + "\n")] * bool(stored),
        )
        for count, (source, stored, metadata, _) in enumerate(cells, start=1)
    ])
    # Text, a display and text again: three outputs, of which nbval joins two.
    notebook.cells[-1].outputs = [
        new_output("stream", text="A\n"),
        new_output("display_data", data={"text/plain": "'D'"}),
        new_output("stream", text="B\n"),
    ]
    path = tmp_path / "small.ipynb"
    nbformat.write(notebook, path)
    code, said = nbval(path, "-rA")
    assert code == 1
    for count, (_, _, _, expected) in enumerate(cells, start=1):
        result = "PASSED" if expected is None else "FAILED"
        assert re.search(rf"{result} .*::Cell {count - 1}\b", said), said
        if expected:
            assert re.search(
                rf"small.ipynb, cell {count}: .*{re.escape(expected)}", said
            ), said


def test_a_sanitiser_would_be_noticed(tmp_path):
    rules = tmp_path / "rules.cfg"
    rules.write_text("[numbers]\nregex: \\d+(\\.\\d+)?\nreplace: N\n")
    test = "tests/test_notebook_form.py"
    name = "without_a_sanitiser"
    assert nbval(test, "-k", name)[0] == 0
    assert nbval(test, "-k", name, f"--nbval-sanitize-with={rules}")[0] == 1
    assert nbval(test, "-k", name, "--nbval-lax")[0] == 1


# Faults in the code: file, what is replaced, by what, and the notebook whose
# execution must then disagree with its stored outputs.
CODE_FAULTS = {
    "none (the copy of the project passes)": (
        "README.md", "# MNIST", "# MNIST", 1),
    "pixels divided by 256": (
        "helpers/data.py", "np.float32(255)", "np.float32(256)", 1),
    "validation pictures leak into training": (
        "helpers/data.py", "return (x_train, y_train)",
        "return (x, y)", 1),
    "test labels shuffled": (
        "helpers/data.py", '(arrays["x_test"], arrays["y_test"])',
        '(arrays["x_test"], arrays["y_test"][::-1])', 1),
    "pictures drawn on another scale": (
        "helpers/figures.py", "vmax=white", "vmax=4 * white", 1),
    "augmentation does nothing": (
        "helpers/augment.py", "    count, height, width, _ = images.shape",
        "    return images\n    count, height, width, _ = images.shape", 2),
    "augmentation does nothing, in training": (
        "helpers/augment.py", "    count, height, width, _ = images.shape",
        "    return images\n    count, height, width, _ = images.shape", 3),
    "labels do not belong to their pictures": (
        "helpers/augment.py", "self.y[chosen]", "self.y[chosen[::-1]]", 3),
    "a filter too few": (
        "notebooks/3_model_prediction_and_evaluation.ipynb",
        "block(64, 3)", "block(63, 3)", 3),
    "trained on a tenth of the pictures": (
        "notebooks/3_model_prediction_and_evaluation.ipynb",
        "x_fit[:training_pictures]", "x_fit[:5500]", 3),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CODE_FAULTS)
def test_fault_in_the_code_is_caught(tmp_path, name):
    file, old, new, number = CODE_FAULTS[name]
    project = tmp_path / "project"
    shutil.copytree(
        PROJECT, project, ignore=shutil.ignore_patterns(
            ".*", "results", "__pycache__"),
    )
    path = project / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    target = project / "notebooks" / NOTEBOOKS[number - 1].name
    code, said = nbval(target, "--no-header", cwd=project)
    sentences = re.findall(
        rf"^{target.name}, cell \d+: .*", said, re.MULTILINE
    )
    print("\n".join(sentences))
    if old == new:
        assert code == 0 and not sentences, said
    else:
        assert code == 1 and sentences, said
