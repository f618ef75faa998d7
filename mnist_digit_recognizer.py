"""Run the three lessons, headless, and read digits with what they produce.

    python mnist_digit_recognizer.py            # everything, some minutes
    python mnist_digit_recognizer.py --quick    # everything, small
    python mnist_digit_recognizer.py --only 1   # one notebook
    python mnist_digit_recognizer.py predict photo.png    # your own digit
    python mnist_digit_recognizer.py predict --line cheque.png    # a number

The executed notebooks, the trained model, the figures and `metrics.json`
go to the folder `results`, or where --output says. `predict` uses that model;
until there is one, a small one that comes with the project.
"""

import argparse
import base64
import functools
import json
import multiprocessing
import os
import signal
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parent
NOTEBOOKS = sorted((PROJECT / "notebooks").glob("[0-9]_*.ipynb"))
MODEL = PROJECT / "results" / "digit_recognizer.keras"
SMALL_MODEL = PROJECT / "helpers" / "handwriting" / "recogniser.keras"
QUICK = {
    "epochs": 2, "training_pictures": 6_000, "validation_pictures": 1_000,
    "steps": 40, "repeats": 2,
}


def main(arguments=None, notebooks=NOTEBOOKS):
    """Do what the command line asks for: run notebooks, or read photos.

    Returns the exit code: 0, 1 if a cell or a photo failed, 2 if nothing was
    started.
    """
    options = parse(arguments, notebooks)
    if options.command == "predict":
        return predict(options)
    try:
        chosen = [notebooks[number - 1] for number in options.only]
        output = writable_folder(options.output)
        parameters = choose_parameters(chosen, options, output)
        use_this_python()
    except (OSError, ValueError, ImportError) as problem:
        print(f"Nothing was started. {problem}", file=sys.stderr)
        return 2
    if options.quick:
        print("A quick run: it exercises everything; its figures mean nothing")
    earlier = read_metrics(output).get("seconds", {})
    seconds, done = {}, execute_all(parameters, output)
    for path in done:
        save_pictures(output / path.name, output / "figures")
        executed = json.loads((output / path.name).read_text("utf-8"))
        seconds[path.stem] = round(
            executed["metadata"]["papermill"]["duration"], 1)
    if done != chosen:
        return 1
    metrics = read_metrics(output) | {"seconds": earlier | seconds}
    trained = any("results" in values for values in parameters.values())
    if trained:
        metrics["quick"] = options.quick
    text = json.dumps(metrics, indent=2) + "\n"
    (output / "metrics.json").write_text(text, encoding="utf-8")
    report(output, seconds, metrics, trained)
    return 0


def parse(arguments, notebooks):
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0], allow_abbrev=False,
        usage="%(prog)s [options]\n"
        "       %(prog)s predict [options] photo [photo ...]",
        epilog="predict reads the digits in photos: see predict --help.",
    )
    numbers = range(1, len(notebooks) + 1)
    add = parser.add_argument
    add("--output", metavar="DIR", type=Path,
        help="where to write (default: results, with --quick results/quick)")
    add("--quick", action="store_true",
        help="a run of two minutes, on few pictures, to see that it works")
    add("--only", metavar="N", type=int, choices=numbers, action="append",
        help=f"run notebook N alone ({numbers[0]} to {numbers[-1]})")
    add("--epochs", metavar="N", type=positive, help="epochs of training")
    add("--seed", metavar="N", type=int, help="seed of all that is random")
    add_predict(parser)
    arguments = sys.argv[1:] if arguments is None else arguments
    options = parser.parse_args(arguments)
    if options.command == "predict":
        if arguments[0] != "predict":
            parser.error("predict comes first, and has options of its own")
        if options.explain and options.line:
            parser.error("--explain shows single digits, and not a --line")
        for photo in options.photos if options.explain else []:
            inside = Path(photo, options.explain.name)  # if it is a folder
            if any(is_same_file(file, options.explain)
                   for file in (photo, inside)):
                parser.error(f"--explain would overwrite {photo}")
        return options
    options.only = sorted(set(options.only or numbers))
    if options.output is None:
        results = PROJECT / "results"
        options.output = results / "quick" if options.quick else results
    return options


