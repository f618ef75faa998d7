"""The form that every notebook keeps, so that it can be read and checked.

    python -m tests.notebooks.form notebooks/1*.ipynb

says in sentences what is wrong with a notebook's form and with the numbers
in its text. It executes nothing.
"""

import ast
import re
import sys
from itertools import pairwise
from pathlib import Path

import nbformat

from tests.notebooks import prose
from tests.notebooks.outputs import (
    CELL_METADATA,
    NOT_A_NUMBER,
    NOTEBOOK_METADATA,
    claims,
    code_cells,
    figures,
    pictures,
    read,
    texts,
)

MAIN_CODE_CELLS, MAIN_WORDS = 45, 4500
LINES, COLUMNS = 15, 79  # of a code cell
CLOSING = ["What you found", "Check yourself", "Where to go next"]
SIDE_ROAD = re.compile(
    r"###+ [^\n]+\n\n\*Side road · \d+ minutes · needs: [^*\n]+\*\n"
)
COLLAPSED = "jp-MarkdownHeadingCollapsed"
MACHINE = re.compile(
    r"(?<![\w.])/(home|Users|root|tmp|work|content|var|private|mnt|opt)/"
    r"|\b[A-Z]:\\"
)
BELITTLING = re.compile(
    r"\b(easily|easy|just|simply|simple|obviously|of course)\b", re.IGNORECASE
)


def problems(path):
    """Say in sentences what is wrong with a notebook's form and numbers."""
    notebook, text = read(path), Path(path).read_text(encoding="utf-8")
    if (notebook.nbformat, notebook.nbformat_minor) != (4, 5):
        yield "the format is not nbformat 4.5"
    if notebook.metadata != NOTEBOOK_METADATA:
        yield f"the metadata are not {NOTEBOOK_METADATA}; run 'make notebooks'"
    if text.rstrip("\n") != nbformat.writes(notebook).rstrip("\n"):
        yield "the file is not as Jupyter saves it; run 'make notebooks'"
    if len(text) > 1_500_000:
        yield f"the file has {len(text) // 1000} kB"
    yield from shape_of(notebook.cells)
    alts = set()
    for count, cell in enumerate(code_cells(notebook), start=1):
        for problem in (*form_of(cell, count), *marks_of(cell),
                        *pictures_of(cell, alts)):
            yield f"cell {count}: {problem}"
    yield from prose.problems(Path(path).resolve())


def headings(cells):
    """The level, name and place of each heading, in order."""
    for place, cell in enumerate(cells):
        if cell.cell_type == "markdown":
            text = prose.CODE.sub("", cell.source)
            for marks, name in re.findall(r"^(#+) (.+?) *$", text, re.M):
                yield len(marks), name, place


