"""Faults planted at random places, counted by kind, and in code, are caught.

The outputs that a notebook stores stand for fresh ones, and a random fault is
planted in a copy of them, so that no kernel is needed. A fault in the code
needs one: it is caught by nbval.
"""

import base64
import copy
import random
import re
import shutil
import subprocess
import sys
from itertools import islice

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from mnist_digit_recognizer import NOTEBOOKS, PROJECT
from tests.notebooks import outputs as o
from tests.notebooks import prose

PLANTED = 300  # faults of each kind, at most
PAIRS = ("True/False yes/no more/fewer higher/lower above/below better/worse "
         "before/after larger/smaller with/without").split()
OPPOSITES = dict(pair.split("/")[::step] for pair in PAIRS for step in (1, -1))
# What is changed in a printed text, or in the list of what was drawn, into
# what: as `re.sub` does it, but at one random place.
PRINTED = {
    "digit of a strict output": (r"\d", lambda m: str((int(m[0]) + 1) % 10)),
    "claim reversed": (
        rf"\b({'|'.join(OPPOSITES)})\b", lambda match: OPPOSITES[match[0]]),
}
DRAWN = {
    "title changed": (r"\b(title|x|y|legend) [^;|\n]", r"\1 *"),
    "axis emptied": (r"(?m)^(?!axes ).+", ""),
    "line dropped": (r"points \d+( \| )?", "points "),
    "legend dropped": (r"legend [^;\n]+", ""),
    "labels swapped": (  # two that differ
        r"(ticks|legend|\|) ([^;|\n]+?) \| (?!\2(?: \||;|\n|$))"
        r"([^;|\n]+?)(?= \||;|\n|$)", r"\1 \3 | \2"),
    "image blanked": (r"blank (\d+)", r"blank 1\1"),
}


def in_text(output, kind, rng):
    """Change what an output says or has drawn; say whether and how."""
    find, change = {**PRINTED, **DRAWN}[kind]
    drawn = output.get("metadata", {}).get("drawn", [])
    text = output.get("text", "") if kind in PRINTED else "\n".join(drawn)
    lasting = o.DURATION.sub(lambda match: "…" * len(match[0]), text)
    places = [match.start() for match in re.finditer(find, lasting)]
    if places:
        place = rng.choice(places)
        new = text[:place] + re.sub(find, change, text[place:], count=1)
        output.update({"text": new} if kind in PRINTED else {
            "metadata": {"drawn": new.split("\n")}})
        return new != text and f"{text[place:][:40]!r}, {kind}"


def in_picture(output, kind, rng):
    """Put a square of a picture elsewhere; say whether and which."""
    for picture in o.pictures([output]):
        side, changed = rng.randint(20, 80), picture.copy()
        x, y, *place = (rng.randrange(max(1, size - side))
                        for size in picture.size * 2)
        square = picture.crop((x, y, x + side, y + side))
        changed.paste(square, tuple(place))
        png = base64.b64encode(changed._repr_png_())
        output.data["image/png"] = png.decode()
        return changed != picture and f"{side} pixels at {x}, {y} to {place}"


def trained(kind, rng):
    """Move numbers of cells with ranges out of their range, or exact ones."""
    cells = [(f"{path.name}, cell {count}", o.claims(cell.outputs),
              cell.metadata["approximate"]["ranges"]) for path in NOTEBOOKS
             for count, cell in enumerate(o.code_cells(o.read(path)), start=1)
             if "approximate" in cell.metadata]
    places = [(*cell, figure, span) for cell in cells
              for figure, span in zip(o.figures(cell[1]), cell[2])
              if bool(span) == ("range" in kind)]
    for name, said, spans, figure, span in rng.choices(places, k=PLANTED):
        low, high = span or [figure.value] * 2
        far = 10.0**-figure.decimals + rng.random() * (high - low)
        new = f"{rng.choice([low - far, high + far]):.{figure.decimals}f}"
        begin = figure.end - len(figure.text)
        fresh = said[:begin] + new + said[figure.end:]
        yield (f"{name}: {figure.text} is {new}",
               o.compare_text(said, fresh, spans))


def faults(kind, rng):
    """Yield faults: what it is, and whether it is noticed."""
    if kind == "number in prose":
        pages = [*NOTEBOOKS, PROJECT / "README.md"]
        moved = [fault for path in pages for fault in prose.moved(path)]
        yield from rng.sample(moved, len(moved))
        return
    if "trained" in kind:
        yield from trained(kind, rng)
        return
    plant = in_picture if "picture" in kind else in_text
    cells = [(f"{path.name}, cell {count}", cell) for path in NOTEBOOKS
             for count, cell in enumerate(o.code_cells(o.read(path)), start=1)
             if cell.outputs and not (
                 "strict" in kind and "approximate" in cell.metadata)]
    for _ in range(1000 * PLANTED):  # in most outputs there is no place
        name, cell = rng.choice(cells)
        fresh = copy.deepcopy(cell.outputs)
        what = plant(rng.choice(fresh), kind, rng)
        if what:
            yield f"{name}: {what}", o.compare_cell(cell, fresh)


@pytest.mark.parametrize("kind", [
    *PRINTED, *DRAWN, "part of a strict picture", "number in prose",
    "trained number, out of its range", "exact number of a trained cell"])
def test_random_faults_are_caught(kind, capsys):
    results = list(islice(faults(kind, random.Random(0)), PLANTED))
    missed = sorted({what for what, caught in results if not caught})
    count = sum(bool(caught) for _, caught in results)
    with capsys.disabled():
        print(f"\nplanted faults caught, {kind}: {count} of {len(results)}",
              *missed, sep="\n    missed: ")
    least = 0.95 if "prose" in kind or "trained" in kind else 0.98
    assert results and count >= least * len(results), missed


# The notebook that must disagree with what it stores, once a function of a
# module gives something else: what it gives (in the first line, the same).
FAULTS = """
1 data load_mnist old(*a, **k)
1 data prepare_images old(*a, **k) * np.float32(255 / 256)
1 figures plot_digits old(np.array(a[0]) // 2, *a[1:], **k)
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
def test_a_fault_in_the_code_is_caught(tmp_path, fault):
    number, module, function, result = fault.split(maxsplit=3)
    project = tmp_path / "project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns(
        ".*", "results", "__pycache__"))
    with open(project / "helpers" / f"{module}.py", "a") as file:
        file.write(f"\nimport numpy as np\nold = {function}\n"
                   f"def {function}(*a, **k):\n    return {result}\n")
    path = NOTEBOOKS[int(number) - 1].relative_to(PROJECT)
    assert bool(nbval(project / path, project)) == (fault != FAULTS[0])
