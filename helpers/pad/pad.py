"""A pad to draw a digit on, with the network's answer beside it at once."""

import json
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
# One drawing for each digit: strokes, each a list of points (x, y), whose
# corners were cut off twice (G. Chaikin, 1974).
EXAMPLES = json.loads(Path(__file__).with_name("examples.json").read_text())


class DigitPad:
    """Draw a digit, and see at once what a recogniser makes of it.

    The last line of a cell, ``pad`` or ``display(pad)``, shows the pad: to
    draw on, where someone can (JupyterLab, VS Code, Colab), and as a still
    picture where a program executes the notebook. Takes a ``model`` as
    :func:`helpers.recogniser.predict_digits` does.

    ``strokes``, lists of (x, y), are the drawing, in percent of the page's
    side from its top left corner; ``picture``, of shape (28, 28), uint8, is
    what the network sees, and ``probabilities``, of shape (10,), float32, what
    it answers. Both are None if there is no digit; ``message`` says why.
    """

    def __init__(self, model):
        self.model = model
        self._widget = None
        self.draw([])

    def draw(self, strokes):
        """Replace the drawing, ``strokes`` as above, and ask the network."""
        self.strokes, self.message = strokes, ""
        self.picture = self.probabilities = None
        if strokes:
            try:
                self.picture = to_mnist(draw_page(strokes))
                (self.probabilities,) = predict_digits(
                    self.model, self.picture)
            except HandwritingError as error:
                self.message = str(error)

    def _ipython_display_(self):
        """Show the pad. IPython calls this."""
        if not someone_can_draw():
            show(plot_pad(self), alt=describe_pad(self))
            return
        try:
            self._widget = self._widget or open_widget(self)
            display(self._widget)
        except ImportError:
            print("To draw here, run %pip install anywidget in a cell, then "
                  "restart the kernel.")


def someone_can_draw():
    """Tell whether this cell was started by a reader, not by a program.

    A front end says with every cell whether somebody can answer ``input()``:
    JupyterLab and VS Code can; papermill, nbval and nbconvert cannot, and
    store no comm. Source: ``allow_stdin``, "Messaging in Jupyter".
    """
    if "google.colab" in sys.modules:  # it answers input() in its own way
        return True
    kernel = getattr(get_ipython(), "kernel", None)
    return kernel is not None and bool(
        kernel.get_parent().get("content", {}).get("allow_stdin"))


def draw_page(strokes):
    """Draw strokes as ink on paper.

    Takes lists of (x, y) in percent of the page's side; what lies outside is
    not on the page. Returns an array of shape (140, 140), uint8: 255 where
    paper is, 0 where ink is.
    """
    fine = 4 * SIDE  # drawn larger first, as Pillow's lines have rough edges
    page = Image.new("L", (fine, fine), 255)
    pencil = ImageDraw.Draw(page)
    scale, radius = fine / 100, PEN * fine / 200
    for stroke in strokes:
        points = [(x * scale, y * scale) for x, y in stroke]
        pencil.line(points, fill=0, width=round(2 * radius))
        for point in points:
            pencil.circle(point, radius, fill=0)
    return np.asarray(page.reduce(4))


def open_widget(pad):
    """Make the part of a pad that lives in the browser.

    It has the pad draw whatever is drawn there, and gives its answers.
    Returns an anywidget.AnyWidget. Raises ImportError without anywidget.
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
            blank = pad.picture is None
            self.answer = {
                "number": change.new["number"], "message": pad.message,
                "picture": None if blank else pad.picture.ravel().tolist(),
                "probabilities":
                    None if blank else pad.probabilities.tolist()}

    pad.draw(EXAMPLES[3])  # prepares the model before the first stroke
    return Widget(drawing={"number": 0, "strokes": []})


def plot_pad(pad):
    """Draw a pad, or an example: the same figure for every recogniser."""
    page = draw_page(pad.strokes or EXAMPLES[3])
    picture = pad.picture if pad.strokes else to_mnist(page)
    figure, axes = plt.subplots(1, 2, figsize=(5, 2.7), layout="constrained")
    for axis, image, title in zip(axes, (page, picture), (
            "draw here", "what the network sees")):
        if image is not None:
            axis.imshow(image, cmap="gray", vmin=0, vmax=255)
        axis.set(title=title, xticks=[], yticks=[])
    return figure


def describe_pad(pad):
    """Say in a sentence or two what :func:`plot_pad` shows."""
    if not pad.strokes:
        return ("A pad to draw digits on, with an example, a 3, and the 28×28 "
                "pixels that the network sees. Run this notebook to draw.")
    if pad.picture is None:
        return f"A pad with a drawing that is not read: {pad.message}"
    return ("A pad with a drawing, and the 28×28 pixels that the network "
            f"sees. It reads a {pad.probabilities.argmax()}.")
