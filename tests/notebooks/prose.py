"""Tie the numbers in prose to the outputs of cells.

The rule: in prose, every number with a decimal point or a percent sign, and
every number in bold, was printed by a cell; a number in a `code span` is a
setting, and any other integer is a constant. What stands in the text is what
stands in the stored outputs, to the last decimal that the text gives.
"""

import re

from tests.notebooks.outputs import code_cells, figures, texts

NOT_PROSE = re.compile(
    r"```.*?```|`[^`]*`|\]\([^)]*\)|https?://\S+|\$[^$\s]([^$\n]*[^$\s])?\$"
    r"|<[A-Za-z/!][^>]*>", re.DOTALL
)
BOLD = re.compile(r"(\*\*|__)(.+?)\1", re.DOTALL)
JOINT = re.compile(r"\s*(–|-|to|and|or)\s*")


def readable(prose):
    """The text without code, links, mathematics, tags and underscores."""
    text = NOT_PROSE.sub(" ` ", prose)
    return BOLD.sub(r"**\2**", text).replace("_", " ")


def measured(prose):
    """The numbers of a Markdown text that a cell must have printed."""
    text = readable(prose)
    bold = [match.span() for match in BOLD.finditer(text)]
    found = figures(text)
    for index in range(len(found) - 1, 0, -1):
        last, next_one = found[index - 1], found[index]
        if next_one.unit == "%" and JOINT.fullmatch(
            text[last.end:next_one.start]
        ):
            found[index - 1] = last._replace(unit="%")
    for figure in found:
        in_bold = any(a < figure.start < b for a, b in bold)
        if "." in figure.text or figure.unit == "%" or in_bold:
            yield figure


def unreadable(prose):
    """The decimals in a text that do not stand alone, such as 2.5x."""
    text = readable(prose)
    spans = [(figure.start, figure.end) for figure in figures(text)]
    for match in re.finditer(r"(?<![\w.])\d*\.\d[\w.]*", text):
        if not any(a <= match.start() and match.end() <= b + 1
                   for a, b in spans):
            yield match[0]


def printed(notebook):
    """The numbers that a notebook's cells printed, as they are stored."""
    for cell in code_cells(notebook):
        for text in texts(cell.outputs).values():
            yield from figures(text)


def is_backed(figure, outputs):
    """Whether one of the printed numbers is the one that prose names.

    Prose may give fewer decimals than were printed, not other ones; a count
    must be a count.
    """
    decimals = len(figure.text.partition(".")[2])
    for output in outputs:
        if (figure.unit == "%") == (output.unit == "%"):
            rounded = len(output.text.partition(".")[2]) > decimals
            rounded = rounded and (decimals or figure.unit == "%")
            slack = 0.5 * 10.0**-decimals if rounded else 0
            if abs(figure.value - output.value) <= slack + 1e-9:
                return True
    return False


def unbacked(prose, outputs):
    """The measured numbers of a text that no output backs, as sentences."""
    outputs = list(outputs)
    return [
        f"'{figure.label} {figure.text} {figure.unit}' was printed by no cell"
        for figure in measured(prose) if not is_backed(figure, outputs)
    ] + [
        f"'{text}' is no number that can be checked; put it in a `code span`"
        for text in unreadable(prose)
    ]
