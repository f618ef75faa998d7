"""Figures that every reader can use: drawn, described, and the same twice."""

import io
import re

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from matplotlib.category import StrCategoryLocator
from matplotlib.ticker import FixedLocator


def show(figure, alt):
    """Display a figure as a PNG of 100 dots per inch, and close it.

    The sentence ``alt`` is for readers who do not see it: what there is to
    see, with its numbers where they matter. The metadata list what was drawn.
    Raises ValueError if ``alt`` is empty.
    """
    if not alt.strip():
        raise ValueError("Say in a sentence what the picture shows: alt='…'")
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=100, bbox_inches="tight",
                   facecolor="white", metadata={"Software": None})
    plt.close(figure)
    blank = sum(len(np.unique(image.get_array())) < 2
                for axes in figure.axes for image in axes.images)
    first = f"axes {len(figure.axes)}; blank {blank}; {figure.get_suptitle()}"
    display({"image/png": picture.getvalue(), "text/plain": alt}, raw=True,
            metadata={"image/png": {"alt": alt},
                      "drawn": [first, *map(describe, figure.axes)]})


def describe(axes):
    """List what is written in drawn axes, and count what else is there."""
    texts = {"title": [axes.title], "notes": axes.texts,
             "legend": getattr(axes.get_legend(), "texts", [])}
    for name, axis in [("x", axes.xaxis), ("y", axes.yaxis)] * axes.axison:
        by_hand = isinstance(axis.get_major_locator(),
                             (FixedLocator, StrCategoryLocator))
        texts[name] = [axis.label]
        texts[f"{name} ticks"] = axis.get_ticklabels() if by_hand else []
    said = {name: [text.get_text().replace("\n", " ") for text in found]
            for name, found in texts.items()}
    # Numbers among the data may depend on training.
    said["notes"] = [re.sub(r"[\d.]+", "…", note) for note in said["notes"]]
    said["points"] = [str(np.isfinite(line.get_xydata()).all(axis=1).sum())
                      for line in axes.lines]
    said["places"] = [str(len(c.get_offsets())) for c in axes.collections]
    said["images"], said["patches"] = (
        [str(len(drawn) or "")] for drawn in (axes.images, axes.patches))
    return "; ".join(f"{name} {' | '.join(found)}"
                     for name, found in said.items() if any(found))


def plot_digits(images, titles=None, columns=10, varying=False):
    """Return a figure with gray images in rows, all on the same scale.

    Takes an array of shape (count, height, width[, 1]), uint8 from 0 to 255
    or float from 0.0 to 1.0, what to write above each image, how many stand
    in a row, and whether numbers in the titles vary from training to training.
    Raises ValueError without images, or one title for each.
    """
    images, height = np.asarray(images), 0.9 if titles is None else 1.15
    titles = [""] * len(images) if titles is None else titles
    if not 0 < len(images) == len(titles):
        raise ValueError(f"plot_digits got {len(images)} images to draw, and "
                         f"{len(titles)} titles to write above them.")
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    figure, axes = plt.subplots(rows, columns, squeeze=False,
                                figsize=(0.9 * columns, height * rows),
                                layout="constrained")
    white = 255 if images.dtype == np.uint8 else 1.0
    for axis in axes.flat:
        axis.axis("off")
    for axis, image, title in zip(axes.flat, images, titles):
        if varying:
            axis.text(0.5, 1.08, title, ha="center", transform=axis.transAxes)
        else:
            axis.set_title(str(title), fontsize=10)
        axis.imshow(image, "gray", vmin=0, vmax=white, interpolation="nearest")
    return figure