def shape_of(cells):
    """Check the main road, the closing headings, and the side roads."""
    found = list(headings(cells))
    levels = [level for level, _, _ in found]
    if levels[:1] != [1] or levels.count(1) > 1:
        yield "it does not begin with its only title"
    for (above, _, _), (below, name, _) in pairwise(found):
        if below > above + 1:
            yield f"the heading {name!r} skips a level"
    sections = [name for level, name, _ in found if level == 2]
    main, aside = sections, []
    if "Side roads" in sections:
        end = sections.index("Side roads")
        main, aside = sections[:end], sections[end + 1:]
    if aside or main[-3:] != CLOSING:
        yield (f"the main road does not end with {CLOSING}, then 'Side roads' "
               f"as the last section; it has {sections[-5:]}")
    begin = next((p for _, n, p in found if n == "Side roads"), len(cells))
    for place, cell in enumerate(cells):
        if cell.cell_type == "markdown":
            word = BELITTLING.search(cell.source)
            if word:
                yield f"{word[0]!r} belittles in: {cell.source[:70]!r}"
            road = place > begin and cell.source.startswith("### ")
            if road and not SIDE_ROAD.match(cell.source + "\n"):
                yield ("a side road does not begin with '*Side road · 15 "
                       f"minutes · needs: ….*': {cell.source[:70]!r}")
            if dict(cell.metadata) != ({COLLAPSED: True} if road else {}):
                yield f"{COLLAPSED} is wrong at: {cell.source[:70]!r}"
    code = len([c for c in cells[:begin] if c.cell_type == "code"])
    words = sum(len(re.sub(r"```.*?```|<[^>]*>", "", cell.source,
                           flags=re.DOTALL).split())
                for cell in cells[:begin] if cell.cell_type == "markdown")
    if code > MAIN_CODE_CELLS or words > MAIN_WORDS:
        yield f"the main road has {code} code cells and {words} words"
    for cell, after in zip(cells, [*cells[1:], None]):
        body = [] if cell.cell_type != "code" or cell.outputs else (
            ast.parse(cell.source).body)
        if body and isinstance(body[-1], ast.FunctionDef) and (
            after is None or after.cell_type != "code"
            or body[-1].name not in after.source
        ):
            yield f"the function {body[-1].name} is not used in the next cell"


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
    if len(lines) > LINES:
        yield f"{len(lines)} lines of code, more than {LINES}"
    if any(len(line) > COLUMNS for line in lines):
        yield f"a line of more than {COLUMNS} columns"
    if cell.source.rstrip().endswith(";"):
        yield "a ';' at its end"
    if "NBVAL_" in cell.source or "PYTEST_VALIDATE" in cell.source:
        yield "a comment that tells nbval to look away"
    for text in texts(cell.outputs).values():
        if NOT_A_NUMBER.search(text):
            yield "a stored 'nan' or 'inf'"
    for text in (cell.source, *texts(cell.outputs).values()):
        if MACHINE.search(text):
            yield f"a path of one machine: {MACHINE.search(text)[0]!r}"


def marks_of(cell):
    """Check one code cell's tags, and the ranges of its numbers."""
    tags, own = set(cell.metadata.get("tags", [])), cell.metadata.get(
        "approximate", {})
    if tags - {"parameters", "approximate"}:
        yield f"an unknown tag: {sorted(tags)}"
    if set(cell.metadata) - CELL_METADATA:
        yield f"unknown metadata: {sorted(set(cell.metadata) - CELL_METADATA)}"
    if ("approximate" in tags) != bool(own):
        yield "an approximate cell has the tag and the metadata 'approximate'"
    if not own:
        return
    if len(own.get("why", "")) < 20:
        yield "it is approximate without a reason ('why')"
    found, ranges = figures(claims(cell.outputs)), own.get("ranges")
    if ranges is None or len(ranges) != len(found):
        yield "its numbers have no ranges; run 'make spread'"
        return
    for figure, range_ in zip(found, ranges):
        low, high = range_ or (figure.value, figure.value)
        unit = 10.0**-len(figure.text.partition(".")[2])
        if not low <= figure.value <= high:
            yield f"{figure.label} {figure.text} is outside of its range"
        elif high - low > max(2 * abs(figure.value), 15 * unit) or (
            figure.unit == "%" and (low, high) == (0, 100)
        ):
            yield (f"{figure.label} {figure.text} moves from {low:g} to "
                   f"{high:g}: it says nothing; print a comparison in words")


def pictures_of(cell, seen):
    """Check one code cell's pictures and their alternative texts."""
    for output in cell.outputs:
        data = output.get("data", {})
        if {"image/jpeg", "image/svg+xml"} & set(data):
            yield "a picture that is not a PNG"
        if "image/png" not in data:
            continue
        alt = output.metadata.get("image/png", {}).get("alt", "")
        if len(alt) < 20:
            yield "a picture without alt text; use helpers.figures.show"
        elif alt in seen:
            yield f"an alt text used twice: {alt[:60]!r}"
        elif data.get("text/plain") != alt:
            yield "an alt text that differs from the picture's plain text"
        elif "approximate" in cell.metadata and "drawn" not in output.metadata:
            yield "a picture that helpers.figures.show did not draw"
        seen.add(alt)
        (image,) = pictures([output])
        if image is None:
            yield "a damaged picture"
        elif all(low == high for low, high in image.getextrema()):
            yield "a picture of one colour"
        if len(data["image/png"]) > 200_000:
            yield f"a picture of {len(data['image/png']) // 1000} kB"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        found = list(problems(name))
        print(*(f"{Path(name).name}, {problem}" for problem in found),
              f"{Path(name).name}: {len(found)} problems", sep="\n")