def add_predict(parser):
    """Add the sub-command that reads photos to the command line."""
    commands = parser.add_subparsers(
        dest="command", help=argparse.SUPPRESS, prog=parser.prog
    )
    reader = commands.add_parser(
        "predict", allow_abbrev=False,
        description="Print the digit in each photo, its probability and, if "
        "that of another digit is 5 % or more, the second guess.",
        epilog="Exit code: 0, 1 if a photo could not be read (the others are "
        "read all the same), 2 if nothing was started.",
    )
    reader.add_argument(
        "photos", metavar="photo", nargs="+",
        help="a picture of one handwritten digit (PNG, JPEG, HEIC, ...), or "
        "a folder of them",
    )
    reader.add_argument(
        "--line", action="store_true",
        help="each photo shows a line: print the number on it, or why a "
        "person should look",
    )
    reader.add_argument(
        "--json", action="store_true",
        help="print a JSON list with one object for each photo: file, digit, "
        "probability and the ten probabilities; file, number and "
        "probability; or file and error",
    )
    reader.add_argument(
        "--explain", metavar="OUT.png", type=png_file,
        help="save the steps from photo to 28×28 pixels as a strip of "
        "pictures; those of several photos stand one below the other",
    )
    reader.add_argument(
        "--model", metavar="FILE", type=Path,
        help="the trained model for digits (default: "
        "results/digit_recognizer.keras or, until there is one, the small "
        "one that comes with the project)",
    )


def png_file(text):
    """Read the name of a PNG file to write."""
    path = Path(text)
    if path.suffix.lower() != ".png":
        raise argparse.ArgumentTypeError(f"{text!r} should end in .png")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {path.parent}")
    return path


def is_same_file(first, second):
    """Say whether two paths lead to one file, also through links and ".."."""
    if os.path.exists(first) and os.path.exists(second):
        return os.path.samefile(first, second)
    return os.path.realpath(first) == os.path.realpath(second)


