"""Each exercise of a lesson has its solution folded below it, and it is right.

The solution is executed in place of the stub, and `check` must accept it.
"""

import ast
import re

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_markdown_cell

from helpers.exercises.checking import check, find_exercises
from mnist_digit_recognizer import NOTEBOOKS

SOLUTION = re.compile(
    r"<details><summary>Solution</summary>\n\n```python\n(.+?)\n```\n\n"
    r"(?=\S).+?\n\n</details>", re.DOTALL)


def find_exercise_cells(notebook):
    """Yield the name, the call of `check`, the stub and what follows it."""
    for cell, following in zip(
            notebook.cells, [*notebook.cells[1:], new_markdown_cell()]):
        if cell.cell_type != "code" or "check(" not in cell.source:
            continue
        for node in ast.walk(ast.parse(cell.source)):
            if getattr(getattr(node, "func", None), "id", "") == "check":
                yield (ast.literal_eval(node.args[0]), ast.unparse(node),
                       cell.source, following)


def run(name, source, capsys):
    """Execute a cell as its lesson does, and return what `check` prints."""
    capsys.readouterr()
    exec(source, {"np": np, "check": check, **find_exercises()[name].given()})
    return " ".join(capsys.readouterr().out.split())


def list_faults(notebook, capsys):
    """Say what is wrong with the exercises of a notebook."""
    for name, call, stub, following in find_exercise_cells(notebook):
        if run(name, stub, capsys) != f"{name}: not solved yet.":
            yield f"{name}: the stub is taken for an answer"
        fold = SOLUTION.search(following.source)
        if following.cell_type != "markdown" or not fold:
            yield f"{name}: no cell with a folded solution follows"
        elif (said := run(name, f"{fold[1]}\n{call}", capsys)) != (
                f"{name}: right."):
            yield f"the solution is refused: {said}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_folded_solution_is_right(path, capsys):
    assert not [*list_faults(nbformat.read(path, as_version=4), capsys)]


def test_every_exercise_is_in_one_notebook():
    taught = [name for path in NOTEBOOKS for name, *_ in find_exercise_cells(
        nbformat.read(path, as_version=4))]
    assert sorted(taught) == sorted(find_exercises())
