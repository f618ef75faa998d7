"""Measure how far trained numbers move: `make spread`.

Executes the notebooks that have approximate cells with four other seeds, with
one thread, and without oneDNN, and prints the largest distance of each kind
of number from the stored one, for `SPREAD` in test_notebook_outputs.py. Run
it under each Python at hand: `path/to/python -m tests.tools.spread [numbers]`.
"""

import os
import re
import sys
import tempfile

from mnist_digit_recognizer import NOTEBOOKS, use_this_python
from tests.notebooks.outputs import allowed, code_cells, figures, read, texts
from tests.tools.refresh import execute

ONE_THREAD = {
    "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}
RUNS = [
    *({"seed": seed} for seed in range(1, 5)),
    ONE_THREAD, {"TF_ENABLE_ONEDNN_OPTS": "0"},
    {**ONE_THREAD, "TF_ENABLE_ONEDNN_OPTS": "0"},
]


def kind(figure, tolerance):
    """The name of the tolerance that holds for a number."""
    if figure.unit in tolerance:
        return figure.unit
    return "decimal" if re.search("[.e]", figure.text) else "integer"


def distances(cell, outputs):
    """The largest distance from what a cell stores, by kind of number."""
    tolerance = dict(cell.metadata.get("tolerance", {}))
    tolerance.pop("why", None)
    far = {}
    stored, fresh = texts(cell.outputs), texts(outputs)
    for name in stored.keys() & fresh.keys():
        for was, now in zip(figures(stored[name]), figures(fresh[name])):
            if allowed(was, tolerance):
                name = kind(was, tolerance)
                far[name] = max(far.get(name, 0), abs(was.value - now.value))
    return far


def measure(path, run):
    """Execute a notebook as a run says; return the distances by cell id."""
    run = dict(run)
    parameters = {"seed": run.pop("seed")} if "seed" in run else {}
    usual = dict(os.environ)
    os.environ.update(run)
    try:
        with tempfile.TemporaryDirectory() as folder:
            if "3_" in path.name:
                parameters["results"] = folder
            fresh = execute(path, folder, **parameters)
    finally:
        os.environ.clear()
        os.environ.update(usual)
    stored = code_cells(read(path))
    executed = [c for c in code_cells(fresh)
                if "injected-parameters" not in c.metadata.get("tags", [])]
    return {
        cell.id: distances(cell, now.outputs)
        for cell, now in zip(stored, executed, strict=True)
        if "tolerance" in cell.metadata
    }


def main(numbers):
    """Print the spread of the notebooks with these numbers, or of all."""
    use_this_python()
    for path in NOTEBOOKS:
        if numbers and path.name[0] not in numbers:
            continue
        if not any("tolerance" in c.metadata for c in code_cells(read(path))):
            continue
        largest = {}
        for run in RUNS:
            found = measure(path, run)
            print("#", path.stem, run, found, flush=True)
            for cell, far in found.items():
                for name, value in far.items():
                    known = largest.setdefault(cell, {})
                    known[name] = round(max(known.get(name, 0), value), 4)
        print(f"{path.stem!r}: {largest!r},", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
