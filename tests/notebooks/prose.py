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
from math import nan
from urllib.parse import unquote

from tests.notebooks import outputs as o

CODE = re.compile(r"(?s:```.*?```)|`[^`]*`")
NOT_PROSE = re.compile(
    rf"{CODE.pattern}|\[(?:[^\[\]]|!?\[[^\]]*\])*\]\([^)]*\)|https?://\S+"
    r"|<[A-Za-z/!][^>]*>|\$[^$\s]([^$\n]*[^$\s])?\$|^\s*\d+\. "
    r"|^ *\*[^*\n]*\bminutes\b.*$|\b\d+ minutes\b"
    r"|\b(1[89]|20)\d\d(?=[).,;:–]|$)", re.MULTILINE)
HEADING = re.compile(r"^#{1,6} (.+?)\s*$", re.MULTILINE)
PARAGRAPH = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*|]|\d+\.) )")
LINK = re.compile(r"\]\(([^)#\s]*)#([^)\s]+)\)")
PERCENT = re.compile(r"\s*%|\s*(–|-|to|and|or)\s*[\d.,]+\s*%")
GLUED = re.compile(r"(?<![\w.,])\.?\d(?=[\w.,]*\d)[\w.,]*\w")  # 2.5x, 60s
NO_NOUN = set("a an and as at by for from if in is of on or per s than that "
              "the times to was were with".split())
Section = namedtuple("Section", "name text evidence")


def measured(prose):
    """The numbers that the rule is about; the unit is "%", or some words.

    What has digits, but is no number of its own, such as "60s", has no value.
    """
    text = NOT_PROSE.sub(" ` ", prose.replace("&nbsp;", " "))
    text = re.sub(r"[*_]+", " ", text)
    found = o.figures(text)
    ends = {figure.end for figure in found}
    found += [o.Figure(match[0], nan, "", "", *match.span())
              for match in GLUED.finditer(text) if match.end() not in ends]
    for figure in found:
        after = re.match(r"[^.;:(`]{0,40}", text[figure.end:])[0].strip()
        several = len(re.findall(r"\d", figure.text)) > 1
        if figure.unit == "%" or (several and PERCENT.match(after)):
            yield figure._replace(unit="%")
        elif several:
            yield figure._replace(unit=after)


@cache
def sections(path):
    """The sections of a page or notebook; the first has no heading.

    The evidence are the numbers that its cells hold and print.
    """
    found = [Section("", "", [])]
    for cell in o.read(path).cells if path.suffix == ".ipynb" else [path]:
        if cell is path or cell.cell_type == "markdown":
            text = path.read_text("utf-8") if cell is path else cell.source
            text = CODE.sub(lambda m: m[0].replace("\n#", "\n #"), text)
            first, *rest = HEADING.split(text)
            found[-1] = found[-1]._replace(text=f"{found[-1].text}\n\n{first}")
            found += [Section(name, f"{name}\n{text}", [])
                      for name, text in zip(rest[::2], rest[1::2])]
            continue
        code = o.figures(re.sub(r"(?<=\d)_(?=\d)", "", cell.source))
        printed = {**o.texts(cell.outputs), "drawn": ""}.values()
        found[-1].evidence.extend(
            [f if f.unit == "%" else f._replace(unit="") for f in code]
            + [f for text in printed for f in o.figures(text)])
    return found


def numbers(path):
    """Each number that the rule is about: section, itself, its evidence."""
    for section in sections(path):
        for paragraph in PARAGRAPH.split(section.text):
            evidence = list(section.evidence)
            for name, anchor in LINK.findall(paragraph):
                target = (path.parent / name).resolve() if name else path
                known = target.suffix == ".ipynb" and target.exists()
                for there in sections(target) if known else ():
                    if there.name.replace(" ", "-") == unquote(anchor):
                        evidence += there.evidence
            for figure in measured(paragraph):
                yield section, figure, evidence


def is_backed(figure, evidence):
    """Whether one of the printed numbers is the one that prose names."""
    decimals = len(figure.text.partition(".")[2])
    words = re.findall(r"\w+?(?=s?\b)", figure.unit.lower())[:3]
    for printed in evidence:
        noun = printed.unit.lower().rstrip("s")
        same = not words or noun in ["", *words] or {words[0], noun} & NO_NOUN
        if "%" in (figure.unit, printed.unit):
            same = figure.unit == printed.unit
        finer = len(printed.text.partition(".")[2]) > decimals
        finer = finer and (decimals or figure.unit == "%")
        signed = figure.text[0] in "+-−"
        value = printed.value if signed else abs(printed.value)
        slack = 0.5 * 10.0**-decimals if finer else 0
        if same and abs(figure.value - value) <= slack + 1e-9:
            return True
    return False


def moved(path):
    """Move each backed number by one in its last place, up and down.

    Yields what was moved, and whether the rule notices.
    """
    for section, figure, evidence in numbers(path):
        unit = 10.0**-len(figure.text.partition(".")[2])
        for step in (-unit, unit) if is_backed(figure, evidence) else ():
            other = figure._replace(value=figure.value + step)
            yield (f"{path.name}, section {section.name!r}: '{figure.label} "
                   f"{figure.text} {figure.unit}' by {step:+g}; that number "
                   "is there, too"), not is_backed(other, evidence)


def problems(path):
    """The numbers of a page that nothing backs, as sentences."""
    for section, figure, evidence in numbers(path):
        if not is_backed(figure, evidence):
            yield (f"section {section.name!r}: the number in '{figure.label} "
                   f"{figure.text} {figure.unit}' stands in no output or code "
                   "of its section, nor of one that its paragraph links to")
