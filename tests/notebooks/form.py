"""The form of every notebook, so that it can be read and checked."""

import re
from itertools import pairwise

import nbformat

from tests.notebooks import outputs as o
from tests.notebooks import prose

MAIN_CODE_CELLS, MAIN_WORDS = 45, 4500
LINES = 15  # of a code cell
CLOSING = ["What you found", "Check yourself", "Where to go next"]
SIDE_ROAD = re.compile(
    r"### .+\n\n\*Side road · \d+ minutes · needs: [^*\n]+\*(\n|$)")
COLLAPSED = {"jp-MarkdownHeadingCollapsed": True}
FOLDED = {"jupyter": {"source_hidden": True}, "cellView": "form"}
# The only metadata that a notebook and a code cell keep.
METADATA = {"kernelspec": {"display_name": "Python 3 (ipykernel)",
                           "language": "python", "name": "python3"},
            "language_info": {"name": "python"}}
CELL_METADATA = {"tags", "approximate", *FOLDED}
MACHINE = re.compile(r"(?<![\w.])/(home|Users|root|tmp|work|content|var|"
                     r"private|mnt|opt)/|\b[A-Z]:\\")
BELITTLING = re.compile(
    r"(?i)\b(easily|easy|just|simply|simple|obviously|of course)\b")


def chosen(problems):
    """The sentences, of many, whose condition is true."""
    return [problem for problem, is_so in problems.items() if is_so]


def problems(path):
    """Say in sentences what is wrong with a notebook's form and numbers."""
    notebook, text = o.read(path), path.read_text(encoding="utf-8")
    yield from chosen({
        "it is not nbformat 4.5, as Jupyter saves it; run 'make notebooks'":
            text.rstrip("\n") != nbformat.writes(notebook).rstrip("\n")
            or notebook.nbformat_minor != 5 or notebook.metadata != METADATA,
        f"the file has {len(text) // 1000} kB": len(text) > 1_500_000,
        "its first figure is not the one that a cell draws; run 'make "
        "notebooks'": notebook.cells[0].get("attachments", {}) != overview(
            notebook)})
    yield from shape_of(notebook.cells)
    alts = []
    for count, cell in enumerate(o.code_cells(notebook), start=1):
        for problem in form_of(cell, count, alts):
            yield f"cell {count}: {problem}"
    yield from prose.problems(path)


def overview(notebook):
    """What the first cell shows before anything is run: a later figure.

    That is the one whose alternative text its ``attachment`` has.
    """
    alt = re.search(r"!\[(.+)\]\(attachment:", notebook.cells[0].source)[1]
    (png,) = [output.data["image/png"] for cell in o.code_cells(notebook)
              for output in cell.outputs
              if output.get("data", {}).get("text/plain") == alt]
    return {"overview.png": {"image/png": png.strip()}}


def shape_of(cells):
    """Check the headings, the main road, and the side roads."""
    texts = [cell.source if cell.cell_type == "markdown" else ""
             for cell in cells]
    road = next((place for place, text in enumerate(texts)
                 if text.startswith("## Side roads")), len(cells))
    headings = re.findall(
        r"(?m)^(#+) (.+?) *$", prose.CODE.sub("", "\n\n".join(texts)))
    levels = [len(marks) for marks, _ in headings]
    main = [name for marks, name in headings if marks == "##"]
    if main[-1:] == ["Side roads"]:
        main.pop()
    code, words = texts[:road].count(""), len(re.sub(
        r"(?s)```.*?```|<[^>]*>", "", " ".join(texts[:road])).split())
    yield from chosen({
        "it does not begin with its only title":
            levels[:1] != [1] or levels.count(1) > 1,
        "a heading skips a level":
            any(below > above + 1 for above, below in pairwise(levels)),
        f"it ends in {main[-3:]}, not in {CLOSING} (and then 'Side roads')":
            main[-3:] != CLOSING,
        f"the main road has {code} code cells and {words} words":
            code > MAIN_CODE_CELLS or words > MAIN_WORDS})
    for place, (cell, text) in enumerate(zip(cells, texts)):
        begins, word = repr(cell.source[:60]), BELITTLING.search(text)
        aside = place > road and text.startswith("### ")
        yield from chosen({
            f"a word that belittles: {word and word[0]!r} in {begins}": word,
            "'*Side road · 15 minutes · needs: ….*' does not stand below the "
            f"heading {begins}": aside and not SIDE_ROAD.match(text),
            f"side roads alone have the metadata {COLLAPSED}: {begins}":
                text and cell.metadata != (COLLAPSED if aside else {})})


def form_of(cell, count, alts):
    """Check a code cell: executed, clean, short; its ranges and pictures."""
    lines = len(re.findall(r"(?m)^.*\S", cell.source))
    said, own = o.texts(cell.outputs), cell.metadata.get("approximate", {})
    text, ranges = "\n".join(said.values()), own.get("ranges", [])
    path = MACHINE.search(f"{cell.source}\n{text}")
    unknown = {*cell.metadata} - CELL_METADATA | {
        *cell.metadata.get("tags", [])} - {"parameters"}
    found = o.figures(o.claims(cell.outputs)) if own else []
    yield from chosen({
        f"it was executed as number {cell.execution_count}; run 'make "
        "notebooks'": cell.execution_count != count,
        f"a stored error, or red text: {text!r:.100}":
            {"error", "stderr"} & set(said),
        f"{lines} lines of code, more than {LINES}": lines > LINES,
        "a comment that tells nbval to look away":
            re.search("NBVAL_|PYTEST_VALIDATE", cell.source),
        "a stored 'nan' or 'inf'": re.search(r"(?i)\b(nan|inf)\b", text),
        f"a path of one machine: {path and path[0]!r}": path,
        f"unknown tags or metadata: {unknown}": unknown,
        f"a folded cell has the metadata {FOLDED}":
            {*cell.metadata} & {*FOLDED} and not FOLDED.items()
            <= cell.metadata.items(),
        "it is approximate without a reason ('why')":
            "approximate" in cell.metadata and len(own.get("why", "")) < 20,
        "its numbers have no ranges; run 'make spread'":
            len(found) != len(ranges)})
    for figure, range_ in zip(found, ranges):
        low, high = range_ or (0, 0)
        far = max(4 * abs(figure.value), 25 * 10.0**-figure.decimals)
        if high - low > far or (figure.unit == "%" and high - low == 100):
            yield (f"{figure.label} {figure.text} moves from {low:g} to "
                   f"{high:g}: it says nothing; print a comparison")
    for output in cell.outputs:
        metadata, data = output.get("metadata", {}), output.get("data", {})
        alt = metadata.get("image/png", {}).get("alt", "")
        if re.search("image/", " ".join(data)):
            yield from chosen({
                f"helpers.figures.show did not draw a picture: {alt!r:.70}":
                    data.get("text/plain") != alt
                    or (own and "drawn" not in metadata),
                f"a picture without an alt text of its own: {alt!r:.70}":
                    len(alt) < 20 or alt in alts})
            alts.append(alt)
