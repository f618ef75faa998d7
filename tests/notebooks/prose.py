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
from collections import namedtuple
from functools import cache
from urllib.parse import unquote

from tests.notebooks.outputs import figures, read, texts

CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
NOT_PROSE = re.compile(
    r"\[(?:[^\[\]]|!?\[[^\]]*\])*\]\([^)]*\)|https?://\S+|<[A-Za-z/!][^>]*>"
    r"|\$[^$\s]([^$\n]*[^$\s])?\$|^\s*\d+\. |^ *\*[^*\n]*\bminutes\b.*$"
    r"|\b\d+ minutes\b|\b(1[89]|20)\d\d(?=[).,;:–]|$)", re.MULTILINE
)
HEADING = re.compile(r"^#{1,6} (.+?)\s*$", re.MULTILINE)
PARAGRAPH = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*|]|\d+\.) )")
LINK = re.compile(r"\]\(([^)#\s]*)#([^)\s]+)\)")
JOINT = re.compile(r"\s*(–|-|to|and|or)\s*")
NO_NOUN = set("a an and as at by for from if in is of on or per s than that "
              "the times to was were with".split())

Section = namedtuple("Section", "name text evidence")


def readable(prose):
    """The text without code, links, mathematics, tags and emphasis."""
    text = NOT_PROSE.sub(" ` ", CODE.sub("`", prose))
    return re.sub(r"[*_]+", " ", text).replace("&nbsp;", " ")


def measured(prose):
    """The numbers of a Markdown text that the rule is about.

    The label of each is the text before it, and its unit "%", or the three
    words after it.
    """
    text = readable(prose)
    found = figures(text)
    for index in range(len(found) - 1, -1, -1):
        figure = found[index]
        joint = text[figure.end:found[index + 1].start] if (
            index + 1 < len(found)) else ""
        unit = "%" if figure.unit == "%" or (
            JOINT.fullmatch(joint) and found[index + 1].unit == "%"
            and len(figure.text) > 1
        ) else re.match(r"[^.;:(`]{0,40}", text[figure.end:])[0]
        found[index] = figure._replace(unit=unit.strip())
    return [figure for figure in found
            if figure.unit == "%" or len(re.findall(r"\d", figure.text)) > 1]


def unreadable(prose):
    """What has digits in a text and is no number of its own: 2.5x, 60s."""
    text = readable(prose)
    ends = {figure.end for figure in figures(text)}
    return [match[0] for match in re.finditer(
                r"(?<![\w.,])\.?\d[\w,.]*\w", text)
            if match.end() not in ends and len(re.findall(r"\d", match[0])) > 1]


@cache
def sections(path):
    """The sections of a page or notebook; the first has no heading.

    The evidence are the numbers that its cells hold and print.
    """
    if path.suffix == ".md":
        cells = [("markdown", path.read_text("utf-8"), [])]
    else:
        cells = [(cell.cell_type, cell.source, cell.get("outputs", []))
                 for cell in read(path).cells]
    found = [Section("", "", [])]
    for kind, source, outputs in cells:
        if kind == "markdown":
            text = CODE.sub(lambda code: code[0].replace("\n#", "\n #"), source)
            first, *rest = HEADING.split(text)
            found[-1] = found[-1]._replace(text=f"{found[-1].text}\n\n{first}")
            for name, text in zip(rest[::2], rest[1::2]):
                found.append(Section(name, f"{name}\n{text}", []))
            continue
        code = figures(re.sub(r"(?<=\d)_(?=\d)", "", source))
        printed = texts(outputs)
        printed.pop("drawn", None)
        found[-1].evidence.extend(
            [f if f.unit == "%" else f._replace(unit="") for f in code]
            + [f for text in printed.values() for f in figures(text)])
    return found


def linked(path, paragraph):
    """The evidence of all sections that a paragraph links to."""
    for name, anchor in LINK.findall(paragraph):
        target = (path.parent / name).resolve() if name else path
        if target.suffix in (".ipynb", ".md") and target.exists():
            for section in sections(target):
                if section.name.replace(" ", "-") == unquote(anchor):
                    yield from section.evidence


def numbers(path):
    """Each number that the rule is about: its section, itself, its evidence."""
    for section in sections(path):
        for paragraph in PARAGRAPH.split(section.text):
            found = measured(paragraph)
            if found:
                evidence = [*section.evidence, *linked(path, paragraph)]
                yield from ((section, figure, evidence) for figure in found)


def is_backed(figure, evidence):
    """Whether one of the printed numbers is the one that prose names."""
    decimals = len(figure.text.partition(".")[2])
    words = figure.unit.lower().split()
    for printed in evidence:
        noun = printed.unit.lower().rstrip("s")
        if "%" in (figure.unit, printed.unit):
            if figure.unit != printed.unit:
                continue
        elif words and noun and not {words[0], noun} & NO_NOUN:
            if noun not in {word.strip(",").rstrip("s") for word in words[:3]}:
                continue
        rounded = len(printed.text.partition(".")[2]) > decimals
        rounded = rounded and (decimals or figure.unit == "%")
        slack = 0.5 * 10.0**-decimals if rounded else 0
        value = printed.value
        if figure.text[0] not in "+-−":
            value = abs(value)
        if abs(figure.value - value) <= slack + 1e-9:
            return True
    return False


def problems(path):
    """The numbers of a page that nothing backs, as sentences."""
    for section, figure, evidence in numbers(path):
        if not is_backed(figure, evidence):
            yield (f"section {section.name!r}: the number in '{figure.label} "
                   f"{figure.text} {figure.unit}' stands in no output or code "
                   "of its section, nor of one that its paragraph links to")
    for section in sections(path):
        for text in unreadable(section.text):
            yield (f"section {section.name!r}: {text!r} is no number that can "
                   "be checked; put it in a `code span`")
