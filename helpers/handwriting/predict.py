"""Read the digits, or the numbers, in photos, for the command line."""

import io
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image, ImageOps

from helpers.handwriting import HandwritingError, plot_steps, to_mnist
from helpers.handwriting.reader import read_digit, read_number

SURE = 0.5  # probability above which a digit is told
ENDINGS = {".avif", ".bmp", ".gif", ".heic", ".heif", ".jfif", ".jp2",
           ".jpeg", ".jpg", ".png", ".pgm", ".tif", ".tiff", ".webp"}


def list_photos(names):
    """Put the photos in a folder in its place; one without any stays."""
    photos = []
    for name in names:
        inside = sorted(Path(name).iterdir()) if Path(name).is_dir() else []
        photos += [str(path) for path in inside
                   if path.suffix.lower() in ENDINGS] or [name]
    return photos


def read_photos(files, model=None):
    """Read the digit or number in each photo; go on after one without.

    Takes paths, and a model for single digits, as
    :func:`helpers.recogniser.predict_digits` does; without one, the number on
    a line is read. The reader of lines reads single digits, too: the mean of
    both counts, since it knows hands and letters that MNIST lacks.

    Yields dictionaries: ``file`` as given, and either ``error``, one line on
    why it could not be read and what to do; or ``probability`` (float) with
    ``digit`` (int) and ``probabilities`` (ten floats; the rest to 1.0 is that
    of all else), or with ``number`` (str).
    """
    for file in files:
        try:
            reading = _read_photo(file, model)
        except Exception as error:  # nothing in one file may stop the others
            reading = {"error": _one_line(error)}
        yield {"file": file, **reading}


def _read_photo(file, model):
    if model is None:
        number = read_number(file)
        if number.text is None:
            reason = _one_line(number.reason)
            return {"error": f"for a person to read. {reason}"}
        return {"number": number.text,
                "probability": round(float(number.probability), 6)}
    from helpers.recogniser import predict_digits

    row = read_digit(file)
    try:
        row = (row + predict_digits(model, to_mnist(file))[0]) / 2
    except HandwritingError:
        if row.max() <= SURE:
            raise
    row = [round(float(p), 6) for p in row]
    if max(row) <= SURE:
        return {"error": "for a person to read. It may be no digit, or a "
                f"{np.argmax(row)} with a probability of {max(row):.0%}."}
    return {"digit": int(np.argmax(row)), "probability": max(row),
            "probabilities": row}


def describe(reading, width=0):
    """Write what :func:`read_photos` yields for a photo as a line of text.

    That is its name, filled up to ``width`` characters, and its error, or the
    digit or number, the probability and a second guess of 5 % or more.
    """
    name = shorten(reading["file"])
    if "error" in reading:
        return f"{name}: {reading['error']}"
    read = reading.get("number", reading.get("digit"))
    line = f"{name:<{width}}  {read}  {_percent(reading['probability']):>7}"
    probabilities = reading.get("probabilities", [0, 0])
    second = np.argsort(probabilities)[-2]
    if probabilities[second] >= 0.05:
        line += f"  or {second}  {_percent(probabilities[second])}"
    return line


def save_steps(readings, target):
    """Save how each photo became 28×28 pixels, one strip below the other.

    Without a digit, these are the steps until one failed; of what cannot be
    opened, nothing. Returns how many strips are in ``target``, a PNG file;
    without one, it is not written. Raises OSError.
    """
    strips = [strip for strip in map(_draw_strip, readings) if strip]
    if strips:
        width = max(strip.width for strip in strips)
        page = np.vstack([ImageOps.pad(
            strip, (width, strip.height), color="white", centering=(0, 0))
            for strip in strips])
        Image.fromarray(page).save(target, format="PNG")
    return len(strips)


def _draw_strip(reading):
    try:
        figure = plot_steps(reading["file"])
    except Exception:  # told already, as the photo's error
        return None
    title = shorten(reading["file"])
    if "digit" in reading:
        title += f": {reading['digit']}, {_percent(reading['probability'])}"
    figure.suptitle(title, parse_math=False)  # a name may hold a $
    picture = io.BytesIO()
    with warnings.catch_warnings(action="ignore"):  # a letter without a glyph
        figure.savefig(picture, dpi=100, bbox_inches="tight", facecolor="w")
    plt.close(figure)
    return Image.open(picture).convert("RGB")


def shorten(name):
    """Return a file's name for the terminal, its middle cut out if long."""
    name = _printable(name)
    return name if len(name) <= 200 else f"{name[:100]}…{name[-100:]}"


def _printable(text):
    return "".join(c if c.isprintable() else "?" for c in str(text))


def _percent(share):
    return f"{100 * share:.1f} %"


def _one_line(error):
    """Return an error's message in one line, or its kind if it has none."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return _printable(" ".join(str(error).split())) or type(error).__name__
