"""A pad to draw a digit on, with the network's answer beside it at once."""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from IPython import get_ipython
from IPython.display import display
from PIL import Image, ImageDraw

from helpers.figures import show
from helpers.handwriting import HandwritingError, to_mnist
from helpers.recogniser import predict_digits

SIDE = 140  # pixels of the page that a drawing becomes: five for each of 28
PEN = 8  # width of the pen, in percent of the page's side, as all below

# One drawing for each digit: strokes, each a list of points (x, y).
CORNERS = [
    [[(55, 18), (42, 20), (33, 32), (29, 50), (33, 68), (43, 80), (55, 81),
      (66, 70), (70, 52), (68, 34), (61, 22), (52, 18)]],
    [[(56, 17), (53, 35), (49, 60), (46, 83)]],
    [[(31, 32), (38, 21), (50, 17), (62, 22), (65, 34), (59, 48), (46, 63),
      (31, 79), (46, 78), (70, 79)]],
    [[(33, 23), (47, 17), (61, 21), (66, 31), (60, 42), (46, 48), (61, 53),
      (68, 64), (63, 76), (48, 83), (32, 78)]],
    [[(39, 18), (33, 36), (30, 53), (47, 54), (70, 52)],
     [(62, 32), (59, 58), (56, 84)]],
    [[(66, 19), (39, 19), (37, 34), (35, 46), (50, 43), (63, 49), (67, 62),
      (60, 76), (46, 82), (32, 77)]],
    [[(60, 17), (47, 29), (37, 46), (33, 63), (38, 77), (50, 82), (62, 75),
      (65, 63), (58, 54), (46, 55), (36, 64)]],
    [[(30, 20), (50, 20), (70, 19), (61, 41), (52, 62), (45, 83)]],
    [[(64, 25), (51, 17), (37, 24), (37, 36), (50, 47), (63, 60), (63, 75),
      (50, 83), (37, 76), (37, 62), (50, 48), (63, 38), (65, 27)]],
    [[(65, 31), (54, 19), (40, 23), (34, 36), (40, 48), (53, 48), (64, 37),
      (66, 28), (64, 50), (59, 70), (54, 84)]],
]


def round_corners(points):
    """Cut off the corners of a stroke, twice (G. Chaikin's rule, 1974)."""
    points = np.array(points, float)
    for _ in range(2):
        steps = np.diff(points, axis=0) / 4
        cut = np.stack([points[:-1] + steps, points[1:] - steps], axis=1)
        points = np.vstack([points[:1], *cut, points[-1:]])
    return points.round(1).tolist()


EXAMPLES = [[round_corners(stroke) for stroke in drawing]
            for drawing in CORNERS]


class DigitPad:
    """Draw a digit, and see at once what a recogniser makes of it.

    The last line of a cell, ``pad`` or ``display(pad)``, shows the pad: to
    draw on, where someone can (JupyterLab, VS Code, Colab), and as a still
    picture where a program executes the notebook.

    Parameters
    ----------
    model : keras.Model
        As for :func:`helpers.recogniser.predict_digits`.

    Attributes
    ----------
    strokes : list of lists of (x, y)
        The drawing, in percent of the page's side from its top left corner.
    picture : array of shape (28, 28), uint8, or None
        The drawing as the network sees it. None if there is no digit in it.
    probabilities : array of shape (10,), float32, or None
        What the network answers.
    message : str
        Why there is no answer, if there is none.
    """

    def __init__(self, model):
        self.model = model
        self._widget = None
        self.draw([])

    def draw(self, strokes):
        """Replace the drawing, and ask the network.

        Parameters
        ----------
        strokes : list of lists of (x, y)
            As in the attribute ``strokes``.
        """
        self.strokes, self.message = strokes, ""
        self.picture = self.probabilities = None
        if strokes:
            try:
                self.picture = to_mnist(draw_page(strokes))
                self.probabilities = predict_digits(
                    self.model, self.picture
                )[0]
            except HandwritingError as error:
                self.message = str(error)

    def _ipython_display_(self):
        """Show the pad. IPython calls this."""
        if not someone_can_draw():
            show(plot_pad(self), alt=describe_pad(self))
            return
        try:
            if self._widget is None:
                self._widget = open_widget(self)
        except ImportError:
            print("To draw here, run %pip install anywidget in a cell, then "
                  "restart the kernel.")
        else:
            display(self._widget)


