"""Tie the numbers in prose to the outputs of cells.

The rule: in prose, every number with a decimal point or a percent sign, and
every number in bold, was printed by a cell; a number in a `code span` is a
setting, and any other integer is a constant. What stands in the text is what
stands in the stored outputs, to the last decimal that the text gives.
"""

import re

from tests.outputs import code_cells, figures, texts

NOT_PROSE = re.compile(
    r"```.*?```|`[^`]*`|\]\([^)]*\)|https?://\S+|\$[^$]*\$|<[^>]*>", re.DOTALL
)


def measured(prose):
    """The numbers of a Markdown text that a cell must have printed."""
    text = NOT_PROSE.sub(" ` ", prose)
    bold = [match.span() for match in re.finditer(
        r"\*\*[^*]+\*\*", text, re.DOTALL)]
    for figure in figures(text):
        in_bold = any(a < figure.start < b for a, b in bold)
        if "." in figure.text or figure.unit == "%" or in_bold:
            yield figure


def printed(notebook):
    """The numbers that a notebook's cells printed, as they are stored."""
    for cell in code_cells(notebook):
        for text in texts(cell.outputs).values():
            yield from figures(text)


def is_backed(figure, outputs):
    """Whether one of the printed numbers is the one that prose names.

    Prose may give fewer decimals than were printed, not other ones.
    """
    decimals = len(figure.text.partition(".")[2])
    for output in outputs:
        if (figure.unit == "%") == (output.unit == "%"):
            rounded = len(output.text.partition(".")[2]) > decimals
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
    ]
