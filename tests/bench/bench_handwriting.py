"""Measure how well single digits are read, and how fast.

    python -m tests.bench.bench_handwriting [--real folder/digits.csv]

The recogniser is a Keras model, by default that of notebook 3 in `results`.
Scenes are composed of MNIST's test digits with fixed seeds. The CSV of real
pictures has the columns `file`, a path from the CSV's folder, `digit`, and
perhaps `source`: pictures of one source are not independent.
"""

import argparse
import csv
import timeit
from collections import defaultdict
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from helpers.data import load_mnist
from helpers.handwriting import HandwritingError, to_mnist
from helpers.recogniser import load_recogniser, predict_digits
from mnist_digit_recognizer import MODEL
from tests.bench.bench_reader import interval
from tests.fixtures.scenes import FONTS, SCENES, blow_up, printed


def read(model, pictures):
    """Yield for each picture the digit, or None if it was refused."""
    for picture in pictures:
        try:
            yield int(predict_digits(model, to_mnist(picture)).argmax())
        except HandwritingError:
            yield None


def say(name, answers, labels):
    """Print how many are right, with a 95 % interval, refused and wrong."""
    right = sum(a == label for a, label in zip(answers, labels))
    refused = sum(a is None for a in answers)
    print(f"{name:28}{right:6} right{interval(right, len(labels))}"
          f"{refused:5} refused{len(labels) - right - refused:5} wrong",
          flush=True)


def measure_real(model, file):
    rows = list(csv.DictReader(file.open(encoding="utf-8")))
    answers = list(read(model, (file.parent / row["file"] for row in rows)))
    groups = defaultdict(list)
    for row, answer in zip(rows, answers):
        for name in (file.name, "  " + row.get("source", "")[-26:]):
            groups[name].append((answer, int(row["digit"])))
        if answer not in (None, int(row["digit"])):
            print(f"    wrong: {row['file']} read as {answer}")
    for name, pairs in groups.items():
        say(name, *zip(*pairs))


def composed(digits, count):
    """Yield names of kinds, their pictures, and what these show."""
    images, labels = (part[:count] for part in digits)
    for name, scene in SCENES.items():
        rng = np.random.default_rng(1)
        yield name, [scene(digit, rng) for digit in images], labels
    scans = load_digits()
    chosen = np.s_[::max(1, len(scans.images) // (20 * count))]
    yield ("scans of 8 by 8 pixels",
           np.uint8(scans.images[chosen] * 15.9), scans.target[chosen])
    yield "printed digits", [printed(digit, font) for font in FONTS
                             for digit in range(10)], [*range(10)] * len(FONTS)


def measure_speed(digits):
    photo = SCENES["small on a page"](digits[0][0], np.random.default_rng(0))
    for name, picture in {
        "28 by 28 pixels": digits[0][0],
        "drawing of 280 by 280": np.uint8(255 * blow_up(digits[0][0])),
        "photo of 1.1 megapixels": photo,
        "photo of 13 megapixels": np.kron(photo, np.ones((3, 4, 1), "u1")),
    }.items():
        seconds = min(timeit.repeat(
            lambda picture=picture: to_mnist(picture), number=1, repeat=10))
        print(f"{name:28}{1000 * seconds:8.1f} ms, the least of ten")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--real", type=Path, metavar="CSV",
                        help="pictures of real digits, with the truth")
    parser.add_argument("--count", type=int, default=24,
                        help="digits for each scene")
    options = parser.parse_args()
    recogniser, test = load_recogniser(options.model), load_mnist()[1]
    if options.real:
        measure_real(recogniser, options.real)
    for name, pictures, labels in composed(test, options.count):
        say(name, list(read(recogniser, pictures)), labels)
    measure_speed(test)
