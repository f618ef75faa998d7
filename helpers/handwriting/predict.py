"""Read the digits in photos, for the command line."""

import io
import warnings

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from helpers.handwriting import plot_steps, to_mnist
from helpers.recogniser import predict_digits

# The second guess is told from 5 %. Of 10,000 validation pictures, 131 had
# one, and it was right in 28 of the 45 that were read wrong.
CLOSE = 0.05
LONGEST = 200  # characters: of a longer file name, both ends are told


def read_photos(files, model):
    """Read the digit in each photo, and go on after one that has none.

    Parameters
    ----------
    files : iterable of str
        Paths of the photos.
    model : keras.Model
        As for :func:`helpers.recogniser.predict_digits`.

    Yields
    ------
    dict
        ``file`` as given, and either ``digit`` (int), ``probability`` (float)
        and ``probabilities`` (ten floats), or ``error``: in one line, why the
        photo could not be read and what to do.
    """
    for file in files:
        try:
            row = predict_digits(model, to_mnist(file))[0]
        except Exception as error:  # nothing in one file may stop the others
            yield {"file": file, "error": _one_line(error)}
        else:
            yield {
                "file": file,
                "digit": int(row.argmax()),
                "probability": round(float(row.max()), 6),
                "probabilities": [round(float(p), 6) for p in row],
            }


def describe(reading, width=0):
    """Write what was read from a photo as a line of text.

    Parameters
    ----------
    reading : dict
        One of those that :func:`read_photos` yields.
    width : int
        How wide to make the file's name, in characters.

    Returns
    -------
    str
        The file's name with its digit, the probability and, where its own is
        5 % or more, the second guess; or with its error.
    """
    name = shorten(reading["file"])
    if "error" in reading:
        return f"{name}: {reading['error']}"
    line = (
        f"{name:<{width}}  {reading['digit']}  "
        f"{_percent(reading['probability']):>7}"
    )
    probabilities = reading["probabilities"]
    second = np.argsort(probabilities)[-2]
    if probabilities[second] >= CLOSE:
        line += f"  or {second}  {_percent(probabilities[second])}"
    return line


def save_steps(readings, target):
    """Save how each photo became 28×28 pixels, one strip below the other.

    Parameters
    ----------
    readings : list of dict
        From :func:`read_photos`. A photo that has no digit gets the steps
        until one failed, one that cannot be opened gets none.
    target : str or Path
        The PNG file to write.

    Returns
    -------
    int
        How many strips there are. If none, no file is written.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    strips = [strip for strip in map(_draw_strip, readings) if strip]
    if strips:
        width = max(strip.width for strip in strips)
        height = sum(strip.height for strip in strips)
        page = Image.new("RGB", (width, height), "white")
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
        figure.savefig(
            picture, format="png", dpi=100, bbox_inches="tight",
            facecolor="white",
        )
    plt.close(figure)
    return Image.open(picture).convert("RGB")


def shorten(name):
    """Return a file's name for the terminal, its middle cut out if long."""
    name, half = printable(name), LONGEST // 2
    return name if len(name) <= LONGEST else f"{name[:half]}…{name[-half:]}"


def printable(name):
    """Replace what no terminal should be given in a file's name by "?"."""
    return "".join(c if c.isprintable() else "?" for c in str(name))


def _percent(share):
    return f"{100 * share:.1f} %"


def _one_line(error):
    """Return an error's message in one line, or its kind if it has none."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return printable(" ".join(str(error).split())) or type(error).__name__
