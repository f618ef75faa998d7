"""Read a digit from any picture, as a recogniser of MNIST sees it."""

import matplotlib.pyplot as plt
import numpy as np

from helpers.handwriting.digits import find_digit, fit
from helpers.handwriting.ink import find_ink
from helpers.handwriting.paper import clean
from helpers.handwriting.pictures import HandwritingError, open_gray


def to_mnist(image):
    """Turn a picture of one digit into one like MNIST's.

    Takes a photo, scan or drawing, dark on light or light on dark, as
    :func:`helpers.handwriting.pictures.open_gray` does. Returns an array of
    shape (28, 28), uint8, 0 for black paper to 255 for the brightest ink: the
    digit in a box of 20 by 20 pixels, its centre of mass in the middle. Raises
    HandwritingError if the picture cannot be read, or does not show one digit;
    the message says what was seen and what to do.
    """
    return find_steps(image)["28×28"]


def find_steps(image):
    """Turn a picture into one like MNIST's, and keep each step.

    Takes and raises what :func:`to_mnist` does; the error's ``steps`` holds
    the steps until then. Returns a dictionary of arrays: "original" (uint8,
    gray, RGB or RGBA), "gray" and "polarity" (float32 from 0.0 to 1.0, the
    latter dark on light), "ink" and "box" (bool, the latter cut out), and
    "28×28" (uint8).
    """
    steps = {}
    try:
        steps["original"], steps["gray"], _ = open_gray(image)
        steps["polarity"], noise = clean(steps["gray"])
        steps["ink"] = find_ink(steps["polarity"], noise)
        steps["box"] = find_digit(steps["ink"])
    except HandwritingError as error:
        error.steps = steps
        raise
    return {**steps, "28×28": fit(steps["box"])}


def plot_steps(image):
    """Draw the steps from a picture to one like MNIST's, side by side.

    Takes what :func:`to_mnist` does. Returns a Matplotlib figure; if a step
    failed, of those before it and of what went wrong. Raises HandwritingError
    only if the picture cannot be opened.
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
        layout="constrained", squeeze=False)
    for axis, (name, picture) in zip(axes[0], steps.items()):
        if picture.dtype == bool:
            picture = ~picture  # ink is drawn dark, as on paper
        small = max(picture.shape) < 100
        axis.imshow(picture, cmap="gray", vmin=0,
                    vmax=255 if picture.dtype == np.uint8 else 1,
                    interpolation="nearest" if small else None)
        axis.set_title(name, fontsize=10)
        axis.set(xticks=[], yticks=[])
    if problem:
        figure.supxlabel(problem, fontsize=9, wrap=True)
    return figure
