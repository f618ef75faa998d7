"""Faults planted at random places, counted by kind, are caught.

The outputs that a notebook stores stand for fresh ones, and a fault is planted
in a copy of what they say, which needs no kernel; or it is planted in the
code, which is then executed.
"""

import ast
import random
import re
import shutil
import subprocess
import sys
from itertools import islice

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook, new_output

from mnist_digit_recognizer import NOTEBOOKS, PROJECT, use_this_python
from tests.notebooks import outputs as o
from tests.notebooks import prose

PLANTED, EXECUTED = 300, 40  # faults of each kind: without, with a kernel
PAIRS = ("True/False yes/no more/fewer higher/lower above/below better/worse "
         "before/after larger/smaller with/without </> <=/>= ==/!=").split()
OPPOSITES = dict(pair.split("/")[::step] for pair in PAIRS for step in (1, -1))
REVERSED = (rf"(?<![\w<>=!-])({'|'.join(OPPOSITES)})(?![\w<>=])",
            lambda match: OPPOSITES[match[0]])
# What is searched, and what takes its place, as for `re.sub`: in what cells
# say, in the list of what they have drawn, or in their code.
SAID = {
    "digit of a strict output": (r"\d", lambda m: str((int(m[0]) + 1) % 10)),
    "claim reversed": REVERSED}
DRAWN = {
    "title changed": (r"\b(title|x|y|legend) [^;|\n]", r"\1 *"),
    "axis emptied": (r"(?m)^(?!axes ).+", ""),
    "line dropped": (r"points \d+( \| )?", "points "),
    "legend dropped": (r"legend [^;\n]+", ""),
    "labels swapped": (  # two that differ
        r"(ticks|legend|\|) ([^;|\n]+?) \| (?!\2(?: \||;|\n|$))"
        r"([^;|\n]+?)(?= \||;|\n|$)", r"\1 \3 | \2"),
    "image blanked": (r"blank (\d+)", r"blank 1\1")}
CODE = {
    "number changed": (r"(?<![\w.%])\d+\b(?![.%])", r"9\g<0>"),
    "claim reversed": REVERSED, "statement dropped": None}


def plant(text, fault, rng):
    """Change a text at a random place; return what was done, and the text."""
    find, change = fault
    places = [(*match.span(), change(match) if callable(change)
               else match.expand(change)) for match in re.finditer(find, text)]
    start, end, new = rng.choice(places or [(0, 0, "")])
    return (f"{text[start:end + 30]!r}: {new!r}",
            text[:start] + new + text[end:])


def stored():
    """The code cells of all notebooks, by where they are."""
    return {f"{path.name}, cell {count}": cell for path in NOTEBOOKS
            for count, cell in enumerate(o.code_cells(o.read(path)), start=1)}


def in_texts(kind, rng):
    """Yield faults in what cells say or have drawn, and if they are seen."""
    texts = [(where, cell.metadata.get("approximate", {}).get("ranges", []),
              o.texts(cell.outputs).get("drawn", "") if kind in DRAWN
              else o.claims(cell.outputs))
             for where, cell in stored().items()
             if not ("strict" in kind and "approximate" in cell.metadata)]
    while True:
        where, ranges, text = rng.choice(texts)
        what, new = plant(text, {**SAID, **DRAWN}[kind], rng)
        if new != text:
            yield f"{where}: {what}", o.compare_text(text, new, ranges)


def in_pictures(kind, rng):
    """The same for a square of a picture that is put elsewhere."""
    pictures = [(where, image) for where, cell in stored().items()
                if "approximate" not in cell.metadata
                for image in o.pictures(cell.outputs)]
    while True:
        where, picture = rng.choice(pictures)
        side, changed = rng.randint(20, 80), picture.copy()
        x, y, *place = (rng.randrange(max(1, size - side))
                        for size in picture.size * 2)
        changed.paste(picture.crop((x, y, x + side, y + side)), tuple(place))
        if changed != picture:
            yield (f"{where}: {side} pixels at {x}, {y} to {place}",
                   o.compare_pictures([picture], [changed]))


def in_numbers(kind, rng):
    """The same for numbers of cells with ranges: out of them, or exact."""
    places = [(where, o.claims(cell.outputs), own["ranges"], figure, span)
              for where, cell in stored().items()
              if (own := cell.metadata.get("approximate"))
              for figure, span in zip(o.figures(o.claims(cell.outputs)),
                                      own["ranges"], strict=True)
              if bool(span) == ("range" in kind)]
    while True:
        where, said, ranges, figure, span = rng.choice(places)
        low, high = span or [figure.value] * 2
        far = 10.0**-figure.decimals + rng.random() * (high - low)
        new = f"{rng.choice([low - far, high + far]):.{figure.decimals}f}"
        begin = figure.end - len(figure.text)
        yield f"{where}: {figure.text} is {new}", o.compare_text(
            said, said[:begin] + new + said[figure.end:], ranges)


def in_prose(kind, rng):
    """The same for numbers in texts that are moved a little."""
    moved = [fault for path in [*NOTEBOOKS, PROJECT / "README.md"]
             for fault in prose.moved(path)]
    yield from rng.sample(moved, len(moved))


