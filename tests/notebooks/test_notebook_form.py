"""The form that every notebook keeps, so that its outputs can be checked."""

import ast
import re
import subprocess
import sys
from itertools import pairwise

import nbformat
import pytest

from mnist_digit_recognizer import NOTEBOOKS, PROJECT
from tests.notebooks.outputs import (
    CELL_METADATA,
    NOT_A_NUMBER,
    NOTEBOOK_METADATA,
    code_cells,
    pictures,
    read,
    texts,
)
from tests.unit.test_requirements import imported

TAGS = {"parameters", "approximate", "nbval-ignore-output"}
MACHINE = re.compile(
    r"(?<![\w.])/(home|Users|root|tmp|work|content|var|private|mnt|opt)/"
    r"|\b[A-Z]:\\"
)
STEMS = [
    "1_working_with_images",
    "2_feature_engineering",
    "3_model_prediction_and_evaluation",
]


def problems(notebook):
    """Say in sentences what is wrong with a notebook's form."""
    found = []
    if (notebook.nbformat, notebook.nbformat_minor) != (4, 5):
        found.append("the format is not nbformat 4.5")
    if notebook.metadata != NOTEBOOK_METADATA:
        found.append(
            f"the metadata are not {NOTEBOOK_METADATA}; run 'make notebooks'"
        )
    seen = set()
    for count, cell in enumerate(code_cells(notebook), start=1):
        found += [
            f"cell {count}: {problem}"
            for problem in [
                *form_of(cell, count), *tags_of(cell), *pictures_of(cell, seen)
            ]
        ]
    return found


def form_of(cell, count):
    """Check one code cell: executed, clean, short."""
    if cell.execution_count != count:
        yield (f"it was not executed in order (its count is "
               f"{cell.execution_count}); run 'make notebooks'")
    for output in cell.outputs:
        if output.output_type == "error":
            yield f"a stored error: {output.ename}: {output.evalue}"
        if output.get("name") == "stderr":
            yield f"red text (stderr): {output.text[:80]!r}"
    lines = [line for line in cell.source.splitlines() if line.strip()]
    if len(lines) > 15:
        yield f"{len(lines)} lines of code, more than 15"
    if any(len(line) > 79 for line in lines):
        yield "a line of more than 79 columns"
    if cell.source.rstrip().endswith(";"):
        yield "a ';' at its end"
    if "NBVAL_" in cell.source or "PYTEST_VALIDATE" in cell.source:
        yield "a comment that tells nbval to look away"
    for text in (cell.source, *texts(cell.outputs).values()):
        if NOT_A_NUMBER.search(text) and text is not cell.source:
            yield "a stored 'nan' or 'inf'"
        if MACHINE.search(text):
            yield f"a path of one machine: {MACHINE.search(text)[0]!r}"


def tags_of(cell):
    """Check one code cell's tags and metadata."""
    tags = set(cell.metadata.get("tags", []))
    tolerance = cell.metadata.get("tolerance", {})
    if tags - TAGS:
        yield f"an unknown tag: {sorted(tags - TAGS)[0]!r}"
    if set(cell.metadata) - CELL_METADATA:
        yield f"unknown metadata: {sorted(set(cell.metadata) - CELL_METADATA)}"
    marks = {"approximate" in tags, "nbval-ignore-output" in tags,
             bool(tolerance)}
    if len(marks) > 1:
        yield ("an approximate cell has both tags (approximate and "
               "nbval-ignore-output) and a tolerance in its metadata; "
               "another cell has none of the three")
    if tolerance:
        why = tolerance.get("why")
        if not isinstance(why, str) or len(why) < 20:
            yield "a tolerance without a reason ('why')"
        limits = [value for key, value in tolerance.items() if key != "why"]
        if not limits or not all(
            type(value) in (int, float) and value > 0 for value in limits
        ):
            yield "a tolerance that is not a number above 0"
        if not any(text.strip() for text in texts(cell.outputs).values()):
            yield "an approximate cell that printed nothing"


def pictures_of(cell, seen):
    """Check one code cell's pictures and their alternative texts."""
    for output in cell.outputs:
        png = output.get("data", {}).get("image/png")
        if any(kind in output.get("data", {}) for kind in
               ("image/jpeg", "image/svg+xml")):
            yield "a picture that is not a PNG"
        if png is None:
            continue
        alt = output.metadata.get("image/png", {}).get("alt", "")
        if len(alt) < 20:
            yield "a picture without alt text; use helpers.figures.show"
        elif alt in seen:
            yield f"an alt text used twice: {alt[:60]!r}"
        elif output.data.get("text/plain") != alt:
            yield "an alt text that differs from the picture's plain text"
        seen.add(alt)
        (image,) = pictures([output])
        if image is None:
            yield "a damaged picture"
        elif len(set(image.getextrema())) == 1:
            yield "a picture of one colour"
        if len(png) > 200_000:
            yield f"a picture of {len(png) // 1000} kB"


def test_the_three_notebooks_are_there():
    assert [path.stem for path in NOTEBOOKS] == STEMS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
class TestForm:
    """What holds for each notebook."""

    def test_form(self, path):
        found = problems(read(path))
        assert not found, "\n".join(f"{path.name}, {f}" for f in found)

    def test_file_is_small_and_as_jupyter_saves_it(self, path):
        text = path.read_text(encoding="utf-8")
        assert len(text) < 1_500_000
        assert text.rstrip("\n") == nbformat.writes(read(path)).rstrip("\n")

    def test_one_title_and_sections_in_order(self, path):
        levels = [
            len(heading)
            for cell in read(path).cells if cell.cell_type == "markdown"
            for heading in re.findall(r"^(#+) ", cell.source, re.MULTILINE)
        ]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(below <= above + 1 for above, below in pairwise(levels))

    def test_a_function_is_followed_by_its_result(self, path):
        cells = read(path).cells
        for cell, after in zip(cells, [*cells[1:], None]):
            if cell.cell_type != "code" or cell.outputs:
                continue
            body = ast.parse(cell.source).body
            if body and isinstance(body[-1], ast.FunctionDef):
                name = body[-1].name
                assert after is not None, f"{name} is never used"
                assert after.cell_type == "code" and name in after.source, (
                    f"the cell after the definition of {name} should use it"
                )

    def test_no_word_that_belittles(self, path):
        words = r"\b(easily|easy|just|simply|simple|obviously|of course)\b"
        for cell in read(path).cells:
            if cell.cell_type == "markdown":
                word = re.search(words, cell.source, re.IGNORECASE)
                assert not word, f"{word[0]!r} in: {cell.source[:80]!r}"


def test_notebook_1_never_imports_tensorflow():
    code = "\n".join(c.source for c in code_cells(read(NOTEBOOKS[0])))
    modules = set(imported(code))
    assert not modules & {"tensorflow", "keras"}
    check = f"""
import sys
sys.modules["tensorflow"] = sys.modules["keras"] = None
import {", ".join(sorted(m for m in modules - {"helpers"}))}
import helpers.data, helpers.figures, helpers.data
"""
    done = subprocess.run(
        [sys.executable, "-c", check], cwd=PROJECT, text=True,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr


def test_nbval_compares_without_a_sanitiser_and_looks_at_every_notebook(
    pytestconfig,
):
    options = pytestconfig.option
    assert options.nbval and not options.nbval_lax
    assert options.nbval_sanitize_with is None
    assert "notebooks" in pytestconfig.getini("testpaths")
    assert sorted((PROJECT / "notebooks").glob("*.ipynb")) == NOTEBOOKS
