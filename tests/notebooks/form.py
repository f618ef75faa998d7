"""The form of every notebook, so that it can be read and checked.

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

from tests.notebooks import outputs as o
from tests.notebooks import prose

MAIN_CODE_CELLS, MAIN_WORDS = 45, 4500
LINES, COLUMNS = 15, 79  # of a code cell
CLOSING = ["What you found", "Check yourself", "Where to go next"]
SIDE_ROAD = re.compile(
    r"### .+\n\n\*Side road · \d+ minutes · needs: [^*\n]+\*(\n|$)")
COLLAPSED = {"jp-MarkdownHeadingCollapsed": True}
MACHINE = re.compile(r"(?<![\w.])/(home|Users|root|tmp|work|content|var|"
                     r"private|mnt|opt)/|\b[A-Z]:\\")
BELITTLING = re.compile(
    r"\b(easily|easy|just|simply|simple|obviously|of course)\b", re.IGNORECASE)


def chosen(problems):
    """The sentences, of many, whose condition is true."""
    return [problem for problem, is_so in problems.items() if is_so]


def problems(path):
    """Say in sentences what is wrong with a notebook's form and numbers."""
    notebook, text = o.read(path), path.read_text(encoding="utf-8")
    kept = text.rstrip("\n") == nbformat.writes(notebook).rstrip("\n")
    yield from chosen({
        "it is not nbformat 4.5, as Jupyter saves it; run 'make notebooks'":
            not kept or notebook.nbformat_minor != 5
            or notebook.metadata != o.NOTEBOOK_METADATA,
        f"the file has {len(text) // 1000} kB": len(text) > 1_500_000,
    })
    yield from shape_of(notebook.cells)
    alts = set()
    for count, cell in enumerate(o.code_cells(notebook), start=1):
        for problem in [*form_of(cell, count), *ranges_of(cell),
                        *pictures_of(cell, alts)]:
            yield f"cell {count}: {problem}"
    yield from prose.problems(path)


def shape_of(cells):
    """Check the headings, the main road, and the side roads."""
    end = next((place for place, cell in enumerate(cells)
                if cell.source.startswith("## Side roads")), len(cells))
    texts = [cell.source if cell.cell_type == "markdown" else ""
             for cell in cells]
    headings = re.findall(r"^(#+) (.+?) *$", prose.CODE.sub(
        "", "\n\n".join(texts)), re.M)
    levels = [len(marks) for marks, _ in headings]
    names = [name for marks, name in headings if marks == "##"]
    main = names[:-1] if names[-1:] == ["Side roads"] else names
    code = sum(cell.cell_type == "code" for cell in cells[:end])
    words = len(re.sub(r"(?s)```.*?```|<[^>]*>", "",
                       " ".join(texts[:end])).split())
    yield from chosen({
        "it does not begin with its only title":
            levels[:1] != [1] or levels.count(1) > 1,
        "a heading skips a level": any(
            below > above + 1 for above, below in pairwise(levels)),
        f"its last sections are {names[-4:]}, not {CLOSING} and then, if it "
        "has any, 'Side roads'": main[-3:] != CLOSING or "Side roads" in main,
        f"the main road has {code} code cells and {words} words":
            code > MAIN_CODE_CELLS or words > MAIN_WORDS,
    })
    for place, (cell, text) in enumerate(zip(cells, texts)):
        begins, word = repr(cell.source[:60]), BELITTLING.search(text)
        road = place > end and text.startswith("### ")
        body = [] if text or cell.outputs else ast.parse(cell.source).body
        function = body and getattr(body[-1], "name", None)
        yield from chosen({
            f"a word that belittles: {word and word[0]!r} in {begins}": word,
            "a side road begins with a heading and '*Side road · 15 minutes "
            f"· needs: ….*', not with {begins}":
                road and not SIDE_ROAD.match(text),
            f"side roads alone have the metadata {COLLAPSED}: {begins}":
                text and cell.metadata != (COLLAPSED if road else {}),
            f"the cell after {function} does not use it": function
            and function not in "".join(c.source for c in cells[place + 1:][:1]
                                        if c.cell_type == "code"),
        })


def form_of(cell, count):
    """Check one code cell: executed, clean, short."""
    lines = [line for line in cell.source.splitlines() if line.strip()]
    said = o.texts(cell.outputs)
    path = MACHINE.search("\n".join([cell.source, *said.values()]))
    tags, metadata = set(cell.metadata.get("tags", [])), set(cell.metadata)
    return chosen({
        f"it was not executed in order (its count is {cell.execution_count});"
        " run 'make notebooks'": cell.execution_count != count,
        f"a stored error: {said.get('error')}": "error" in said,
        f"red text: {said.get('stderr', '')[:80]!r}": "stderr" in said,
        f"{len(lines)} lines of code, more than {LINES}": len(lines) > LINES,
        f"a line of more than {COLUMNS} columns":
            any(len(line) > COLUMNS for line in lines),
        "a ';' at its end": cell.source.rstrip().endswith(";"),
        "a comment that tells nbval to look away":
            re.search("NBVAL_|PYTEST_VALIDATE", cell.source),
        "a stored 'nan' or 'inf'": re.search(
            r"(?i)\b(nan|inf)\b", "\n".join(said.values())),
        f"a path of one machine: {path and path[0]!r}": path,
        f"unknown tags or metadata: {sorted(tags | metadata)}":
            tags - {"parameters", "approximate"} or metadata - o.CELL_METADATA,
        "an approximate cell has the tag and the metadata 'approximate'":
            ("approximate" in tags) != ("approximate" in metadata),
    })


def ranges_of(cell):
    """Check the ranges of an approximate cell's numbers."""
    own, found = cell.metadata.get("approximate"), o.figures(
        o.claims(cell.outputs))
    ranges = (own or {}).get("ranges", [])
    yield from chosen({
        "it is approximate without a reason ('why')":
            own is not None and len(own.get("why", "")) < 20,
        "its numbers have no ranges; run 'make spread'":
            own is not None and len(ranges) != len(found),
    })
    for figure, range_ in zip(found, ranges):
        low, high = range_ or (figure.value, figure.value)
        unit = 10.0**-len(figure.text.partition(".")[2])
        far = high - low > max(2 * abs(figure.value), 25 * unit)
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
        data, metadata = output.get("data", {}), output.get("metadata", {})
        alt = metadata.get("image/png", {}).get("alt", "")
        kinds = [kind for kind in data if kind.startswith("image/")]
        image, *_ = [*o.pictures([output]), None]
        yield from chosen({
            "a picture without an alt text of its own; use helpers.figures."
            f"show: {alt!r:.70}": kinds and (
                len(alt) < 20 or alt in seen or data.get("text/plain") != alt),
            "a picture that helpers.figures.show did not draw": kinds and (
                "approximate" in cell.metadata and "drawn" not in metadata),
            "a picture that is no PNG, or damaged, or of one colour":
                kinds and image is None,
            "a picture of more than 200 kB":
                len(data.get("image/png", "")) > 200_000,
        })
        seen.add(alt)


if __name__ == "__main__":
    for name in map(Path, sys.argv[1:]):
        found = [f"{name.name}, {said}" for said in problems(name.resolve())]
        moved = list(prose.moved(name.resolve()))
        missed = [what for what, noticed in moved if not noticed]
        print(*found, f"{len(found)} problems. Of {len(moved)} numbers in "
              f"prose moved by one, not noticed: {len(missed)}", *missed,
              sep="\n")
