"""Figures that every reader can use: drawn, described, and the same twice."""

import io

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display


def show(figure, alt):
    """Display a figure with a sentence for readers who do not see it.

    The picture is a PNG at 100 dots per inch. The sentence goes with it as
    its alternative text, and as its plain text, which stands in for the
    picture wherever pictures cannot be shown. The figure is then closed.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        What to display.
    alt : str
        What the picture shows, with its numbers where they matter.

    Raises
    ------
    ValueError
        If ``alt`` is empty.
    """
    if not alt.strip():
        raise ValueError("Say in a sentence what the picture shows: alt='…'")
    picture = io.BytesIO()
    figure.savefig(
        picture, format="png", dpi=100, bbox_inches="tight",
        facecolor="white", metadata={"Software": None},
    )
    plt.close(figure)
    display(
        {"image/png": picture.getvalue(), "text/plain": alt},
        metadata={"image/png": {"alt": alt}},
        raw=True,
    )


def plot_digits(images, titles=None, columns=10):
    """Draw pictures in rows, all with the same gray scale.

    Parameters
    ----------
    images : array of shape (count, height, width[, 1])
        Gray pictures: uint8 from 0 to 255, or float from 0.0 to 1.0.
        Values outside that range are drawn as black or white.
    titles : sequence of length count, optional
        What to write above each picture.
    columns : int
        Pictures in a row.

    Returns
    -------
    matplotlib.figure.Figure
        Ready for :func:`show`.

    Raises
    ------
    ValueError
        If there is no picture, or not one title for each.
    """
    images = np.asarray(images)
    if len(images) == 0:
        raise ValueError("plot_digits got no picture to draw.")
    if titles is not None and len(titles) != len(images):
        raise ValueError(
            f"plot_digits got {len(images)} pictures and {len(titles)} titles."
        )
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    figure, axes = plt.subplots(
        rows, columns, squeeze=False, layout="constrained",
        figsize=(0.9 * columns, (0.9 if titles is None else 1.15) * rows),
    )
    white = 255 if images.dtype == np.uint8 else 1.0
    for axis in axes.flat:
        axis.axis("off")
    for index, (axis, image) in enumerate(zip(axes.flat, images)):
        axis.imshow(
            image, cmap="gray", vmin=0, vmax=white, interpolation="nearest"
        )
        if titles is not None:
            axis.set_title(str(titles[index]), fontsize=10)
    return figure
