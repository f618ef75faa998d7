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

    The figure becomes a PNG at 100 dots per inch, and is closed. The sentence
    ``alt`` says what it shows, with its numbers where they matter. It is the
    alternative text, and the plain text wherever images cannot be shown. The
    metadata keep what was drawn, as :func:`describe` says it.

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
        {"image/png": picture.getvalue(), "text/plain": alt}, raw=True,
        metadata={"image/png": {"alt": alt}, "drawn": describe(figure)},
    )


def describe(figure):
    """Say in words and counts what a figure shows, one str for each axes.

    Bare neighbours share one. Numbers among the data are left out: they may
    depend on training. A blank image has equal pixels, or none with a value.
    """
    images = [np.ma.masked_invalid(image.get_array()).compressed()
              for axes in figure.axes for image in axes.images]
    blank = sum(not i.size or i.min() == i.max() for i in images)
    said = [f"axes {len(figure.axes)}; images {len(images)}; blank {blank}; "
            f"title {figure.get_suptitle() or '-'}"]
    for line, same in groupby(map(_describe_axes, figure.axes)):
        count, bare = len(list(same)), line in ("", "images 1")
        said += [f"{count} times: {line}"] if bare else [line] * count
    return said


def _describe_axes(axes):
    """Say what is written in an axes, and how much is drawn."""
    texts = {"title": [axes.title], "notes": axes.texts}
    for name, axis in [("x", axes.xaxis), ("y", axes.yaxis)] * axes.axison:
        texts[name] = [axis.label]
        by_hand = (FixedLocator, StrCategoryLocator)
        if isinstance(axis.get_major_locator(), by_hand):
            texts[f"{name} ticks"] = axis.get_ticklabels()
    if axes.get_legend():
        texts["legend"] = axes.get_legend().get_texts()
    said = {name: [text.get_text() for text in found]
            for name, found in texts.items()}
    said["notes"] = [re.sub(r"[\d.]+", "…", note) for note in said["notes"]]
    said["points of lines"] = [
        str(np.isfinite(line.get_xydata()).all(axis=1).sum())
        for line in axes.lines]
    said["places"] = [str(len(c.get_offsets())) for c in axes.collections]
    for name in ("images", "patches"):
        said[name] = [str(len(getattr(axes, name)) or "")]
    return "; ".join(f"{name} {' | '.join(found)}".replace("\n", " ")
                     for name, found in said.items() if any(found))


def plot_digits(images, titles=None, columns=10):
    """Draw images in rows, all with the same gray scale.

    Parameters
    ----------
    images : array of shape (count, height, width[, 1])
        Gray images: uint8 from 0 to 255, or float from 0.0 to 1.0.
        Values outside that range are drawn as black or white.
    titles : sequence of length count, optional
        What to write above each image.
    columns : int
        Images in a row.

    Returns
    -------
    matplotlib.figure.Figure
        Ready for :func:`show`.

    Raises
    ------
    ValueError
        If there is no image, or not one title for each.
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
