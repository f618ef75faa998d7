"""Read handwriting from any picture, as a recogniser of MNIST sees it.

Pictures of handwriting are dark on light, of any size, and show more than
the digit. :func:`to_mnist` makes of them what MNIST's makers would have
made; :func:`find_steps` and :func:`plot_steps` show how, step by step; and
:func:`read_number` reads a line of digits.
"""

import matplotlib.pyplot as plt
import numpy as np

from helpers.handwriting.digits import find_digit, fit
from helpers.handwriting.ink import find_ink
from helpers.handwriting.paper import clean
from helpers.handwriting.pictures import HandwritingError, open_gray


def to_mnist(image):
    """Turn a picture of one digit into one like MNIST's.

    Parameters
    ----------
    image : str, Path, bytes, PIL.Image.Image or array
        A photo, scan or drawing, as :func:`~helpers.handwriting.pictures.open_gray`
        takes it: dark on light or light on dark.

    Returns
    -------
    array of shape (28, 28), uint8
        0 for black paper to 255 for the brightest ink: the digit fitted to a
        box of 20 by 20 pixels, its centre of mass in the middle.

    Raises
    ------
    HandwritingError
        If the picture cannot be read, or does not show one digit. The
        message says what was seen and what to do.
    """
    return find_steps(image)["28×28"]


def find_steps(image):
    """Turn a picture into one like MNIST's, and keep each step.

    Parameters
    ----------
    image : str, Path, bytes, PIL.Image.Image or array
        As :func:`to_mnist` takes it.

    Returns
    -------
    dict of arrays
        In this order: "original" (uint8, gray, RGB or RGBA), "gray" and
        "polarity" (float32 from 0.0 to 1.0, the latter dark on light),
        "ink" and "box" (bool, the latter cut out) and "28×28" (uint8).

    Raises
    ------
    HandwritingError
        As :func:`to_mnist`. Its ``steps`` holds the steps until then.
    """
    original, gray, _ = open_gray(image)
    steps = {"original": original, "gray": gray}
    try:
        steps["polarity"], noise = clean(gray)
        steps["ink"] = find_ink(steps["polarity"], noise)
        digit = find_digit(steps["ink"])
    except HandwritingError as error:
        error.steps = steps
        raise
    return {**steps, "box": digit, "28×28": fit(digit)}


def plot_steps(image):
    """Draw the steps from a picture to one like MNIST's, side by side.

    Parameters
    ----------
    image : str, Path, bytes, PIL.Image.Image or array
        As :func:`to_mnist` takes it.

    Returns
    -------
    matplotlib.figure.Figure
        The steps, each with its name. If one of them failed, the steps
        before it, and what went wrong.

    Raises
    ------
    HandwritingError
        If the picture cannot be opened, so that there is nothing to draw.
    """
    problem = None
    try:
        steps = find_steps(image)
    except HandwritingError as error:
        if not error.steps:
            raise
        steps, problem = error.steps, str(error)
    figure, axes = plt.subplots(
        1, len(steps), figsize=(1.7 * len(steps), 2.2 if problem else 2.0),
        layout="constrained", squeeze=False,
    )
    for axis, (name, picture) in zip(axes[0], steps.items()):
        if name in ("ink", "box"):
            picture = ~picture  # ink is drawn dark, as on paper
        white = 255 if picture.dtype == np.uint8 else 1.0
        axis.imshow(
            picture, cmap="gray", vmin=0, vmax=white,
            interpolation="nearest" if max(picture.shape) < 100 else None,
        )
        axis.set_title(name, fontsize=10)
        axis.set(xticks=[], yticks=[])
    if problem:
        figure.supxlabel(problem, fontsize=9, wrap=True)
    return figure
