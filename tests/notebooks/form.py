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
    NOTEBOOK_METADATA,
    claims,
    code_cells,
    figures,
    is_flat,
    pictures,
    read,
    texts,
)

MAIN_CODE_CELLS, MAIN_WORDS = 45, 4500
LINES, COLUMNS = 15, 79  # of a code cell
CLOSING = ["What you found", "Check yourself", "Where to go next"]
SIDE_ROAD = re.compile(
    r"### .+\n\n\*Side road · \d+ minutes · needs: [^*\n]+\*(\n|$)")
COLLAPSED = "jp-MarkdownHeadingCollapsed"
MACHINE = re.compile(
    r"(?<![\w.])/(home|Users|root|tmp|work|content|var|private|mnt|opt)/"
    r"|\b[A-Z]:\\")
BELITTLING = re.compile(
    r"\b(easily|easy|just|simply|simple|obviously|of course)\b", re.IGNORECASE)


def chosen(problems):
    """The sentences, of many, whose condition is true."""
    return [problem for problem, is_so in problems.items() if is_so]


def problems(path):
    """Say in sentences what is wrong with a notebook's form and numbers."""
    path = Path(path).resolve()
    notebook, text = read(path), path.read_text(encoding="utf-8")
    kept = text.rstrip("\n") == nbformat.writes(notebook).rstrip("\n")
    yield from chosen({
        "the file is not as Jupyter saves it; run 'make notebooks'": not kept,
        f"the file has {len(text) // 1000} kB": len(text) > 1_500_000,
        "the notebook's metadata are not as they were; run 'make notebooks'":
            notebook.metadata != NOTEBOOK_METADATA,
        "the format is not nbformat 4.5": notebook.nbformat_minor != 5,
    })
    yield from headings_of(notebook.cells)
    yield from roads_of(notebook.cells)
    alts = set()
    for count, cell in enumerate(code_cells(notebook), start=1):
        for problem in [*form_of(cell, count), *ranges_of(cell),
                        *pictures_of(cell, alts)]:
            yield f"cell {count}: {problem}"
    yield from prose.problems(path)


def headings_of(cells):
    """Check the order of the headings."""
    found = [heading for cell in cells if cell.cell_type == "markdown"
             for heading in re.findall(
                 r"^(#+) (.+?) *$", prose.CODE.sub("", cell.source), re.M)]
    levels = [len(marks) for marks, _ in found]
    if levels[:1] != [1] or levels.count(1) > 1:
        yield "it does not begin with its only title"
    for (above, _), (below, name) in pairwise(found):
        if len(below) > len(above) + 1:
            yield f"the heading {name!r} skips a level"
    names = [name for marks, name in found if len(marks) == 2]
    main = names[:-1] if names[-1:] == ["Side roads"] else names
    if main[-3:] != CLOSING or "Side roads" in main:
        yield (f"its last sections are {names[-4:]}, not {CLOSING} and then "
               "'Side roads', if it has any")


def roads_of(cells):
    """Check the cells of the main road, and those of the side roads."""
    end = next((place for place, cell in enumerate(cells)
                if cell.source.startswith("## Side roads")), len(cells))
    code = sum(cell.cell_type == "code" for cell in cells[:end])
    words = sum(len(re.sub(r"(?s)```.*?```|<[^>]*>", "", c.source).split())
                for c in cells[:end] if c.cell_type == "markdown")
    if code > MAIN_CODE_CELLS or words > MAIN_WORDS:
        yield f"the main road has {code} code cells and {words} words"
    for place, (cell, after) in enumerate(zip(cells, [*cells[1:], None])):
        begins = repr(cell.source[:60])
        if cell.cell_type == "markdown":
            word = BELITTLING.search(cell.source)
            road = place > end and cell.source.startswith("### ")
            yield from chosen({
                f"a word that belittles: {word and word[0]!r} in {begins}":
                    word,
                "a side road begins with a heading and '*Side road · 15 "
                f"minutes · needs: ….*', not with {begins}":
                    road and not SIDE_ROAD.match(cell.source),
                f"side roads alone have the metadata {COLLAPSED}: {begins}":
                    dict(cell.metadata) != ({COLLAPSED: True} if road else {}),
            })
        elif not cell.outputs:
            last = (ast.parse(cell.source).body or [None])[-1]
            if isinstance(last, ast.FunctionDef) and not (
                after and after.cell_type == "code"
                and last.name in after.source
            ):
                yield f"the cell after {last.name} does not use it: {begins}"