def positive(text):
    """Read a whole number from 1."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1")
    return int(text)


def predict(options):
    """Print the digit or number in each photo that the command line names.

    Returns the exit code: 0, 1 if a photo failed, 2 if nothing was started.
    """
    try:
        from helpers.handwriting.predict import (
            describe,
            list_photos,
            read_photos,
            save_steps,
        )
        model = None
        if not options.line:
            from helpers.recogniser import load_recogniser

            use_small = not MODEL.exists() and SMALL_MODEL.exists()
            model = load_recogniser(
                options.model or (SMALL_MODEL if use_small else MODEL))
        photos = list_photos(options.photos)
    except (OSError, ValueError, ImportError) as problem:
        print(f"Nothing was started. {problem}", file=sys.stderr)
        return 2
    readings, width = [], min(60, max(map(len, photos)))
    for reading in read_photos(photos, model):
        readings.append(reading)
        if "error" in reading:
            print(describe(reading), file=sys.stderr)
        elif not options.json:
            print(describe(reading, width), flush=True)
    if options.json:
        print(json.dumps(readings, indent=2))
    failed = any("error" in reading for reading in readings)
    if options.explain:
        try:
            if not save_steps(readings, options.explain):
                print(f"{options.explain}: no strip to save", file=sys.stderr)
        except OSError as problem:
            print(f"{options.explain}: {problem.strerror}", file=sys.stderr)
            failed = True
    return int(failed)


def writable_folder(folder):
    """Make the folder if need be, and see that it can be written to."""
    folder = Path(folder).expanduser().resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as problem:
        raise OSError(
            f"The output folder {folder} cannot be written to "
            f"({problem.strerror}). Choose another one with --output."
        ) from None
    return folder


def choose_parameters(chosen, options, output):
    """Give each notebook those parameters that it takes.

    Raises ValueError if an option was given that no chosen notebook takes.
    """
    import papermill

    asked = {"epochs": options.epochs, "seed": options.seed}
    asked = {name: value for name, value in asked.items() if value is not None}
    values = {"results": str(output), **(QUICK if options.quick else {})}
    values |= asked
    takes = {path: papermill.inspect_notebook(str(path)) for path in chosen}
    for name in asked:
        if not any(name in names for names in takes.values()):
            raise ValueError("No notebook that was chosen takes the parameter "
                             f"{name}.")
    return {path: {name: values[name] for name in values if name in names}
            for path, names in takes.items()}


@functools.cache
def kernel_folder():
    """Make one folder, which goes when this process ends."""
    return tempfile.TemporaryDirectory(prefix="mnist-kernel-")


def use_this_python():
    """Make the interpreter that runs this script the first kernel, python3."""
    import ipykernel  # noqa: F401  (its absence is reported before any work)
    from jupyter_client.kernelspec import KernelSpecManager

    folder = kernel_folder().name
    kernel = Path(folder, "kernels", "python3", "kernel.json")
    kernel.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "ipykernel_launcher"]
    kernel.write_text(json.dumps({
        # Level 50, critical: the kernel would warn that it talks over TCP,
        # and of being interrupted. Errors in cells are shown all the same.
        "argv": [*command, "-f", "{connection_file}", "--log-level=50"],
        "display_name": "Python 3 (ipykernel)", "language": "python",
    }))
    others = os.environ.get("JUPYTER_PATH", "").split(os.pathsep)
    paths = [folder, *(path for path in others if path not in ("", folder))]
    os.environ["JUPYTER_PATH"] = os.pathsep.join(paths)
    found = KernelSpecManager().get_kernel_spec("python3").argv[0]
    if found != sys.executable:
        raise OSError(f"Jupyter would start {found}, not {sys.executable}.")


def execute_all(parameters, output):
    """Execute notebooks at the same time, each from a process of its own.

    Takes the parameters of each path; TensorFlow alone leaves some of two
    cores idle. Returns the paths of those that went well.
    """
    context = multiprocessing.get_context("spawn")
    children = {path: context.Process(
        target=execute, args=(path, output, values, row))
        for row, (path, values) in enumerate(parameters.items())}
    for child in children.values():
        child.start()
    try:
        for child in children.values():
            child.join()
    except KeyboardInterrupt:
        for child in children.values():
            child.join(5)  # a terminal has told it, too
            if child.is_alive():
                os.kill(child.pid, signal.SIGINT)
            child.join()
        raise
    return [path for path, child in children.items() if child.exitcode == 0]


def execute(path, output, parameters, row):
    """Execute a notebook into the output folder; exit with 1 if it fails."""
    import nbclient
    import papermill

    target = output / path.name
    try:
        papermill.execute_notebook(
            path, target, parameters=parameters, kernel_name="python3",
            cwd=path.parent, progress_bar={"desc": path.stem, "position": row},
        )
    except KeyboardInterrupt:
        sys.exit(130)
    except papermill.PapermillExecutionError as error:
        number = next(number for number, cell in lesson_cells(target)
                      if any(o.output_type == "error" for o in cell.outputs))
        problem = f"cell {number} failed: {error.ename}: {error.evalue}"
    except nbclient.exceptions.DeadKernelError:
        problem = "the kernel died. Was there enough memory?"
    except OSError as error:
        problem = f"its result could not be written: {error}"
    else:
        return
    print(f"{path.name}, {problem}\nThe notebook as far as it was executed: "
          f"{target}", file=sys.stderr)
    sys.exit(1)


def lesson_cells(path):
    """Yield the code cells of a notebook with their number in its source."""
    import nbformat

    number = 0
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":  # papermill's own does not count
            tags = cell.metadata.get("tags", [])
            number += "injected-parameters" not in tags
            yield number, cell


def save_pictures(notebook, folder):
    """Write the pictures of an executed notebook, named by their cell."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob(f"{notebook.stem}_cell_*.png"):
        old.unlink()
    for number, cell in lesson_cells(notebook):
        for index, output in enumerate(cell.outputs):
            picture = output.get("data", {}).get("image/png")
            if picture:
                name = f"{notebook.stem}_cell_{number}"
                while (folder / f"{name}.png").exists():
                    name = f"{name}_{index}"
                (folder / f"{name}.png").write_bytes(base64.b64decode(picture))


def read_metrics(output):
    """Read `metrics.json` of an earlier run, or return an empty dictionary."""
    try:
        return json.loads((output / "metrics.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def report(output, seconds, metrics, trained):
    """Print a short table of the run."""
    print()
    for name, value in seconds.items():
        print(f"{name:<44}{value:>8.1f} s")
    if trained:
        print(
            f"trained: {metrics['parameters']:,} parameters, "
            f"{metrics['epochs']} epochs on {metrics['training_pictures']:,} "
            f"pictures, {metrics['training_seconds']:.0f} s, "
            f"seed {metrics['seed']}\n"
            f"test:    {metrics['test_accuracy']:.2%} right, "
            f"loss {metrics['test_loss']:.4f}"
        )
    print(f"look at: {output}")


def start(arguments=None, notebooks=NOTEBOOKS):
    """Run `main` and exit with its code, also when Ctrl-C stops it."""
    # A name that the terminal's encoding lacks is printed all the same.
    sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = main(arguments, notebooks)
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("\nStopped, and all that it had started.", file=sys.stderr)
        code = 130
    except BrokenPipeError:  # whoever read the output has gone: `... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    sys.exit(code)


if __name__ == "__main__":
    start()
