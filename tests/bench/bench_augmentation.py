"""Measure what each change of notebook 2 is worth.

    python -m tests.bench.bench_augmentation [runs]

Executes the notebook's own cells up to its experiment, and repeats that with
more seeds (eight, unless told otherwise). Writes what the notebook's first
figure shows, ``helpers/measured/augmentation.json``: the error of each run in
percent of the validation images. Takes about three minutes.
"""

import json
import os
import sys

import matplotlib

matplotlib.use("Agg")

from mnist_digit_recognizer import NOTEBOOKS, PROJECT
from tests.notebooks.outputs import code_cells, read

EXPERIMENT = "c72e48d8"  # the cell that trains with each of the changes
FILE = PROJECT / "helpers" / "measured" / "augmentation.json"


def measure(runs):
    """Return the errors of that many runs with each change."""
    lesson = {}
    for cell in code_cells(read(NOTEBOOKS[1])):
        if cell.id == EXPERIMENT:
            lesson["repeats"] = runs
        exec(cell.source, lesson)
        if cell.id == EXPERIMENT:
            return {
                name: [round(float(error), 2) for error in errors]
                for name, errors in lesson["errors"].items()
            }
    raise LookupError(f"Notebook 2 has no cell {EXPERIMENT}.")


def main(runs=8):
    """Measure, and write the file."""
    os.chdir(NOTEBOOKS[1].parent)
    rows = [
        f"  {json.dumps(name)}: {json.dumps(errors)}"
        for name, errors in measure(int(runs)).items()
    ]
    FILE.write_text('{\n "errors": {\n' + ",\n".join(rows) + "\n }\n}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
