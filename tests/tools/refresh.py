"""Execute the notebooks and store their outputs: `make notebooks`.

    python -m tests.tools.refresh            # all three
    python -m tests.tools.refresh 3          # notebook 3 alone

Only the outputs and the execution counts change, and metadata that editors
leave behind go. A table says which numbers moved, and by how much. The
README's figure is copied from notebook 3.
"""

import base64
import sys
import tempfile
from pathlib import Path

import nbformat
import papermill

from mnist_digit_recognizer import NOTEBOOKS, PROJECT, use_this_python
from tests.notebooks.outputs import (
    CELL_METADATA,
    NOTEBOOK_METADATA,
    code_cells,
    figures,
    read,
    texts,
)

FIGURE = PROJECT / ".github" / "times.png"
FIGURE_CELL = "tim00011"  # of notebook 3: error against seconds of training


def execute(path, folder, **parameters):
    """Execute a notebook with papermill, in a folder; return the result."""
    target = Path(folder, Path(path).name)
    papermill.execute_notebook(
        str(path), str(target), parameters=parameters, kernel_name="python3",
        cwd=str(Path(path).parent), progress_bar=False,
    )
    return read(target)


def clean(outputs):
    """Outputs as they are stored: the pieces of a stream joined."""
    joined = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output.output_type == "stream" == last.get("output_type"):
            if output.name == last.name:
                last.text += output.text
                continue
        joined.append(output)
    return joined


def moved(cell, outputs):
    """The numbers of a cell that moved: what it is, then, now."""
    old, new = texts(cell.outputs), texts(outputs)
    for name in sorted(old.keys() & new.keys()):
        for was, now in zip(figures(old[name]), figures(new[name])):
            if was.value != now.value:
                yield was.label, was.text, now.text, now.value - was.value


def write(notebook, path):
    """Write a notebook in the form in which Jupyter saves it."""
    text = nbformat.writes(notebook).rstrip("\n") + "\n"
    Path(path).write_text(text, encoding="utf-8", newline="\n")


def store(path, fresh):
    """Put fresh outputs into the notebook at a path; say what moved."""
    notebook = read(path)
    pairs = zip(code_cells(notebook), code_cells(fresh), strict=True)
    for count, (cell, executed) in enumerate(pairs, start=1):
        outputs = clean(executed.outputs)
        for label, was, now, by in moved(cell, outputs):
            print(f"{Path(path).name:<42} {count:>4}  "
                  f"{label[:40]:<40} {was:>9} {now:>9} {by:>+9.4g}")
        cell.outputs, cell.execution_count = outputs, count
        for name in set(cell.metadata) - CELL_METADATA:
            del cell.metadata[name]
    notebook.metadata = nbformat.from_dict(NOTEBOOK_METADATA)
    write(notebook, path)


def readme_figure():
    """The figure of notebook 3 that the README shows: PNG, alt text."""
    cells = {cell.id: cell for cell in code_cells(read(NOTEBOOKS[2]))}
    (output,) = cells[FIGURE_CELL].outputs
    picture = base64.b64decode(output.data["image/png"])
    return picture, output.metadata["image/png"]["alt"]


def main(numbers):
    """Refresh the notebooks with these numbers, or all."""
    known = [path.name[0] for path in NOTEBOOKS]
    if not set(numbers) <= set(known):
        sys.exit(f"usage: python -m tests.tools.refresh [{' '.join(known)}]")
    use_this_python()
    print(f"{'notebook':<42} cell  {'what moved':<40} "
          f"{'was':>9} {'is':>9} {'by':>9}")
    for path in NOTEBOOKS:
        if not numbers or path.name[0] in numbers:
            with tempfile.TemporaryDirectory() as folder:
                store(path, execute(path, folder))
    FIGURE.write_bytes(readme_figure()[0])


if __name__ == "__main__":
    main(sys.argv[1:])
