"""Measure what the changes of notebook 2 are worth, and its ports to layers.

    python -m tests.bench.bench_augmentation [runs]

Executes the notebook's own cells up to its experiment, and repeats that with
more seeds (eight, unless told otherwise). Writes what the notebook shows,
``helpers/measured/augmentation.json``: the error of each run in percent of
the validation images. Takes about five minutes.
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


def run_lesson(repeats):
    """Return the names of notebook 2 after its experiment."""
    lesson = {}
    for cell in code_cells(read(NOTEBOOKS[1])):
        if cell.id == EXPERIMENT:
            lesson["repeats"] = repeats
        exec(cell.source, lesson)
        if cell.id == EXPERIMENT:
            return lesson
    raise LookupError(f"Notebook 2 has no cell {EXPERIMENT}.")


def measure_port(lesson, name, seed):
    """Return the error of one run with the generator or with layers."""
    x, y = lesson["x_2000"], lesson["y_2000"]
    lesson["keras"].utils.set_random_seed(seed)
    if name == "generator":
        network, feed = lesson["build"](), [
            lesson["no_shear"].flow(x, y, batch_size=80, seed=seed)]
    else:
        how = "nearest" if "nearest" in name else "bilinear"
        front = lesson["augmenting"](interpolation=how)
        network, feed = lesson["build"](*front), [x, y, 80]
    network.fit(*feed, epochs=8, verbose=0)
    _, accuracy = network.evaluate(
        lesson["scaled_val"], lesson["y_val"], verbose=0)
    return 100 - 100 * accuracy


def main(runs=8):
    """Measure, and write the file."""
    os.chdir(NOTEBOOKS[1].parent)
    lesson = run_lesson(int(runs))
    ports = {
        name: [measure_port(lesson, name, seed) for seed in range(int(runs))]
        for name in ("generator", "layers", "layers, nearest")}
    FILE.write_text(json.dumps({
        name: {kind: [round(float(error), 2) for error in errors]
               for kind, errors in kinds.items()}
        for name, kinds in (("changes", lesson["errors"]), ("ports", ports))
    }) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
