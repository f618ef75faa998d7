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
from tests.fixtures.scenes import (
    INKS,
    PAPERS,
    blow_up,
    light,
    paint,
    place,
    ruled,
)

FILE = PROJECT / ".github" / "reading.png"


def compose(rng):
    """A digit that a person wrote, as if photographed on ruled paper."""
    train, _ = load_mnist()
    _, (images, labels) = split_validation(*train, size=10_000)
    digit = images[labels == 4][3]
    page = place(blow_up(digit), (420, 420), rng)
    page = np.maximum(page, ruled(page.shape, rng, darkness=0.5))
    shine = light(page.shape, rng)
    return paint(page, PAPERS[1], INKS[1], shine, 0.03, rng)


def draw(model):
    """Draw the steps from photo to answer; return the figure."""
    photo = compose(np.random.default_rng(3))
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