def form_of(cell, count):
    """Check one code cell: executed, clean, short."""
    lines = [line for line in cell.source.splitlines() if line.strip()]
    said = texts(cell.outputs)
    path = MACHINE.search("\n".join([cell.source, *said.values()]))
    tags = set(cell.metadata.get("tags", []))
    return chosen({
        f"it was not executed in order (its count is {cell.execution_count});"
        " run 'make notebooks'": cell.execution_count != count,
        f"a stored error: {said.get('error')}": "error" in said,
        f"red text (stderr): {said.get('stderr', '')[:80]!r}":
            "stderr" in said,
        f"{len(lines)} lines of code, more than {LINES}": len(lines) > LINES,
        f"a line of more than {COLUMNS} columns":
            any(len(line) > COLUMNS for line in lines),
        "a ';' at its end": cell.source.rstrip().endswith(";"),
        "a comment that tells nbval to look away":
            re.search("NBVAL_|PYTEST_VALIDATE", cell.source),
        "a stored 'nan' or 'inf'": re.search(
            r"(?i)\b(nan|inf)\b", "\n".join(said.values())),
        f"a path of one machine: {path and path[0]!r}": path,
        f"an unknown tag: {sorted(tags)}":
            tags - {"parameters", "approximate"},
        f"unknown metadata: {sorted(cell.metadata)}":
            set(cell.metadata) - CELL_METADATA,
        "an approximate cell has the tag and the metadata 'approximate'":
            ("approximate" in tags) != ("approximate" in cell.metadata),
    })


def ranges_of(cell):
    """Check the ranges of an approximate cell's numbers."""
    own = cell.metadata.get("approximate")
    if own is None:
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
        far = high - low > max(2 * abs(figure.value), 15 * unit)
        yield from chosen({
            f"{figure.label} {figure.text} is outside of its range":
                not low <= figure.value <= high,
            f"{figure.label} {figure.text} moves from {low:g} to {high:g} and "
            "so says nothing; print a comparison in words":
                far or (figure.unit == "%" and [low, high] == [0, 100]),
        })


def pictures_of(cell, seen):
    """Check one code cell's pictures and their alternative texts."""
    for output in cell.outputs:
        data = output.get("data", {})
        alt = output.get("metadata", {}).get("image/png", {}).get("alt", "")
        if "image/png" in data:
            (image,) = pictures([output])
            yield from chosen({
                "a picture without alt text; use helpers.figures.show":
                    len(alt) < 20,
                f"an alt text used twice: {alt[:60]!r}": alt in seen,
                "an alt text that differs from the picture's plain text":
                    data.get("text/plain") != alt,
                "a picture that helpers.figures.show did not draw":
                    "approximate" in cell.metadata
                    and "drawn" not in output.metadata,
                "a picture that is damaged, or of one colour":
                    not image or is_flat(image),
                f"a picture of {len(data['image/png']) // 1000} kB":
                    len(data["image/png"]) > 200_000,
            })
            seen.add(alt)
        elif any(kind.startswith("image/") for kind in data):
            yield "a picture that is not a PNG"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        found = list(problems(name))
        print(*(f"{Path(name).name}, {problem}" for problem in found),
              f"{Path(name).name}: {len(found)} problems", sep="\n")
        results = list(prose.moved(Path(name).resolve()))
        print(f"numbers moved by one: {sum(seen for _, seen in results)} of "
              f"{len(results)} are noticed", *(
                  what for what, seen in results if not seen), sep="\n")