def report(kind, results, capsys):
    """Print how many faults of a kind were caught, and which were not."""
    missed = sorted({what for what, caught in results if not caught})
    count = sum(bool(caught) for _, caught in results)
    with capsys.disabled():
        print(f"\nplanted faults caught, {kind}: {count} of {len(results)}",
              *missed, sep="\n    missed: ")
    least = 0.95 if re.search("prose|trained", kind) else 0.98
    assert results and count >= least * len(results), missed


@pytest.mark.parametrize("kind, faults", [
    *((kind, in_texts) for kind in {**SAID, **DRAWN}),
    ("part of a strict picture", in_pictures), ("number in prose", in_prose),
    ("trained number, out of its range", in_numbers),
    ("exact number of a trained cell", in_numbers)])
def test_random_faults_are_caught(kind, faults, capsys):
    report(kind, [*islice(faults(kind, random.Random(0)), PLANTED)], capsys)


def with_fault(source, kind, rng):
    """Plant a fault in code; return what was done, and the code."""
    nodes = [node for node in ast.walk(ast.parse(source))
             if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr)
             and not isinstance(node.value, ast.Constant)]
    if CODE[kind] or not nodes:
        return plant(source, CODE[kind] or ("^$", ""), rng)
    lines, node = source.splitlines(), rng.choice(nodes)
    lines[node.lineno - 1:node.end_lineno] = [" " * node.col_offset + "pass"]
    return repr(ast.get_source_segment(source, node)), "\n".join(lines)


@pytest.mark.slow
@pytest.mark.parametrize("kind", CODE)
def test_random_faults_in_code_are_caught(kind, capsys):
    """After each faulty cell of notebook 1, the true one mends what it did.

    A fault counts if it changes a byte of what its cell gives (another corner
    is as black), and raises no error, which anybody would see.
    """
    rng, results = random.Random(0), []
    cells = o.code_cells(o.read(NOTEBOOKS[0]))
    use_this_python()
    while len(results) < EXECUTED:
        planted = [with_fault(cell.source, kind, rng) for cell in cells]
        run = new_notebook(cells=[
            new_code_cell(code) for cell, (_, faulty) in zip(cells, planted)
            for code in (faulty, cell.source)])
        folder = {"metadata": {"path": str(NOTEBOOKS[0].parent)}}
        NotebookClient(run, kernel_name="python3", allow_errors=True,
                       coalesce_streams=True, resources=folder).execute()
        for cell, (what, _), faulty, true in zip(
                cells, planted, run.cells[::2], run.cells[1::2]):
            assert not o.compare_cell(cell, true.outputs), cell.source
            for output in (*faulty.outputs, *true.outputs):
                output.execution_count = 0
            if faulty.outputs != true.outputs and "ename" not in str(faulty):
                results.append((what, o.compare_cell(cell, faulty.outputs)))
    report(f"{kind}, in code", results, capsys)


# The notebook that must disagree with what it stores, once a function of a
# module gives something else: what it gives.
FAULTS = """
2 augment warp a[0]
2 data load_mnist [(x, y[::-1]) for x, y in old(*a, **k)]
3 augment digit_generator ImageDataGenerator()
3 data load_mnist [(x, y[::s]) for s, (x, y) in zip((1, -1), old(*a, **k))]
3 data split_validation [[x[:5000] for x in pair] for pair in old(*a, **k)]
""".strip().splitlines()


def nbval(notebook, project=PROJECT):
    """Execute a notebook as `make test` does; return the sentences by cell."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "conftest", "--color=no",
         "-p", "no:cacheprovider", f"--rootdir={project}",
         f"-c{project / 'pyproject.toml'}", str(notebook)],
        cwd=project, text=True, capture_output=True, timeout=1200)
    said = re.findall(rf"(?m)^{notebook.name}, cell (\d+): (.*)", done.stdout)
    assert done.returncode == bool(said), done.stdout
    return dict(said)


@pytest.mark.long
def test_nbval_executes_and_the_comparison_judges(tmp_path):
    path = tmp_path / "small.ipynb"
    nbformat.write(new_notebook(cells=[
        new_code_cell(code, execution_count=1,
                      outputs=[new_output("stream", text=stored)])
        for code, stored in [("print(60000, '2 s')", "60000 3 s\n"),
                             ("print(60000)", "59999\n"), ("1 / 0", "")]
    ]), path)
    said = nbval(path)
    assert list(said) == ["2", "3"] and "ZeroDivisionError" in said["3"]
    assert said["2"] == "a line was stored as '59999', is now '60000'"


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_a_helper_is_caught(tmp_path, fault):
    number, module, function, result = fault.split(maxsplit=3)
    project = tmp_path / "project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns(
        ".*", "results", "__pycache__"))
    with open(project / "helpers" / f"{module}.py", "a") as file:
        file.write(f"\nimport numpy as np\nold = {function}\n"
                   f"def {function}(*a, **k):\n    return {result}\n")
    path = NOTEBOOKS[int(number) - 1].relative_to(PROJECT)
    assert nbval(project / path, project)
