"""Figures that every reader can use: drawn, described, and the same twice."""

import io
import re
from itertools import groupby

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from matplotlib.category import StrCategoryLocator
from matplotlib.ticker import FixedLocator


def show(figure, alt):
    """Display a figure with a sentence for readers who do not see it.

    The picture is a PNG at 100 dots per inch. The sentence goes with it as
    its alternative text, and as its plain text, which stands in for the
    picture wherever pictures cannot be shown. The metadata keep what was
    drawn, in words and counts. The figure is then closed.

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
    drawn = describe(figure)
    plt.close(figure)
    display(
        {"image/png": picture.getvalue(), "text/plain": alt},
        metadata={"image/png": {"alt": alt}, "drawn": drawn},
        raw=True,
    )


def describe(figure):
    """Say in words and counts what a figure shows, for whoever compares two.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        It was drawn before, so that its ticks have their labels.

    Returns
    -------
    list of str
        A line for the figure, then one for each axes; empty neighbours, and
        those with one image and no words, share a line. A blank image is one
        whose pixels are all equal, or no numbers.
    """
    images = [np.asarray(image.get_array())
              for axes in figure.axes for image in axes.images]
    images = [image[np.isfinite(image)] for image in images]
    blank = sum(not i.size or i.min() == i.max() for i in images)
    lines = [f"{len(figure.axes)} axes, {len(images)} images, {blank} blank, "
             f"titled {figure.get_suptitle() or 'nothing'}"]
    for line, same in groupby(map(_describe_axes, figure.axes)):
        count = len(list(same))
        folded = line in ("", "images 1")
        lines += [f"{count} with {line or 'nothing'}"] if folded else (
            [line] * count)
    return lines


def _describe_axes(axes):
    """Say what is written in an axes, and how much is drawn there."""
    words = {"title": [axes.get_title()]}
    for name, axis in [("x", axes.xaxis), ("y", axes.yaxis)] * axes.axison:
        words[name] = [axis.get_label_text()]
        if isinstance(axis.get_major_locator(),
                      (FixedLocator, StrCategoryLocator)):  # set by hand
            words[f"{name} ticks"] = [
                tick.get_text() for tick in axis.get_ticklabels()]
    legends = [axes.get_legend(), *axes.figure.legends]
    words["legend"] = [text.get_text() for legend in filter(None, legends)
                       for text in legend.get_texts()]
    # Numbers that are written among the data may depend on training.
    notes = [re.sub(r"\d+", "…", text.get_text()) for text in axes.texts]
    words["texts"] = [f"{notes.count(note)} times {note}"
                      for note in dict.fromkeys(notes)]
    words["points of lines"] = [
        str(np.isfinite(line.get_xydata()).all(axis=1).sum())
        for line in axes.lines]
    words["places"] = [str(len(c.get_offsets())) for c in axes.collections]
    for name in ("images", "patches"):
        count = len(getattr(axes, name))
        words[name] = [str(count)] * (count > 0)
    parts = [f"{name} {' | '.join(texts)}"
             for name, texts in words.items() if any(texts)]
    return " ".join("; ".join(parts).split())


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
