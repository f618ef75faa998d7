"""Draw the README's picture, of the recogniser at work.

    python -m tests.tools.picture [model.keras]

The model is the one that `make run` trains, unless you name another one. The
photo is composed: a digit of the validation set, which the model has not
learned from, in ink on ruled paper in bad light. The answer is the model's.
"""

import sys

import numpy as np

from helpers.data import load_mnist, split_validation
from helpers.handwriting import plot_steps, to_mnist
from helpers.recogniser import load_recogniser, predict_digits
from mnist_digit_recognizer import MODEL, PROJECT
from tests.fixtures import scenes

FILE = PROJECT / ".github" / "reading.png"


def draw(model):
    """Draw the steps from photo to answer; return the figure."""
    rng = np.random.default_rng(3)
    _, (images, labels) = split_validation(*load_mnist()[0], size=10_000)
    photo = scenes.on_page(
        (420, 420), scenes.PAPERS[1], scenes.INKS[1], lines={},
        brightness=scenes.light(), noise=0.03)(images[labels == 4][3], rng)
    figure = plot_steps(photo)
    answer = predict_digits(model, to_mnist(photo)).argmax()
    names = ["photo", "gray", "dark on light", "ink", "cut out", "28 × 28"]
    for axis, name in zip(figure.axes, names):
        axis.set_title(name, fontsize=11)
    figure.supxlabel(f"The network reads: {answer}", fontsize=13)
    return figure


if __name__ == "__main__":
    draw(load_recogniser(*sys.argv[1:] or [MODEL])).savefig(
        FILE, dpi=100, metadata={"Software": None})
    print(FILE.relative_to(PROJECT))