def someone_can_draw():
    """Tell whether this cell was started by a reader, not by a program.

    A front end says with every cell that it executes whether somebody is
    there to answer ``input()``. JupyterLab and VS Code say yes; papermill,
    nbval and nbconvert say no, and neither a comm nor its random number gets
    into the notebooks that they store. Source: ``allow_stdin`` in "Messaging
    in Jupyter", the documentation of jupyter_client.
    """
    if "google.colab" in sys.modules:  # it answers input() in its own way
        return True
    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None:
        return False
    request = kernel.get_parent().get("content", {})
    return bool(request.get("allow_stdin"))


def draw_page(strokes):
    """Draw strokes as ink on paper.

    Parameters
    ----------
    strokes : list of lists of (x, y)
        In percent of the page's side. What lies outside is not on the page.

    Returns
    -------
    array of shape (140, 140), uint8
        255 where paper is, 0 where ink is.
    """
    fine = 4 * SIDE  # drawn larger first, as Pillow's lines have rough edges
    page = Image.new("L", (fine, fine), 255)
    pencil = ImageDraw.Draw(page)
    scale, radius = fine / 100, PEN * fine / 200
    for stroke in strokes:
        points = [(x * scale, y * scale) for x, y in stroke]
        pencil.line(points, fill=0, width=round(2 * radius))
        for x, y in points:
            pencil.ellipse(
                (x - radius, y - radius, x + radius, y + radius), fill=0
            )
    return np.asarray(page.reduce(4))


def open_widget(pad):
    """Make the part of a pad that lives in the browser.

    Parameters
    ----------
    pad : DigitPad
        Draws whatever is drawn in the browser, and gives the answers.

    Returns
    -------
    anywidget.AnyWidget
        Ready for ``display``.

    Raises
    ------
    ImportError
        If anywidget is not installed.
    """
    import anywidget
    import traitlets

    class Widget(anywidget.AnyWidget):
        _esm = Path(__file__).with_name("pad.js")
        _css = Path(__file__).with_name("pad.css")
        examples = traitlets.List(EXAMPLES).tag(sync=True)
        pen = traitlets.Int(PEN).tag(sync=True)
        # From the browser: strokes, and the number of this drawing.
        drawing = traitlets.Dict().tag(sync=True, echo_update=False)
        # To the browser: the answer to the drawing of that number.
        answer = traitlets.Dict().tag(sync=True)

        @traitlets.observe("drawing")
        def _on_drawing(self, change):
            pad.draw(change.new["strokes"])
            self.answer = answer_for(pad, change.new["number"])

    pad.draw(EXAMPLES[3])  # prepares the model before the first stroke
    pad.draw([])
    return Widget(
        drawing={"number": 0, "strokes": []}, answer=answer_for(pad, 0)
    )


def answer_for(pad, number):
    """Put a pad's answer into the words that its JavaScript reads."""
    blank = pad.picture is None
    return {
        "number": number,
        "picture": None if blank else pad.picture.ravel().tolist(),
        "probabilities": None if blank else pad.probabilities.tolist(),
        "message": pad.message,
    }


def plot_pad(pad):
    """Draw a pad as it is, or with an example if it is blank.

    Returns
    -------
    matplotlib.figure.Figure
        The drawing and its 28×28 pixels. There are no probabilities in it,
        so it is the same for every recogniser.
    """
    page = draw_page(pad.strokes or EXAMPLES[3])
    picture = to_mnist(page) if not pad.strokes else pad.picture
    figure, axes = plt.subplots(1, 2, figsize=(5, 2.7), layout="constrained")
    axes[0].imshow(page, cmap="gray", vmin=0, vmax=255)
    axes[0].set_title("draw here")
    if picture is not None:
        axes[1].imshow(picture, cmap="gray", vmin=0, vmax=255)
    axes[1].set_title("what the network sees")
    for axis in axes:
        axis.set(xticks=[], yticks=[])
    return figure


def describe_pad(pad):
    """Say in a sentence or two what :func:`plot_pad` shows."""
    if not pad.strokes:
        return (
            "A pad to draw digits on, with an example, a 3, and the 28×28 "
            "pixels that the network sees. Run this notebook to draw."
        )
    if pad.picture is None:
        return f"A pad with a drawing that is not read: {pad.message}"
    return (
        "A pad with a drawing, and the 28×28 pixels that the network sees. "
        f"It reads a {pad.probabilities.argmax()}."
    )
