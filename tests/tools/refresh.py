"""Execute the notebooks and store their outputs; measure how far these move.

    python -m tests.tools.refresh                   # make notebooks
    python -m tests.tools.refresh 3                 # notebook 3 alone
    python -m tests.tools.refresh 3 --spread 6      # with other seeds

With --spread, a notebook is executed with other seeds, with one thread and
without oneDNN, until so many executions of its code lie in the folder --keep:
one that is interrupted goes on where it stopped (empty the folder when helpers
changed). All that are there give the ranges of the numbers in approximate
cells. Whatever else moved is printed: write such a cell in another way.
"""

import argparse
import os
import tempfile
from decimal import Decimal
from itertools import count, islice
from pathlib import Path
from statistics import mean, stdev
from unittest import mock

import nbformat
import papermill
from scipy.stats import t

from mnist_digit_recognizer import NOTEBOOKS, PROJECT, use_this_python
from tests.notebooks import outputs as o

OUTSIDE = 0.001  # the share of further runs that may leave a number's range
ONE_THREAD = {name: "1" for name in (
    "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")}


def runs():
    """Yield without end how to execute a notebook: name, seed, environment."""
    yield "seed-1", 1, {}
    yield "one-thread", None, ONE_THREAD
    yield "seed-2-no-onednn", 2, {"TF_ENABLE_ONEDNN_OPTS": "0"}
    yield from ((f"seed-{seed}", seed, {}) for seed in count(3))


def execute(path, target, seed=None, environment=()):
    """Execute a notebook into another file; return its code cells."""
    with mock.patch.dict(os.environ, environment):
        papermill.execute_notebook(
            str(path), str(target), {} if seed is None else {"seed": seed},
            kernel_name="python3", cwd=str(path.parent), progress_bar=False)
    return executed(target)


def executed(path):
    """The code cells of an executed notebook, without papermill's own."""
    return [cell for cell in o.code_cells(o.read(path))
            if "injected-parameters" not in cell.metadata.get("tags", [])]


def write(notebook, path):
    """Write a notebook in the form in which Jupyter saves it."""
    text = nbformat.writes(notebook).rstrip("\n") + "\n"
    Path(path).write_text(text, encoding="utf-8", newline="\n")


def store(path, fresh):
    """Put fresh outputs into the notebook at a path; say what moved."""
    notebook = o.read(path)
    pairs = zip(o.code_cells(notebook), fresh, strict=True)
    for number, (cell, now) in enumerate(pairs, start=1):
        for problem in o.compare_text(
                o.claims(cell.outputs), o.claims(now.outputs)):
            print(f"{path.name}, cell {number}: {problem}")
        cell.outputs, cell.execution_count = now.outputs[:1], number
        for output in now.outputs[1:]:  # the pieces of a stream are joined
            if output.get("name", "no stream") == cell.outputs[-1].get("name"):
                cell.outputs[-1].text += output.text
            else:
                cell.outputs.append(output)
        for output in cell.outputs:
            if "text" in output:
                output.text = o.fold(output.text)
        for name in set(cell.metadata) - o.CELL_METADATA:
            del cell.metadata[name]
    notebook.metadata = nbformat.from_dict(o.NOTEBOOK_METADATA)
    write(notebook, path)


def widen(found):
    """The range that a number may have, given what the runs printed for it.

    It is their prediction interval: if runs are normally distributed, one in
    a thousand more falls outside. It has at least one unit in the last place
    on either side, and stays within 0 to 100 for percentages, and above 0 for
    what has no sign. It is None for a number that was always the same.
    """
    if len({figure.text for figure in found}) == 1:
        return None
    values = [figure.value for figure in found]
    places = max(-Decimal(figure.text.replace(",", "").replace("−", "-"))
                 .as_tuple().exponent for figure in found)
    factor = t.ppf(1 - OUTSIDE / 2, len(values) - 1)
    by = float(factor) * stdev(values) * (1 + 1 / len(values)) ** 0.5
    low = min(mean(values) - by, min(values) - 10.0**-places)
    high = max(mean(values) + by, max(values) + 10.0**-places)
    if not any(figure.text[0] in "+-−" for figure in found):
        low = max(low, 0)
        high = min(high, max(100, *values)) if found[0].unit == "%" else high
    return [round(low, places), round(high, places)]


def spread(path, times, folder):
    """Execute a notebook as often as asked, and measure its numbers."""
    notebook = o.read(path)
    cells = o.code_cells(notebook)
    folder.mkdir(parents=True, exist_ok=True)

    def is_current(file):
        return file.exists() and [cell.source for cell in cells] == [
            cell.source for cell in executed(file)]

    for name, seed, environment in islice(runs(), times):
        target = folder / f"{path.stem}.{name}.ipynb"
        if not is_current(target):
            print(target.name, flush=True)
            execute(path, folder / "part.ipynb", seed, environment)
            Path(folder, "part.ipynb").rename(target)
    others = {file.name: executed(file) for file in sorted(
        folder.glob(f"{path.stem}.*.ipynb")) if is_current(file)}
    for number, cell in enumerate(cells):
        ranged = "approximate" in cell.metadata
        words, alike = o.skeleton if ranged else str, [o.claims(cell.outputs)]
        for run, others_cells in others.items():
            now = others_cells[number].outputs
            moved = o.compare_text(words(alike[0]), words(o.claims(now)))
            alike += [] if moved else [o.claims(now)]
            moved += o.compare_pictures(cell.outputs, now, strict=not ranged)
            for problem in moved:
                print(f"{path.name}, cell {number + 1}, {run}: {problem}")
        if ranged:
            cell.metadata.approximate["ranges"] = [
                widen(found) for found in zip(*map(o.figures, alike))]
    write(notebook, path)


def main():
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    names = [path.name[0] for path in NOTEBOOKS]
    parser.add_argument("numbers", nargs="*", metavar="N", help=str(names))
    parser.add_argument("--spread", type=int, metavar="K", nargs="?", const=6)
    parser.add_argument("--keep", type=Path, metavar="FOLDER",
                        default=PROJECT / "results" / "spread")
    options = parser.parse_args()
    use_this_python()
    for path in NOTEBOOKS:
        if path.name[0] in (options.numbers or names):
            if options.spread is not None:
                spread(path, options.spread, options.keep)
                continue
            with tempfile.TemporaryDirectory() as folder:
                store(path, execute(path, Path(folder, path.name)))


if __name__ == "__main__":
    main()
