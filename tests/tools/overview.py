"""Copy a notebook's overview from the cell that draws it to its first cell.

    python -m tests.tools.overview

The first cell shows `![alternative text](attachment:overview.png)`, and a
later cell draws the figure with that alternative text. The copy is what
readers see before they run anything.
"""

import re

from mnist_digit_recognizer import NOTEBOOKS
from tests.notebooks.outputs import code_cells, read
from tests.tools.refresh import write


def drawn(notebook):
    """The PNG (base64) that the overview should be, or None without one."""
    shown = re.search(r"!\[([^\]]+)\]\(attachment:overview.png\)",
                      notebook.cells[0].source)
    if shown is None:
        return None
    (png,) = [output.data["image/png"] for cell in code_cells(notebook)
              for output in cell.outputs
              if output.get("data", {}).get("text/plain") == shown[1]]
    return png.strip()


def copy(notebook):
    """Put the figure into the first cell."""
    if drawn(notebook):
        notebook.cells[0].attachments = {
            "overview.png": {"image/png": drawn(notebook)}}
    return notebook


if __name__ == "__main__":
    for path in NOTEBOOKS:
        write(copy(read(path)), path)
