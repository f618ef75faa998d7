"""Tie the numbers in prose to the place where they come from.

The rule: every number of two or more digits, or before a percent sign, that a
text writes in digits stands in the output or the code of its own section, or
of a section that its paragraph links to, with the same unit (% or the noun
after it, where it was printed with one); or it is in a `code span`, a link, a
formula, or is a year or the minutes that something takes.

A section goes from one heading to the next; each item of a list and row of a
table is a paragraph. Fewer decimals than were printed are fine.
"""

import re
from functools import cache
from urllib.parse import unquote

from tests.notebooks import outputs as o

CELL = re.compile(r"\0([^\0]*)\0")  # how a code cell stands in a page's text
CODE = re.compile(rf"{CELL.pattern}|```[^\0]*?```|`[^`\0]*`")
NOT_PROSE = re.compile(
    rf"{CODE.pattern}|\[(?:[^\[\]]|!?\[[^\]]*\])*\]\([^)]*\)|https?://\S+"
    r"|<[A-Za-z/!][^>]*>|\$[^$\s]([^$\n]*[^$\s])?\$|^\s*\d+\. "
    r"|^ *\*[^*\n]*\bminutes\b.*$|\b\d+ minutes\b"
    r"|\b(1[89]|20)\d\d(?=[).,;:–]|$)", re.MULTILINE)
HEADING = re.compile(r"^#{1,6} (.+?)\s*$", re.MULTILINE)
PARAGRAPH = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*|]|\d+\.) )")
LINK = re.compile(r"\]\(([^)#\s]*)#([^)\s]+)\)")
PERCENT = re.compile(r"\s*%|\s*(–|-|to|and|or)\s*[\d.,]+\s*%")
NO_NOUN = set("a an and as at by else for from if in is not of on or per s "
              "than that the times to was were with".split())


def measured(prose):
    """The numbers that the rule is about; the unit is "%", or some words."""
    text = NOT_PROSE.sub(" ` ", prose.replace("&nbsp;", " "))
    text = re.sub(r"[*_]+|(?<=\d)(?=[A-Za-z])|(?<=\dx)(?=\d)", " ", text)
    text = re.sub(r"(?<!\w)(?=\.\d)", "0", text)
    for figure in o.figures(text):
        after = re.match(r"[^.;:(`]{0,40}", text[figure.end:])[0].strip()
        several = len(re.findall(r"\d", figure.text)) > 1
        if figure.unit == "%" or (several and PERCENT.match(after)):
            yield figure._replace(unit="%")
        elif several:
            yield figure._replace(unit=after)


@cache
def sections(path):
    """The sections of a page or notebook, by what a link to them ends in.

    Each is a text, and the numbers that its cells hold and print.
    """
    page = path.read_text("utf-8") if path.suffix == ".md" else ""
    for cell in o.read(path).cells if not page else []:
        said = {**o.texts(cell.get("outputs", [])), "drawn": ""}.values()
        code = re.sub(r"(?<=\d)_(?=\d)", "", cell.source)
        page += "\n\n" + (cell.source if cell.cell_type == "markdown" else
                          "\0" + "\n".join([code, *said]) + "\0")
    hidden = CODE.sub(lambda match: match[0].replace("\n#", "\n #"), page)
    parts = ["", *HEADING.split(hidden)]
    return {name.replace(" ", "-"): (
        f"{name}\n{CELL.sub('', text)}",
        o.figures("\n".join(CELL.findall(text))),
    ) for name, text in zip(parts[::2], parts[1::2])}


def numbers(path):
    """Each number that the rule is about: where, itself, its evidence."""
    for section, (text, own) in sections(path).items():
        for paragraph in PARAGRAPH.split(text):
            evidence = list(own)
            for name, anchor in LINK.findall(paragraph):
                target = (path.parent / name).resolve() if name else path
                if target.suffix == ".ipynb" and target.exists():
                    linked = sections(target).get(unquote(anchor), ("", []))
                    evidence += linked[1]
            for figure in measured(paragraph):
                yield (f"section {section!r}: the number in '{figure.label} "
                       f"{figure.text} {figure.unit}'", figure, evidence)


def is_backed(figure, evidence):
    """Whether one of the printed numbers is the one that prose names."""
    words = re.findall(r"\w+?(?=s?\b)", figure.unit.lower())[:3]
    fine = figure.decimals or figure.unit == "%"  # so it may be rounded
    for printed in evidence:
        noun = printed.unit.lower().rstrip("s")
        same = not words or noun in ["", *words] or {words[0], noun} & NO_NOUN
        if "%" in (figure.unit, printed.unit):
            same = figure.unit == printed.unit
        rounded = fine and figure.decimals < printed.decimals
        slack = 0.5 * 10.0**-figure.decimals if rounded else 0
        signed = figure.text[0] in "+-−"
        value = printed.value if signed else abs(printed.value)
        if same and abs(figure.value - value) <= slack + 1e-9:
            return True
    return False


def moved(path):
    """Move each number a little in its last place; yield whether it shows."""
    for where, figure, evidence in numbers(path):
        steps = (-4, -3, -2, -1, 1, 2, 3, 4)
        for step in steps if is_backed(figure, evidence) else ():
            value = figure.value + step * 10.0**-figure.decimals
            yield (f"{path.name}, {where} moved by {step:+}: it is there, too",
                   not is_backed(figure._replace(value=value), evidence))


def problems(path):
    """The numbers of a page that nothing backs, as sentences."""
    for where, figure, evidence in numbers(path):
        if not is_backed(figure, evidence):
            yield (f"{where} stands in no output or code of its section, nor "
                   "of one that its paragraph links to")
