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
    text = "\n".join(said.values())
    path = MACHINE.search(cell.source + "\n" + text)
    tags, metadata = set(cell.metadata.get("tags", [])), set(cell.metadata)
    unknown = tags - {"parameters", "approximate"} or (
        metadata - o.CELL_METADATA)
    return chosen({
        f"it was not executed in order (its count is {cell.execution_count});"
        " run 'make notebooks'": cell.execution_count != count,
        f"a stored error, or red text: {text!r:.100}":
            {"error", "stderr"} & set(said),
        f"{len(lines)} lines of code, more than {LINES}": len(lines) > LINES,
        f"a line of more than {COLUMNS} columns":
            any(len(line) > COLUMNS for line in lines),
        "a comment that tells nbval to look away":
            re.search("NBVAL_|PYTEST_VALIDATE", cell.source),
        "a stored 'nan' or 'inf'": re.search(r"(?i)\b(nan|inf)\b", text),
        f"a path of one machine: {path and path[0]!r}": path,
        f"unknown tags or metadata: {unknown}": unknown,
        "an approximate cell has the tag and the metadata 'approximate'":
            ("approximate" in tags) != ("approximate" in metadata),
    })


def ranges_of(cell):
    """Check the ranges of an approximate cell's numbers."""
    own = cell.metadata.get("approximate")
    if own is not None:
        found, ranges = o.figures(o.claims(cell.outputs)), own.get("ranges")
        yield from chosen({
            "it is approximate without a reason ('why')":
                len(own.get("why", "")) < 20,
            "its numbers have no ranges; run 'make spread'":
                len(found) != len(ranges or []),
        })
        for figure, (low, high) in zip(found, map(
            lambda range_: range_ or (0, 0), ranges or []
        )):
            unit = 10.0**-len(figure.text.partition(".")[2])
            far = high - low > max(2 * abs(figure.value), 25 * unit)
            if far or (figure.unit == "%" and [low, high] == [0, 100]):
                yield (f"{figure.label} {figure.text} moves from {low:g} to "
                       f"{high:g}: it says nothing; print a comparison")


def pictures_of(cell, seen):
    """Check one code cell's pictures and their alternative texts."""
    for output in cell.outputs:
        data, metadata = output.get("data", {}), output.get("metadata", {})
        alt = metadata.get("image/png", {}).get("alt", "")
        if any(kind.startswith("image/") for kind in data):
            yield from chosen({
                "a picture without an alt text of its own; use helpers."
                f"figures.show: {alt!r:.70}": len(alt) < 20 or alt in seen
                or data.get("text/plain") != alt,
                "a picture that helpers.figures.show did not draw":
                    "approximate" in cell.metadata and "drawn" not in metadata,
                "a picture that is no PNG, or damaged, or of one colour":
                    o.pictures([output]) in ([], [None]),
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
