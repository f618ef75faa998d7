"""Execute the notebooks, store their outputs, and measure how far these move.

    python -m tests.tools.refresh                   # make notebooks
    python -m tests.tools.refresh 3                 # notebook 3 alone
    python -m tests.tools.refresh 3 --spread 6 --keep results/spread

The first two store the outputs and the execution counts of a notebook that is
executed as it is, take away metadata that editors leave behind, and say which
numbers moved. With --spread, each notebook that has approximate cells is
executed with other seeds, with one thread and without oneDNN, as often as
asked. The executed notebooks are kept, so this can be interrupted and goes on
where it stopped; only those whose code is still the same count. All that are
there give the ranges of the numbers (see `widen`), which are written into the
metadata of their cells. Whatever else moved, a word or a figure, is printed:
such a cell must be written in another way.
"""

import argparse
import os
import tempfile
from decimal import Decimal
from itertools import count, islice
from pathlib import Path

import nbformat
import papermill

from mnist_digit_recognizer import NOTEBOOKS, PROJECT, use_this_python
from tests.notebooks.outputs import (
    CELL_METADATA,
    NOTEBOOK_METADATA,
    claims,
    code_cells,
    compare_pictures,
    compare_text,
    figures,
    fold,
    pictures,
    read,
    skeleton,
)

ONE_THREAD = {name: "1" for name in (
    "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")}
NO_ONEDNN = {"TF_ENABLE_ONEDNN_OPTS": "0"}


def runs():
    """Yield without end how to execute a notebook: name, seed, environment."""
    yield "seed-1", 1, {}
    yield "one-thread", None, ONE_THREAD
    yield "seed-2", 2, NO_ONEDNN
    for seed in count(3):
        yield f"seed-{seed}", seed, {}


def execute(path, target, seed=None, environment=()):
    """Execute a notebook into another file, and return it as it was read."""
    usual = dict(os.environ)
    os.environ.update(environment)
    try:
        papermill.execute_notebook(
            str(path), str(target), {} if seed is None else {"seed": seed},
            kernel_name="python3", cwd=str(path.parent), progress_bar=False,
        )
    finally:
        os.environ.clear()
        os.environ.update(usual)
    return executed(target)


def executed(path):
    """The code cells of an executed notebook, without papermill's own."""
    return [cell for cell in code_cells(read(path))
            if "injected-parameters" not in cell.metadata.get("tags", [])]


def clean(outputs):
    """Outputs as they are stored: the pieces of a stream joined and folded."""
    joined = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output.get("name", "no stream") == last.get("name"):
            last.text += output.text
        else:
            joined.append(output)
    for output in joined:
        if "text" in output:
            output.text = fold(output.text)
    return joined


def write(notebook, path):
    """Write a notebook in the form in which Jupyter saves it."""
    text = nbformat.writes(notebook).rstrip("\n") + "\n"
    Path(path).write_text(text, encoding="utf-8", newline="\n")


def store(path, fresh):
    """Put fresh outputs into the notebook at a path; say what moved."""
    notebook = read(path)
    pairs = zip(code_cells(notebook), fresh, strict=True)
    for number, (cell, now) in enumerate(pairs, start=1):
        old = claims(cell.outputs)
        cell.outputs, cell.execution_count = clean(now.outputs), number
        new = claims(cell.outputs)
        known = [None] * len(figures(old))
        if skeleton(old) != skeleton(new):
            known = ()  # in the place of many numbers, the first line
        for problem in compare_text(old, new, known):
            print(f"{path.name}, cell {number}: {problem}")
        for name in set(cell.metadata) - CELL_METADATA:
            del cell.metadata[name]
    notebook.metadata = nbformat.from_dict(NOTEBOOK_METADATA)
    write(notebook, path)


def widen(found):
    """The range that a number may have, given the one that each run printed.

    With k runs, a further one falls outside of their smallest and largest
    with a probability of 2 / (k + 1). So the range is three times as wide as
    theirs, with at least one unit in the last place on either side; but it
    does not leave 0 to 100 for a percentage, or 0 for what has no sign. A
    number that is always printed the same has no range: None.
    """
    if len({figure.text for figure in found}) == 1:
        return None
    values = [figure.value for figure in found]
    places = max(-Decimal(f.text.replace(",", "").replace("−", "-"))
                 .as_tuple().exponent for f in found)
    by = max(max(values) - min(values), 10.0**-places)
    low, high = min(values) - by, max(values) + by
    if not any(figure.text[0] in "+-−" for figure in found):
        low = max(low, 0)
        if found[0].unit == "%":
            high = min(high, max(100, *values))
    return [round(low, places), round(high, places)]


def measure(path, others):
    """Write the ranges of a notebook's numbers; say what else moved.

    Parameters
    ----------
    path : pathlib.Path
        The notebook, with the outputs that it stores.
    others : dict of str to list of cells
        The code cells of other executions, by the name of the run.
    """
    notebook = read(path)
    for number, cell in enumerate(code_cells(notebook)):
        said = {"stored": claims(cell.outputs)} | {
            run: claims(cells[number].outputs) for run, cells in others.items()}
        ranged = "approximate" in cell.metadata
        words = skeleton if ranged else str
        same = [figures(text) for text in said.values()
                if words(text) == words(said["stored"])]
        for run, cells in others.items():
            for problem in compare_text(
                words(said["stored"]), words(said[run])
            ) + compare_pictures(pictures(cell.outputs), pictures(
                cells[number].outputs), strict=not ranged):
                print(f"{path.name}, cell {number + 1}, {run}: {problem}")
        if ranged:
            cell.metadata.approximate.ranges = [
                widen(found) for found in zip(*same)]
    write(notebook, path)


def spread(path, times, folder):
    """Execute a notebook as often as asked, and measure its numbers."""
    folder.mkdir(parents=True, exist_ok=True)
    sources = [cell.source for cell in code_cells(read(path))]
    for name, seed, environment in islice(runs(), times):
        target = folder / f"{path.stem}.{name}.ipynb"
        if target.exists() and sources == [
            cell.source for cell in executed(target)
        ]:
            continue
        print(target.name, flush=True)
        part = target.with_suffix(".part")
        execute(path, part, seed, environment)
        part.rename(target)
    others = {run.name.split(".")[1]: executed(run)
              for run in sorted(folder.glob(f"{path.stem}.*.ipynb"))}
    measure(path, {run: cells for run, cells in others.items()
                   if sources == [cell.source for cell in cells]})


def main(arguments=None):
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    known = [path.name[0] for path in NOTEBOOKS]
    parser.add_argument("numbers", nargs="*", metavar="N",
                        help=f"notebooks ({', '.join(known)}; default: all)")
    parser.add_argument("--spread", type=int, metavar="K",
                        help="how often to execute each approximate notebook")
    parser.add_argument("--keep", type=Path, metavar="FOLDER",
                        default=PROJECT / "results" / "spread",
                        help="where executed notebooks are kept")
    options = parser.parse_args(arguments)
    if not set(options.numbers) <= set(known):
        parser.error(f"there are the notebooks {', '.join(known)}")
    use_this_python()
    for path in NOTEBOOKS:
        if path.name[0] not in (options.numbers or known):
            continue
        if options.spread is None:
            with tempfile.TemporaryDirectory() as folder:
                store(path, execute(path, Path(folder) / path.name))
        elif any("approximate" in cell.metadata
                 for cell in code_cells(read(path))):
            spread(path, options.spread, options.keep)


if __name__ == "__main__":
    main()
