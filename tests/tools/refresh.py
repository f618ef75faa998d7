"""Execute the notebooks and store their outputs; measure how far these move.

    python -m tests.tools.refresh                   # make notebooks
    python -m tests.tools.refresh 3 --spread 6      # notebook 3, six seeds

With --spread, executions with other seeds, some with one thread or without
oneDNN, are kept in results/spread, and an interrupted one goes on where it
stopped (empty the folder when helpers changed). They, and others of the same
code that lie there, give the ranges of the numbers in approximate cells.
Whatever else moved is printed: write such a cell in another way.
"""

import argparse
import os
from math import inf
from pathlib import Path
from statistics import mean, stdev
from unittest import mock

import nbformat
import papermill
from scipy.stats import t

from mnist_digit_recognizer import NOTEBOOKS, PROJECT, use_this_python
from tests.notebooks import form
from tests.notebooks import outputs as o

OUTSIDE = 0.001  # the share of further runs that may leave a number's range
ENVIRONMENTS = [  # of the first, second and third execution, and so on
    {}, {"TF_ENABLE_ONEDNN_OPTS": "0"},
    {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1",
     "OMP_NUM_THREADS": "1"}]


def execute(path, parameters, environment=()):
    """Execute a notebook, and return it with its outputs."""
    with mock.patch.dict(os.environ, environment):
        return papermill.execute_notebook(
            path, None, parameters, kernel_name="python3", cwd=path.parent,
            progress_bar=False, coalesce_streams=True)


def write(notebook, path):
    """Write a notebook in the form in which Jupyter saves it."""
    text = nbformat.writes(notebook).rstrip("\n") + "\n"
    Path(path).write_text(text, encoding="utf-8", newline="\n")


def store(path, executed):
    """Put fresh outputs into the notebook at a path; say what moved."""
    notebook = o.read(path)
    pairs = zip(*map(o.code_cells, (notebook, executed)), strict=True)
    for number, (cell, now) in enumerate(pairs, start=1):
        was, cell.outputs = cell.outputs, now.outputs
        for problem in o.compare_text(o.claims(was), o.claims(cell.outputs)):
            print(f"{path.name}, cell {number}: {problem}")
        cell.execution_count = number
        for output in cell.outputs:
            if output.output_type == "stream":
                output.text = o.fold(output.text)
        for name in set(cell.metadata) - form.CELL_METADATA:
            del cell.metadata[name]
    notebook.cells[0].attachments = form.overview(notebook)
    notebook.metadata = nbformat.from_dict(form.METADATA)
    write(notebook, path)


def widen(found):
    """The range that a number may have, given what the runs printed for it.

    It is their prediction interval, with at least one unit in the last place
    on either side; from 0 without a sign; to 100 for percentages.
    """
    if len({figure.text for figure in found}) == 1:
        return None
    values = [figure.value for figure in found]
    decimals = max(figure.decimals for figure in found)
    low, high = t.interval(1 - OUTSIDE, len(values) - 1, mean(values), stdev(
        values) * (1 + 1 / len(values)) ** 0.5)
    low = min(min(values) - 10.0**-decimals, float(low))
    high = max(max(values) + 10.0**-decimals, float(high))
    if not any(figure.text[0] in "+-−" for figure in found):
        low = max(low, 0)
        high = min(high, max(100, *values)) if found[0].unit == "%" else high
    return [round(low, decimals), round(high, decimals)]


def spread(path, times, folder=PROJECT / "results" / "spread"):
    """Execute a notebook as often as asked, and measure its numbers."""
    notebook = o.read(path)
    cells = o.code_cells(notebook)
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(1, times + 1):
        kept = folder / f"{path.stem}.seed-{seed}.ipynb"
        run = o.code_cells(o.read(kept)) if kept.exists() else []
        if [cell.source for cell in run] != [cell.source for cell in cells]:
            print(kept.name, flush=True)
            environment = ENVIRONMENTS[(seed - 1) % len(ENVIRONMENTS)]
            write(execute(path, {"seed": seed}, environment), kept)
    runs = {kept.name: o.code_cells(o.read(kept))
            for kept in sorted(folder.glob(f"{path.stem}.*.ipynb"))}
    for number, cell in enumerate(cells):
        alike = [o.figures(o.claims(cell.outputs))]
        own = cell.metadata.get("approximate", {})
        own["ranges"] = [[-inf, inf]] * len(alike[0])
        for name, run in runs.items():
            moved = o.compare_cell(cell, run[number].outputs)
            for problem in moved:
                print(f"{path.name}, cell {number + 1}, {name}: {problem}")
            if not moved:
                alike.append(o.figures(o.claims(run[number].outputs)))
        own["ranges"] = [widen(found) for found in zip(*alike)]
    write(notebook, path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("numbers", nargs="*", default=["1", "2", "3"])
    parser.add_argument("--spread", type=int, nargs="?", const=6)
    options = parser.parse_args()
    use_this_python()
    for path in NOTEBOOKS:
        if path.name[0] in options.numbers:
            if options.spread:
                spread(path, options.spread)
            else:
                store(path, execute(path, {}))
