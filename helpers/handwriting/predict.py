"""Read the digits, or the numbers, in photos, for the command line."""

import io
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from helpers.handwriting import plot_steps, read_number, to_mnist

CLOSE = 0.05  # probability from which the second guess is told
ENDINGS = {".avif", ".bmp", ".gif", ".heic", ".heif", ".jfif", ".jp2",
           ".jpeg", ".jpg", ".png", ".pgm", ".tif", ".tiff", ".webp"}


def list_photos(names):
    """List the photos that are meant: for a folder, those in it, by name.

    A folder without a file that ends as pictures do stays, to be told of.
    """
    photos = []
    for name in names:
        inside = sorted(Path(name).iterdir()) if Path(name).is_dir() else []
        photos += [str(path) for path in inside
                   if path.suffix.lower() in ENDINGS] or [name]
    return photos


def read_photos(files, model=None):
    """Read the digit or number in each photo; go on after one without.

    Parameters
    ----------
    files : iterable of str
        Paths of the photos.
    model : keras.Model, optional
        For single digits, as for :func:`helpers.recogniser.predict_digits`.
        Without one, the number on a line is read.

    Yields
    ------
    dict
        ``file`` as given, and either ``error``: in one line, why the photo
        could not be read and what to do; or ``probability`` (float) with
        ``digit`` (int) and ``probabilities`` (ten floats), or with
        ``number`` (str).
    """
    for file in files:
        try:
            reading = (_read_line(file) if model is None
                       else _read_digit(file, model))
        except Exception as error:  # nothing in one file may stop the others
            reading = {"error": _one_line(error)}
        yield {"file": file, **reading}


def _read_digit(file, model):
    from helpers.recogniser import predict_digits

    row = predict_digits(model, to_mnist(file))[0]
    return {"digit": int(row.argmax()),
            "probability": round(float(row.max()), 6),
            "probabilities": [round(float(p), 6) for p in row]}


def _read_line(file):
    number = read_number(file)
    if number.text is None:
        return {"error": f"for a person to read. {_one_line(number.reason)}"}
    return {"number": number.text,
            "probability": round(float(number.probability), 6)}


def describe(reading, width=0):
    """Write what :func:`read_photos` yields for a photo as a line of text.

    That is the file's name, filled up to ``width`` characters, with its
    digit or number, the probability and, where its own is 5 % or more, the
    second guess; or with its error.
    """
    name = shorten(reading["file"])
    if "error" in reading:
        return f"{name}: {reading['error']}"
    read = reading.get("number", reading.get("digit"))
    line = f"{name:<{width}}  {read}  {_percent(reading['probability']):>7}"
    probabilities = reading.get("probabilities", [0, 0])
    second = np.argsort(probabilities)[-2]
    if probabilities[second] >= CLOSE:
        line += f"  or {second}  {_percent(probabilities[second])}"
    return line


def save_steps(readings, target):
    """Save how each photo became 28×28 pixels, one strip below the other.

    Of a photo without a digit, the steps until one failed are drawn; of one
    that cannot be opened, nothing. Returns how many strips ``target``, a PNG
    file, holds; if none, it is not written. Raises OSError if it cannot be.
    """
    strips = [strip for strip in map(_draw_strip, readings) if strip]
    if strips:
        size = (max(strip.width for strip in strips),
                sum(strip.height for strip in strips))
        page = Image.new("RGB", size, "white")
        top = 0
        for strip in strips:
            page.paste(strip, (0, top))
            top += strip.height
        page.save(target, format="PNG")
    return len(strips)


def _draw_strip(reading):
    """Draw the steps of one photo, below its name, or return None."""
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
    """Replace what no terminal should be given by "?"."""
    return "".join(c if c.isprintable() else "?" for c in str(text))


def _percent(share):
    return f"{100 * share:.1f} %"


def _one_line(error):
    """Return an error's message in one line, or its kind if it has none."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return _printable(" ".join(str(error).split())) or type(error).__name__
